"""Doors for the boxes that use quotas, and for who looks after them."""

from aiohttp import web

from cloud import callers
from cloud.head_office import HEAD_OFFICE
from cloud.uses import service
from cloud.uses.models import ExceptionPage, ExceptionQuery, Recovered
from shared.api.routes import Routes
from shared.model.strict import Id
from shared.protocol.uses import Balance, BalanceRequest, Reservation, ReservationRequest, Returned, ReturnRequest

routes = Routes("uses")


@routes.get("/api/specials/exceptions", summary="Uses that were one too many, newest first")
async def list_exceptions(request: web.Request, query: ExceptionQuery) -> ExceptionPage:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(service.exceptions, tenant.id, query.cursor, query.limit)


@routes.post("/api/uses/balances", summary="What is left on a voucher's code")
async def show_balance(request: web.Request, body: BalanceRequest) -> Balance:
    """Only for nodes. Nothing is reserved."""
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    return await head_office.read_for(node, service.balance, node, body, head_office.clock.now())


@routes.delete("/api/nodes/{node_id}/leases", summary="Take back what a box was leased, as it is gone for good")
async def recover(request: web.Request, node_id: Id) -> Recovered:
    """Boxes that are not heard of for some days lose their leases by themselves; this is for those known to be gone."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    return await head_office.db.write(service.recover, tenant.id, node_id, head_office.clock.now())


@routes.post("/api/uses/reservations", summary="Reserve uses for a basket that is being paid")
async def reserve(request: web.Request, body: ReservationRequest) -> Reservation:
    """Only for nodes. A repeat for the same basket is the same reservation."""
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    return await head_office.write_for(node, service.reserve, node, body, head_office.clock.now())


@routes.post("/api/uses/reservations/return", summary="Give back what was reserved for a payment that never was")
async def give_back(request: web.Request, body: ReturnRequest) -> Returned:
    """Only for nodes."""
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    await head_office.write_for(node, service.give_back, node, body, head_office.clock.now())
    return Returned(basket_id=body.basket_id)
