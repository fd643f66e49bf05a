"""The doors as a whole: described, bounded, and never with their insides on show."""

import asyncio
import json
from io import BytesIO
from random import Random
from typing import Any

import pytest
from openapi_spec_validator import validate

from edge import app
from shared.api.routes import Route
from tests.edge.small_shop import BARCODES, STAFF, UNKNOWN_ID, Till

ROUTES = [route for door in app.DOORS for route in door.routes.routes]
WRITING = [route for route in ROUTES if route.method in {"POST", "PUT"}]
BODIES = 50  # for each door


async def text_of(till: Till, path: str) -> tuple[int, str, str]:
    """Return status, content type and text."""
    async with till.http.get(till.url + path) as response:
        return response.status, response.content_type, await response.text()


async def test_the_interface_is_described_in_valid_openapi(till: Till) -> None:
    _, document = await till.call("GET", "/openapi.json")

    validate(document)
    assert document["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, doors in document["paths"].items() for method in doors}
    assert {(route.method, route.path) for route in ROUTES} <= described


async def test_the_interface_is_described_for_people(till: Till) -> None:
    status, kind, page = await text_of(till, "/docs")

    assert (status, kind) == (200, "text/html")
    assert all(route.path in page for route in ROUTES)
    assert "<script" not in page


async def test_the_front_door_leads_to_the_kiosk(till: Till) -> None:
    async with till.http.get(till.url + "/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/kiosk/")


@pytest.mark.parametrize("path", ["/kiosk/", "/kiosk/anything/below"])
async def test_the_kiosks_page_keeps_others_out(till: Till, path: str) -> None:
    async with till.http.get(till.url + path) as response:
        if response.status == 404:  # the screens were not built here
            assert (await response.json(content_type=None))["code"] == "screens-not-built"
            return
        headers = response.headers

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/kiosk/assets/..%2f..%2findex.html",
        "/kiosk/assets/..%2f..%2f..%2fapp.py",
        "/kiosk/assets/%2e%2e%2f%2e%2e%2fapp.py",
        "/kiosk/assets/..%5c..%5capp.py",
        "/kiosk/assets/%2fetc%2fpasswd",
        "/kiosk/assets/app.py%00.js",
        "/kiosk/assets/.",
    ],
)
async def test_nothing_but_the_assets_is_served(till: Till, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(till.url.rpartition(":")[2]))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())  # as it is, not tidied up
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()

    assert answer.split()[1] in {"404", "400"} or "<!doctype html" in answer.lower()
    assert "import asyncio" not in answer
    assert "root:" not in answer


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", {"Content-Type": "application/json"}, 400, "bad-request"),
        (b'{"code": "x"', {"Content-Type": "application/json"}, 400, "bad-request"),
        (b'{"code": "x"}', {"Content-Type": "text/plain"}, 400, "not-json"),
        (b'{"code": "x", "more": 1}', {"Content-Type": "application/json"}, 400, "bad-request"),
        (b'{"code": "\xff"}', {"Content-Type": "application/json"}, 400, "bad-request"),
        (b'{"code": ' + b"[" * 100_000, {"Content-Type": "application/json"}, 400, "bad-request"),
        (b" " * 1_100_000, {"Content-Type": "application/json"}, 413, "request-entity-too-large"),
    ],
)
async def test_a_request_that_is_none_is_told_why(
    till: Till, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    url = till.url + "/api/lanes/kiosk/scans"
    async with till.http.post(url, data=BytesIO(content), headers=headers) as response:
        problem = await response.json(content_type=None)

        assert (response.status, problem["code"]) == (status, code)
        assert response.content_type == "application/problem+json"
    assert problem["title"]
    assert problem["hint"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/none", 404), ("DELETE", "/api/products", 405)])
async def test_a_door_that_is_none_is_told(till: Till, method: str, path: str, status: int) -> None:
    answer, problem = await till.call(method, path)

    assert answer == status
    assert problem["hint"] == "Look at /docs for what exists."


@pytest.fixture
async def busy_till(till: Till) -> tuple[Till, dict[str, str]]:
    """A till with an order and a basket, and the names that fit into paths."""
    order = await till.sell("milk", "milk")
    basket = await till.fill("milk")
    names = {"basket_id": basket["id"], "order_id": order["id"], "document_id": order["id"], "refund_id": UNKNOWN_ID}
    return till, {**names, "lane": "kiosk", "number": "1", "name": "printer"}


@pytest.mark.parametrize("route", WRITING, ids=lambda route: f"{route.method} {route.path}")
async def test_no_body_makes_a_door_fail(busy_till: tuple[Till, dict[str, str]], route: Route) -> None:
    till, names = busy_till
    choice = Random(f"{route.method} {route.path}")
    path = route.path.format(**names)

    answers = []
    for _ in range(BODIES):
        body = json.dumps(a_body(choice, route), ensure_ascii=choice.random() < 0.5).encode("utf-8", "surrogatepass")
        headers = {"Content-Type": "application/json", **(STAFF if choice.random() < 0.8 else {})}
        async with till.http.request(route.method, till.url + path, data=body, headers=headers) as response:
            answers.append((response.status, body, await response.text()))

    assert [answer for answer in answers if answer[0] == 500] == []
    assert {status for status, _, _ in answers} <= {200, 202, 204, 400, 403, 404, 409, 503}


def a_body(choice: Random, route: Route) -> Any:
    """Return something that a door may get: mostly shaped as it should be, filled with anything."""
    if route.body is None or choice.random() < 0.1:
        return anything(choice, 3)
    names = list(route.body.model_fields)
    fields = {name: anything(choice, 3) for name in names if choice.random() < 0.95}
    if choice.random() < 0.1:
        fields["unknown"] = anything(choice, 1)
    return fields


LEAVES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 9_999, 10**9, 10**13, -(10**13), 2**63, 10**30, 0.5, 1e308, float("nan"), "", " ",
    "cash", "card", "test-approved", "\x00", "x" * 2_000, "\ud800", "חלב", "' or 1=1 --", *BARCODES.values(),
]  # fmt: skip
NAMES = ["kind", "card", "tendered_minor", "number", "quantity", "code", "sku", "x"]


def anything(choice: Random, depth: int) -> Any:
    match choice.randrange(6) if depth else 0:
        case 4:
            return [anything(choice, depth - 1) for _ in range(choice.randrange(4))]
        case 5:
            return {name: anything(choice, depth - 1) for name in choice.sample(NAMES, choice.randrange(4))}
    return choice.choice(LEAVES)
