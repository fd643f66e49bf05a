"""Doors for stores, nodes and enrolment."""

from datetime import timedelta

from aiohttp import web

from cloud import callers
from cloud.fleet import service
from cloud.fleet.models import NewNode, NodeRequest, RetiredNode, SettingsRequest, StoreList, StoreRequest
from cloud.head_office import HEAD_OFFICE
from shared.api.routes import Routes, idempotency_key
from shared.model.store import Store
from shared.model.strict import Id
from shared.protocol.enrolment import Enrolled, EnrolmentRequest

routes = Routes("fleet")


@routes.post("/api/stores", summary="Open a store", status=201)
async def open_store(request: web.Request, body: StoreRequest) -> Store:
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    now, key = head_office.clock.now(), idempotency_key(request)
    store = await head_office.db.write(service.open_store, tenant.id, body, now, key)
    head_office.tenant_changed(tenant.id)
    return store


@routes.get("/api/stores", summary="All stores")
async def list_stores(request: web.Request) -> StoreList:
    tenant = await callers.tenant_of(request)
    return StoreList(stores=tuple(await request.app[HEAD_OFFICE].db.read(service.stores, tenant.id)))


@routes.put("/api/stores/{store_id}/settings", summary="Change a store's settings")
async def change_store(request: web.Request, store_id: Id, body: SettingsRequest) -> Store:
    """All of them at once. What is sold from then on goes by them; a store's country and currency never change."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    store = await head_office.db.write(service.change_store, tenant.id, store_id, body)
    head_office.tenant_changed(tenant.id)
    return store


@routes.post("/api/stores/{store_id}/nodes", summary="Prepare a node and get its one-time code", status=201)
async def add_node(request: web.Request, store_id: Id, body: NodeRequest) -> NewNode:
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    valid_for = timedelta(hours=head_office.config.enrolment_code_hours)
    now, key = head_office.clock.now(), idempotency_key(request)
    node = await head_office.db.write(service.add_node, tenant.id, store_id, body, now, valid_for, key)
    head_office.tenant_changed(tenant.id)
    return node


@routes.post("/api/nodes/{node_id}/retirement", summary="Retire a node and its series for good")
async def retire_node(request: web.Request, node_id: Id) -> RetiredNode:
    """What replaces a box is a new node with a new series. What the old one still sends is taken, with an alarm."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    retired = await head_office.db.write(service.retire, tenant.id, node_id, head_office.clock.now())
    head_office.tenant_changed(tenant.id)
    return retired


@routes.post("/api/enrolments", summary="Enrol a box with a one-time code")
async def enrol(request: web.Request, body: EnrolmentRequest) -> Enrolled:
    """Needs no key: the code is the proof. A box may repeat its own enrolment when the answer was lost."""
    head_office = request.app[HEAD_OFFICE]
    enrolled = await head_office.db.write(service.enrol, body.code, body.public_key, head_office.clock.now())
    head_office.tenant_changed(enrolled.tenant_id)
    return enrolled.model_copy(update={"signing_key": head_office.signing_key})
