"""Whatever goes wrong is told in one form, and never more than the asker may know."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from structlog.testing import capture_logs

from shared.api.problems import STATUSES
from shared.errors import ShopwrightError
from tests.shared.api.shelf import KINDS, SECRET

EXPECTED = {
    "Invalid": 400,
    "Unauthenticated": 401,
    "Denied": 403,
    "NotFound": 404,
    "Conflict": 409,
    "Unavailable": 503,
    "Misconfigured": 500,
    "ShopwrightError": 500,
}


async def problem_of(client: TestClient[Any, Any], path: str) -> dict[str, Any]:
    response = await client.get(path)
    problem: dict[str, Any] = await response.json(content_type="application/problem+json")
    assert problem["status"] == response.status
    assert problem["type"] == f"urn:shopwright:{problem['code']}"
    return problem


@pytest.mark.parametrize(("kind", "status"), EXPECTED.items())
async def test_an_errors_class_decides_the_status(client: TestClient[Any, Any], kind: str, status: int) -> None:
    error = KINDS[kind](kind="thing", problem="it is so")

    problem = await problem_of(client, f"/wrong/{kind}")

    assert problem["status"] == status
    assert (problem["code"], problem["title"], problem["hint"]) == (error.code, error.title, error.hint)


def test_every_branch_of_the_tree_has_its_status() -> None:
    assert {kind.__name__ for kind in STATUSES} == EXPECTED.keys() - {"Misconfigured", "ShopwrightError"}
    assert all(issubclass(kind, ShopwrightError) for kind in STATUSES)


async def test_a_leaf_answers_as_its_branch_with_its_own_words_and_facts(client: TestClient[Any, Any]) -> None:
    assert await problem_of(client, "/wrong/ShelfEmpty") == {
        "type": "urn:shopwright:shelf-empty",
        "title": "Shelf 7 is empty.",
        "status": 409,
        "code": "shelf-empty",
        "hint": "Fill it.",
        "facts": {"shelf_id": 7, "items": ["a", "b"]},
    }


async def test_what_nobody_foresaw_is_logged_whole_and_told_without_its_insides(client: TestClient[Any, Any]) -> None:
    with capture_logs() as logs:
        response = await client.get("/wrong/otherwise")
        text = await response.text()

    assert response.status == 500
    problem = await response.json(content_type="application/problem+json")
    assert (problem["code"], problem.keys()) == ("internal", {"type", "title", "status", "code", "hint"})
    assert not any(inside in text for inside in (SECRET, "RuntimeError", "go_wrong", "otherwise"))
    assert [(entry["event"], entry["path"], entry["exc_info"]) for entry in logs] == [
        ("request_failed", "/wrong/otherwise", True)
    ]


@pytest.mark.parametrize(("kind", "is_logged"), [("Unavailable", True), ("Misconfigured", True), ("NotFound", False)])
async def test_what_is_our_own_trouble_is_logged(client: TestClient[Any, Any], kind: str, is_logged: bool) -> None:
    with capture_logs() as logs:
        await client.get(f"/wrong/{kind}")

    assert [entry["event"] for entry in logs] == ["request_refused"] * is_logged


async def test_a_door_that_does_not_exist_is_a_problem_too(client: TestClient[Any, Any]) -> None:
    problem = await problem_of(client, "/nowhere")

    assert (problem["status"], problem["code"]) == (404, "not-found")
    assert problem["title"]
    assert problem["hint"]


async def test_a_method_that_does_not_exist_is_a_problem_too(client: TestClient[Any, Any]) -> None:
    response = await client.post("/label/milk")

    assert (await response.json(content_type="application/problem+json"))["code"] == "method-not-allowed"
    assert response.status == 405
