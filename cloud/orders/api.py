"""Doors for orders."""

from aiohttp import web

from cloud import callers
from cloud.database import Transaction
from cloud.head_office import HEAD_OFFICE
from cloud.orders import service
from cloud.orders.models import OrderDetail, OrderPage, OrderQuery, OrderTotals
from cloud.sync import quarantine
from shared.api.routes import Routes
from shared.model.strict import Id
from shared.receipts.document import Receipt

routes = Routes("orders")


@routes.get("/api/orders", summary="Orders, newest first")
async def list_orders(request: web.Request, query: OrderQuery) -> OrderPage:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(
        service.page, tenant.id, query.store_id, query.query, int(query.cursor) if query.cursor else None, query.limit
    )


@routes.get("/api/orders/{order_id}", summary="One order, whole, with its refunds")
async def show_order(request: web.Request, order_id: Id) -> OrderDetail:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(service.detail, tenant.id, order_id)


@routes.get("/api/orders/{order_id}/receipt", summary="The receipt that the store printed")
async def show_receipt(request: web.Request, order_id: Id) -> Receipt:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(service.receipt, tenant.id, order_id)


@routes.get("/api/totals", summary="What all orders and refunds come to")
async def show_totals(request: web.Request) -> OrderTotals:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(_totals, tenant.id)


def _totals(tx: Transaction, tenant_id: str) -> OrderTotals:
    return OrderTotals(currencies=service.totals(tx, tenant_id), quarantined=quarantine.count(tx, tenant_id))
