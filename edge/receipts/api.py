"""Doors for receipts."""

from aiohttp import web

from edge.callers import demand_attendant
from edge.receipts import service
from edge.receipts.models import Queued
from edge.shop import PRINTING, SHOP
from shared.api.routes import Routes, idempotency_key
from shared.model.strict import Id, Strict
from shared.receipts.document import Receipt

routes = Routes("receipts")


class CopyRequest(Strict):
    """Nothing to say: what is printed is known."""


@routes.get("/api/orders/{document_id}/receipt", summary="The receipt of an order or refund")
async def show_receipt(request: web.Request, document_id: Id) -> Receipt:
    shop = request.app[SHOP]
    return await shop.db.transact(service.receipt, document_id, shop.catalogue.store)


@routes.post("/api/orders/{document_id}/copies", summary="Print the receipt again, marked COPY", status=202)
async def print_copy(request: web.Request, document_id: Id, body: CopyRequest) -> Queued:
    shop = request.app[SHOP]
    job_id = await shop.db.transact(service.print_copy, document_id, shop.clock.now(), idempotency_key(request))
    shop.hub.announce(PRINTING)
    return Queued(job_id=job_id)


@routes.post("/api/days/open/prints", summary="Print what was sold since the last closing (X report)", status=202)
async def print_open_day(request: web.Request, body: CopyRequest) -> Queued:
    """Only for attendants."""
    demand_attendant(request)
    shop = request.app[SHOP]
    day = await shop.summed_day()
    node, now = shop.identity.enrolled, shop.clock.now()
    key = idempotency_key(request)
    job_id = await shop.db.transact(service.print_open_day, day, shop.catalogue.store, node, now, key)
    shop.hub.announce(PRINTING)
    return Queued(job_id=job_id)
