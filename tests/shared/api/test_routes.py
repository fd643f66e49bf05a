"""A handler gets what its signature says, or the request is refused."""

import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from tests.builders import STORE_ID
from tests.shared.api.shelf import BODY_BYTES_MAX

ITEM = {"sku": "milk", "name": "Milk", "price_minor": 120}
JSON = {"Content-Type": "application/json"}


async def refused(client: TestClient[Any, Any], body: bytes, **headers: str) -> dict[str, Any]:
    response = await client.post("/items", data=body, headers={**JSON, **headers})
    assert response.status == 400
    problem: dict[str, Any] = await response.json(content_type="application/problem+json")
    return problem


async def test_a_good_body_reaches_the_handler_and_its_answer_comes_back(client: TestClient[Any, Any]) -> None:
    response = await client.post("/items", json=ITEM)

    assert response.status == 201
    assert response.content_type == "application/json"
    assert await response.json() == {**ITEM, "weight": 0.0, "tender": None}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"price_minor": "120"}, "price_minor"),
        ({"price_minor": 120.0}, "price_minor"),
        ({"price_minor": True}, "price_minor"),
        ({"price_minor": -1}, "price_minor"),
        ({"price_minor": 10**14}, "price_minor"),
        ({"price_minor": None}, "price_minor"),
        ({"weight": float("nan")}, "weight"),
        ({"weight": float("inf")}, "weight"),
        ({"name": "x" * 201}, "name"),
        ({"sku": "a\u0000"}, "sku"),
        ({"tender": {"kind": "shells"}}, "tender"),
        ({"tender": {"kind": "cash", "amount_minor": 1}}, "tender.cash.tendered_minor"),
    ],
)
async def test_a_body_with_a_wrong_field_is_refused_by_its_name(
    client: TestClient[Any, Any], changes: dict[str, Any], field: str
) -> None:
    problem = await refused(client, json.dumps({**ITEM, **changes}).encode())

    assert (problem["code"], problem["status"]) == ("bad-request", 400)
    assert field in [wrong["field"] for wrong in problem["facts"]["fields"]]
    assert problem["title"].startswith(f"The request cannot be read: {problem['facts']['fields'][0]['field']}: ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"null",
        b'{"sku": "milk"',
        b'{"sku": "\xff\xfe", "name": "Milk", "price_minor": 1}',
        b'{"sku": "\\ud800", "name": "Milk", "price_minor": 1}',
        "{'sku': 'milk'}".encode("utf-16"),
        b"[" * 1_900,
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(client: TestClient[Any, Any], body: bytes) -> None:
    problem = await refused(client, body)

    assert problem["title"].startswith("The request cannot be read: the request: ")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])
async def test_a_body_that_is_not_declared_as_json_is_refused(client: TestClient[Any, Any], content_type: str) -> None:
    problem = await refused(client, json.dumps(ITEM).encode(), **{"Content-Type": content_type})

    assert problem["code"] == "not-json"


async def test_json_may_say_its_encoding(client: TestClient[Any, Any]) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}

    assert (await client.post("/items", data=json.dumps(ITEM), headers=headers)).status == 201


async def test_a_body_that_is_too_large_is_refused(client: TestClient[Any, Any]) -> None:
    response = await client.post("/items", data=b" " * (BODY_BYTES_MAX + 1), headers=JSON)

    assert response.status == 413
    assert (await response.json(content_type="application/problem+json"))["status"] == 413


async def test_of_many_wrong_fields_only_some_are_listed(client: TestClient[Any, Any]) -> None:
    problem = await refused(client, json.dumps({f"x{number}": 1 for number in range(100)}).encode())

    assert len(problem["facts"]["fields"]) == 20


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?limit=5&text=milk&language=he", 200),
        ("?limit=0", 400),
        ("?limit=101", 400),
        ("?limit=five", 400),
        ("?limit=5.5", 400),
        ("?text=12345678901", 400),
        ("?language=fr", 400),
        ("?page=2", 400),
    ],
)
async def test_a_query_is_checked_like_a_body(client: TestClient[Any, Any], query: str, status: int) -> None:
    assert (await client.get(f"/items{query}")).status == status


@pytest.mark.parametrize(
    ("shelf_id", "status"), [(STORE_ID, 200), ("7", 400), (STORE_ID.upper(), 400), (f"{STORE_ID}%0A", 400)]
)
async def test_a_name_in_the_path_is_checked_too(client: TestClient[Any, Any], shelf_id: str, status: int) -> None:
    assert (await client.put(f"/shelves/{shelf_id}/size", json={"count": 1})).status == status


async def test_an_answer_of_nothing_has_no_content(client: TestClient[Any, Any]) -> None:
    response = await client.delete("/items/milk")

    assert (response.status, await response.read()) == (204, b"")


async def test_a_finished_response_is_sent_as_it_is(client: TestClient[Any, Any]) -> None:
    assert await (await client.get("/label/milk%20jug")).text() == "label of milk jug"


@pytest.mark.parametrize(("key", "status"), [("x", 204), ("x" * 80, 204), ("x" * 81, 400), ("", 400)])
async def test_an_idempotency_key_has_a_length(client: TestClient[Any, Any], key: str, status: int) -> None:
    assert (await client.delete("/items/milk", headers={"Idempotency-Key": key})).status == status
