"""Doors for entries that could not be applied."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from cloud import callers
from cloud.head_office import HEAD_OFFICE, PROJECTED, HeadOffice
from cloud.repairs import service
from cloud.repairs.models import (
    CorrectRequest,
    EntryDetail,
    ReplayReport,
    ReplayRequest,
    ReplaysRequest,
    SetAsidePage,
    SetAsideQuery,
    SettleRequest,
)
from cloud.sync.projector import Handling
from cloud.sync.quarantine import Place
from shared.api.routes import Routes
from shared.model.strict import Id

routes = Routes("repairs")

HANDLERS: web.AppKey[Handling] = web.AppKey("handlers", dict)

Seq = Annotated[int, Field(ge=1, le=2**53)]


@routes.get("/api/quarantine", summary="Entries that could not be applied, by node and in order")
async def list_set_aside(request: web.Request, query: SetAsideQuery) -> SetAsidePage:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(service.page, tenant.id, query)


@routes.post("/api/quarantine/replays", summary="Apply all that wait once more")
async def replay_all(request: web.Request, body: ReplaysRequest) -> ReplayReport:
    """In order, each in a savepoint of its own. What is refused again stays with its new reason."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    handlers = request.app[HANDLERS]
    parts: list[service.Replayed] = []
    after: Place | None = service.FIRST
    while after is not None:
        now = head_office.clock.now()
        part = await head_office.db.write(
            service.replay_waiting, tenant.id, body.node_id, after, handlers, body.author, now
        )
        parts.append(part)
        after = part.after
    _tell(head_office, tenant.id)
    return service.report_of(parts)


@routes.get("/api/quarantine/{node_id}/{seq}", summary="One entry that is or was set aside, whole")
async def show_set_aside(request: web.Request, node_id: Id, seq: Seq) -> EntryDetail:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(service.detail, tenant.id, node_id, seq)


@routes.get("/api/quarantine/{node_id}/{seq}/entry", summary="The entry as its node wrote it, as a file")
async def download_entry(request: web.Request, node_id: Id, seq: Seq) -> web.Response:
    tenant = await callers.tenant_of(request)
    content = await request.app[HEAD_OFFICE].db.read(service.raw_entry, tenant.id, node_id, seq)
    name = f"entry-{node_id}-{seq}.json"
    return web.Response(
        body=content,
        headers={
            # Whatever a node wrote, no browser shall take it for a page.
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@routes.post("/api/quarantine/{node_id}/{seq}/replay", summary="Apply one entry once more")
async def replay_one(request: web.Request, node_id: Id, seq: Seq, body: ReplayRequest) -> EntryDetail:
    """A repeat changes nothing: an entry that is applied stays applied, once."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    place, handlers = (tenant.id, node_id, seq), request.app[HANDLERS]
    detail = await head_office.db.write(service.replay, place, handlers, body.author, head_office.clock.now())
    _tell(head_office, tenant.id)
    return detail


@routes.post("/api/quarantine/{node_id}/{seq}/settlement", summary="Let an entry wait no longer, with a note")
async def settle(request: web.Request, node_id: Id, seq: Seq, body: SettleRequest) -> EntryDetail:
    """It is not applied; the note says what was done instead. It can still be replayed or corrected."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    place, now = (tenant.id, node_id, seq), head_office.clock.now()
    detail = await head_office.db.write(service.settle, place, body, now)
    _tell(head_office, tenant.id)
    return detail


@routes.post("/api/quarantine/{node_id}/{seq}/correction", summary="Apply a corrected body instead of the raw one")
async def correct(request: web.Request, node_id: Id, seq: Seq, body: CorrectRequest) -> EntryDetail:
    """The entry itself never changes. What cannot be applied either is refused, and nothing is kept of it."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    place, handlers = (tenant.id, node_id, seq), request.app[HANDLERS]
    detail = await head_office.db.write(service.correct, place, body, handlers, head_office.clock.now())
    _tell(head_office, tenant.id)
    return detail


def _tell(head_office: HeadOffice, tenant_id: str) -> None:
    """Let screens read again, and days be checked anew."""
    head_office.tenant_changed(tenant_id)
    head_office.hub.announce(PROJECTED)
