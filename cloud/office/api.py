"""Doors for head office's screen: its state, once or live."""

from datetime import datetime

from aiohttp import web

from cloud import callers
from cloud.alarms import service as alarms
from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.fleet.models import NodeHealth
from cloud.head_office import HEAD_OFFICE, HeadOffice, tenant_topic
from cloud.office.models import NodeView, OfficeView, StoreView
from cloud.orders import service as orders
from cloud.promotions import recheck
from cloud.sync import feed, intake, quarantine
from cloud.tenants.models import Tenant
from shared.api.live import stream
from shared.api.routes import Routes
from shared.currencies import exponent

routes = Routes("office")

ORDERS_SHOWN = 30
PAUSE_S = 0.5  # the least time between two pictures, however much arrives


@routes.get("/api/office", summary="Stores, nodes and the newest orders")
async def show_office(request: web.Request) -> OfficeView:
    tenant = await callers.tenant_of(request)
    return await office_view(request.app[HEAD_OFFICE], tenant)


@routes.get("/api/office/live", summary="The same, as server-sent events")
async def watch_office(request: web.Request) -> web.StreamResponse:
    """Each event's data is a whole `OfficeView`: one at once and one after every change."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    topic = tenant_topic(tenant.id)
    return await stream(request, head_office.hub.states(topic, lambda: office_view(head_office, tenant), PAUSE_S))


async def office_view(head_office: HeadOffice, tenant: Tenant) -> OfficeView:
    """Read the whole picture in one transaction."""
    return await head_office.db.read(_office_view, tenant, head_office.clock.now())


def _office_view(tx: Transaction, tenant: Tenant, now: datetime) -> OfficeView:
    nodes = fleet.nodes(tx, tenant.id)
    seqs = intake.seqs(tx, tenant.id)
    behind = feed.behind(tx, tenant.id, {(node.store_id, node.feed_cursor) for node in nodes})
    return OfficeView(
        now=now,
        tenant_name=tenant.name,
        stores=tuple(
            StoreView(
                id=store.id,
                code=store.code,
                name=store.name,
                country=store.country,
                currency=store.currency,
                exponent=exponent(store.currency),
                language=store.language,
                nodes=tuple(
                    _node(node, seqs.get(node.id, 0), behind.get((node.store_id, node.feed_cursor)))
                    for node in nodes
                    if node.store_id == store.id
                ),
            )
            for store in fleet.stores(tx, tenant.id)
        ),
        orders=orders.page(tx, tenant.id, None, "", None, ORDERS_SHOWN).orders,
        orders_total=orders.count(tx, tenant.id),
        quarantined=quarantine.count(tx, tenant.id),
        alarms=alarms.count_open(tx, tenant.id),
        promotion_alarms=recheck.alarms_waiting(tx, tenant.id),
    )


def _node(node: NodeHealth, journal_seq: int, rows_behind: int | None) -> NodeView:
    return NodeView(
        id=node.id,
        name=node.name,
        series=node.series,
        enrolled=node.is_enrolled,
        last_contact_at=node.last_contact_at,
        unsent=node.unsent,
        oldest_unsent_at=node.oldest_unsent_at,
        journal_seq=journal_seq,
        software_version=node.software_version,
        left_out=node.left_out,
        rows_behind=rows_behind,
        prices_as_of=node.feed_fresh_at,
        retired_at=node.retired_at,
    )
