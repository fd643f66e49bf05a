"""The interface describes itself, to machines and to people."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.api.openapi import document, page
from shared.api.routes import Routes
from tests.shared.api import shelf

WHOLE = document("Shelf", "0.1", shelf.routes.routes, secured=True)


def operation(path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = WHOLE["paths"][path][method]
    return found


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(part) for part in value.values()))
    return set().union(*(references(part) for part in value)) if isinstance(value, list) else set()


def test_the_document_is_openapi_3_1() -> None:
    assert WHOLE["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(WHOLE).iter_errors()) == []
    assert json.loads(json.dumps(WHOLE)) == WHOLE


def test_a_validator_that_finds_nothing_would_find_something() -> None:
    broken = {**WHOLE, "paths": {"/x": {"get": {"responses": {"200": {}}}}}}

    assert list(OpenAPIV31SpecValidator(broken).iter_errors()) != []


def test_every_reference_leads_somewhere() -> None:
    known = {f"#/components/schemas/{name}" for name in WHOLE["components"]["schemas"]}

    assert references(WHOLE) <= known
    assert "#/components/schemas/CashTender" in references(WHOLE)  # of a model inside a model


def test_every_door_is_described_once_by_a_name_of_its_own() -> None:
    described = [
        (path, method, door["operationId"]) for path, doors in WHOLE["paths"].items() for method, door in doors.items()
    ]

    assert {(path, method) for path, method, _ in described} == {
        (route.path, route.method.lower()) for route in shelf.routes.routes
    }
    assert len({name for *_, name in described}) == len(described)


def test_a_body_and_its_answer_are_their_models() -> None:
    add = operation("/items", "post")

    reference = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
    assert add["requestBody"] == {"required": True, "content": reference}
    assert add["responses"]["201"] == {"description": "Created", "content": reference}
    assert set(add["responses"]) == {"201", "default"}
    assert WHOLE["components"]["schemas"]["Item"]["additionalProperties"] is False


def test_a_query_and_a_path_are_parameters() -> None:
    query = {(one["name"], one["in"], one["required"]) for one in operation("/items", "get")["parameters"]}
    path = {
        (one["name"], one["in"], one["required"]) for one in operation("/shelves/{shelf_id}/size", "put")["parameters"]
    }

    assert query == {("text", "query", False), ("limit", "query", False), ("language", "query", False)}
    assert path == {("shelf_id", "path", True), ("Idempotency-Key", "header", False)}


def test_an_answer_of_nothing_is_204() -> None:
    assert operation("/items/{sku}", "delete")["responses"]["204"] == {"description": "No Content"}


@pytest.mark.parametrize("secured", [True, False])
def test_a_secured_interface_says_so(secured: bool) -> None:
    whole = document("Shelf", "0.1", shelf.routes.routes, secured=secured)

    assert ("security" in whole) is secured
    assert list(OpenAPIV31SpecValidator(whole).iter_errors()) == []


def test_an_interface_without_doors_is_valid_too() -> None:
    assert (
        list(OpenAPIV31SpecValidator(document("Wall", "0.1", Routes("none").routes, secured=False)).iter_errors()) == []
    )


async def test_the_document_is_served(client: TestClient[Any, Any]) -> None:
    served = await (await client.get("/openapi.json")).json()

    assert served["info"] == {"title": "Shelf <1>", "version": "0.1"}
    assert served["paths"] == WHOLE["paths"]


class Page(HTMLParser):
    """What a browser would find on a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links |= {value or "" for name, value in attrs if name == "href"}

    def handle_data(self, data: str) -> None:
        self.words += data


async def test_people_find_every_door_and_model_on_one_page(client: TestClient[Any, Any]) -> None:
    response = await client.get("/docs")
    shown = Page(await response.text())

    assert (response.status, response.content_type) == (200, "text/html")
    assert all(route.path in shown.words and route.summary in shown.words for route in shelf.routes.routes)
    assert set(WHOLE["components"]["schemas"]) == set(shown.ids)
    assert {link.removeprefix("#") for link in shown.links if link.startswith("#")} <= set(shown.ids)


def test_the_page_has_no_script_and_shows_brackets_as_text() -> None:
    shown = Page(page(document("Shelf <1>", "0.1", shelf.routes.routes, secured=True)))

    assert "script" not in shown.tags
    assert "Shelf <1> 0.1" in shown.words
    assert "Puts it <at the end>." in shown.words
