"""A daemon as small as one can be: a shelf with doors of every kind."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from shared.api import openapi
from shared.api.live import Hub, stream
from shared.api.problems import answer_errors
from shared.api.routes import Routes, idempotency_key, install
from shared.errors import (
    Conflict,
    Denied,
    Invalid,
    Misconfigured,
    NotFound,
    ShopwrightError,
    Unauthenticated,
    Unavailable,
)
from shared.model.store import Language
from shared.model.strict import Code, Id, MinorFromZero, Name, Strict
from shared.model.tender import Tender

BODY_BYTES_MAX = 2_000
SECRET = "the shelf's own secret"
KINDS: dict[str, type[ShopwrightError]] = {
    kind.__name__: kind
    for kind in (Invalid, Unauthenticated, Denied, NotFound, Conflict, Unavailable, Misconfigured, ShopwrightError)
}


class Item(Strict):
    """A thing on the shelf."""

    sku: Code
    name: Name
    price_minor: MinorFromZero
    weight: float = 0.0
    tender: Tender | None = None


class ItemQuery(Strict):
    """Which things."""

    text: Annotated[str, Field(max_length=10)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 30
    language: Language = "en"


class Count(Strict):
    """How many there are."""

    count: int


class ShelfEmpty(Conflict):
    """Shelf {shelf_id} is empty."""

    hint = "Fill it."


routes = Routes("shelf")
HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
COUNT: web.AppKey[list[int]] = web.AppKey("count", list)


@routes.get("/items", summary="Things on the shelf")
async def list_items(request: web.Request, query: ItemQuery) -> Count:
    return Count(count=query.limit)


@routes.post("/items", summary="Put a thing on the shelf", status=201)
async def add_item(request: web.Request, body: Item) -> Item:
    """Puts it <at the end>."""
    return body


@routes.put("/shelves/{shelf_id}/size", summary="Count anew")
async def set_size(request: web.Request, shelf_id: Id, body: Count) -> Count:
    return body


@routes.delete("/items/{sku}", summary="Take a thing off")
async def remove_item(request: web.Request, sku: Code) -> None:
    idempotency_key(request)


@routes.get("/label/{sku}", summary="The thing's label")
async def show_label(request: web.Request, sku: Code) -> web.Response:
    return web.Response(text=f"label of {sku}")


@routes.get("/wrong/{kind}", summary="What goes wrong")
async def go_wrong(request: web.Request, kind: str) -> Count:
    if kind in KINDS:
        raise KINDS[kind](kind="thing", problem="it is so")
    if kind == "ShelfEmpty":
        raise ShelfEmpty(shelf_id=7, items=("a", "b"))
    raise RuntimeError(SECRET)


@routes.get("/live", summary="How many there are, as events")
async def watch(request: web.Request) -> web.StreamResponse:
    async def count() -> Count:
        return Count(count=request.app[COUNT][0])

    return await stream(request, request.app[HUB].states("shelf", count))


def application() -> web.Application:
    app = web.Application(middlewares=[answer_errors], client_max_size=BODY_BYTES_MAX)
    app[HUB] = Hub()
    app[COUNT] = [0]
    install(app, routes.routes)
    install(app, openapi.doors("Shelf <1>", "0.1", routes.routes, secured=True).routes)
    return app
