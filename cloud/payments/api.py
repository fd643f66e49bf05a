"""Doors for nodes that take cards."""

import asyncio

from aiohttp import web

from cloud import callers
from cloud.head_office import HEAD_OFFICE
from cloud.payments import service
from shared.api.routes import Routes
from shared.protocol.payments import PaymentRequest, PaymentResult, VoidRequest

routes = Routes("payments")

SILENCE_S = 60.0  # longer than any node waits


@routes.post("/api/payments", summary="Charge a card once")
async def charge(request: web.Request, body: PaymentRequest) -> PaymentResult:
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    result = await head_office.write_for(node, service.charge, node, body, head_office.clock.now())
    if body.card == service.SILENT:
        await asyncio.sleep(SILENCE_S)
    return result


@routes.post("/api/payments/void", summary="Take a payment back")
async def void(request: web.Request, body: VoidRequest) -> PaymentResult:
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    return await head_office.write_for(node, service.void, node, body.id, head_office.clock.now())
