"""Doors for filling a basket: scan, pick, change a quantity, start over."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from edge import intake
from edge.baskets import service
from edge.baskets.models import BasketView, view
from edge.shop import SHOP
from shared.api.routes import Routes, idempotency_key
from shared.model.strict import Code, Id, Strict

routes = Routes("baskets")


LineNumber = Annotated[int, Field(ge=1, le=10**6)]


class ScanRequest(Strict):
    """What was scanned or typed."""

    code: Annotated[str, StringConstraints(max_length=1_000)]


class PickRequest(Strict):
    """A product that was picked from the list."""

    sku: Code


class QuantityRequest(Strict):
    """How many units of a line there shall be; 0 takes it out."""

    quantity: Annotated[int, Field(ge=-(10**9), le=10**9)]


@routes.post("/api/lanes/{lane}/scans", summary="Put what was scanned into the lane's basket")
async def scan(request: web.Request, lane: Code, body: ScanRequest) -> BasketView:
    shop = request.app[SHOP]
    basket = await intake.scan(shop, lane, body.code, idempotency_key(request))
    return view(basket, shop.catalogue.store.cash_rule)


@routes.post("/api/lanes/{lane}/picks", summary="Put a product from the list into the lane's basket")
async def pick(request: web.Request, lane: Code, body: PickRequest) -> BasketView:
    shop = request.app[SHOP]
    basket = await intake.put(shop, lane, shop.catalogue.picked(body.sku), idempotency_key(request))
    return view(basket, shop.catalogue.store.cash_rule)


@routes.put("/api/baskets/{basket_id}/lines/{number}", summary="Set how many units of a line there are")
async def set_quantity(request: web.Request, basket_id: Id, number: LineNumber, body: QuantityRequest) -> BasketView:
    shop = request.app[SHOP]
    basket = await shop.db.transact(service.set_quantity, basket_id, number, body.quantity, shop.pricing())
    shop.basket_changed(basket)
    return view(basket, shop.catalogue.store.cash_rule)


@routes.delete("/api/baskets/{basket_id}", summary="Give a basket up")
async def abandon(request: web.Request, basket_id: Id) -> None:
    shop = request.app[SHOP]
    shop.basket_changed(await shop.db.transact(service.abandon, basket_id, shop.pricing()))
