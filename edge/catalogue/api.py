"""Doors for looking at what can be bought."""

import base64
import binascii
import json
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from edge.shop import SHOP
from shared.api.routes import Routes
from shared.currencies import exponent
from shared.errors import Invalid
from shared.model.store import Language
from shared.model.strict import Strict

routes = Routes("catalogue")


class BadCursor(Invalid):
    """The cursor is not one that was given out here."""

    hint = "Begin again without a cursor."


class ProductQuery(Strict):
    """Words that the name or the sku must hold, and where the last page ended."""

    query: Annotated[str, StringConstraints(max_length=100)] = ""
    cursor: Annotated[str, StringConstraints(max_length=500)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 30


class ProductView(Strict):
    """A product in the list; one without a price cannot be sold."""

    sku: str
    name: str
    category: str | None
    price_minor: int | None


class ProductPage(Strict):
    """Products by name; ask again with `next` as the cursor for more."""

    products: tuple[ProductView, ...]
    next: str | None


class StoreView(Strict):
    """The store, as a screen needs to know it."""

    code: str
    name: str
    country: str
    currency: str
    exponent: int
    language: Language
    cash_increment_minor: int
    asks_for_donations: bool
    donation_amounts_minor: tuple[int, ...]


@routes.get("/api/products", summary="Products by name")
async def list_products(request: web.Request, query: ProductQuery) -> ProductPage:
    catalogue = request.app[SHOP].catalogue
    offers = await catalogue.search(query.query, _read(query.cursor), query.limit)
    rows = [
        ProductView(
            sku=offer.product.sku,
            name=offer.product.name,
            category=offer.product.category,
            price_minor=offer.price_minor,
        )
        for offer in offers
    ]
    full = len(rows) == query.limit
    return ProductPage(products=tuple(rows), next=_write(rows[-1].name, rows[-1].sku) if full else None)


@routes.get("/api/store", summary="The store that this box serves")
async def show_store(request: web.Request) -> StoreView:
    store = request.app[SHOP].catalogue.store
    return StoreView(
        code=store.code,
        name=store.name,
        country=store.country,
        currency=store.currency,
        exponent=exponent(store.currency),
        language=store.language,
        cash_increment_minor=store.cash_rule.increment_minor,
        donation_amounts_minor=store.donation_amounts_minor,
        asks_for_donations=store.asks_for_donations,
    )


def _write(name: str, sku: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([name, sku]).encode()).decode()


def _read(cursor: str) -> tuple[str, str]:
    if not cursor:
        return ("", "")
    try:
        name, sku = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadCursor from error
    if not (isinstance(name, str) and isinstance(sku, str) and (name + sku).isprintable()):
        raise BadCursor
    return name, sku
