"""The service describes itself: for machines as OpenAPI, for people as a page."""

from html.parser import HTMLParser
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from cloud.app import DOORS
from tests.cloud.world import open_world

ROUTES = [route for door in DOORS for route in door.routes.routes]


async def test_the_document_is_valid_and_names_every_door(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        document = (await world.knock("GET", "/openapi.json")).body

    OpenAPIV31SpecValidator(document).validate()
    described = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    assert described == {(route.method, route.path) for route in ROUTES}


async def test_every_operation_has_a_summary_and_an_id_of_its_own(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        document = (await world.knock("GET", "/openapi.json")).body

    operations = [one for path in document["paths"].values() for one in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert all(operation["summary"].strip() for operation in operations)
    assert len(set(ids)) == len(ids) == len(ROUTES)


async def test_every_reference_in_the_document_leads_somewhere(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        answer = await world.knock("GET", "/openapi.json")

    def references(part: object) -> set[str]:
        if isinstance(part, list):
            return {found for one in part for found in references(one)}
        if not isinstance(part, dict):
            return set()
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own | {found for one in part.values() for found in references(one)}

    schemas = {f"#/components/schemas/{name}" for name in answer.body["components"]["schemas"]}
    assert references(answer.body) <= schemas


class Page(HTMLParser):
    """What a page shows and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.anchors |= {found["id"]} if "id" in found else set()
        self.links |= {found["href"]} if "href" in found else set()

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_the_page_for_people_shows_every_door_and_its_links_lead_somewhere(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        answer = await world.knock("GET", "/docs")
        page = Page(answer.body.decode())
        outward = [link for link in page.links if not link.startswith("#")]
        reached = [(await world.knock("GET", link)).status for link in outward]

    assert answer.headers["Content-Type"].startswith("text/html")
    assert all(route.path in page.text and route.summary in page.text for route in ROUTES)
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.anchors
    assert set(reached) == {200}
    assert "script" not in page.tags
