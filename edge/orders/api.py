"""Doors for orders and refunds."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from edge.callers import demand_attendant
from edge.orders import service
from edge.orders.models import OrderPage, RefundRequest
from edge.shop import SHOP
from shared.api.routes import Routes
from shared.model.order import Order, Refund
from shared.model.strict import Id, Strict

routes = Routes("orders")


class OrderQuery(Strict):
    """Where the last page ended."""

    cursor: Annotated[str, StringConstraints(max_length=36)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 50


@routes.get("/api/orders", summary="This box's orders, newest first")
async def list_orders(request: web.Request, query: OrderQuery) -> OrderPage:
    demand_attendant(request)
    return await request.app[SHOP].db.transact(service.page, query.cursor or None, query.limit)


@routes.get("/api/orders/{order_id}", summary="One order, whole")
async def show_order(request: web.Request, order_id: Id) -> Order:
    return await request.app[SHOP].db.transact(service.order, order_id)


@routes.put("/api/orders/{order_id}/refunds/{refund_id}", summary="Take goods back for cash")
async def refund(request: web.Request, order_id: Id, refund_id: Id, body: RefundRequest) -> Refund:
    """The caller mints the refund's id (a UUID), so a repeat is the same refund. Only for attendants."""
    demand_attendant(request)
    shop = request.app[SHOP]
    given = await shop.db.transact(
        service.refund,
        order_id,
        body.lines,
        refund_id,
        shop.catalogue.store,
        shop.identity.enrolled,
        shop.journal,
        shop.clock.now(),
    )
    if given.is_new:
        shop.metrics.refunds.inc()
        shop.entry_written()
    return given.refund
