"""Doors for nodes: the journal up, the feed down. Each caller is a node, proven by its own signature."""

import base64
from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from cloud import callers
from cloud.alarms import service as alarms
from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.head_office import HEAD_OFFICE, JOURNAL, HeadOffice
from cloud.nodes import branches
from cloud.received import Node
from cloud.sync import feed, intake, snapshot
from cloud.sync.positions import Position
from shared.api.files import send_file, send_pieces
from shared.api.routes import Routes
from shared.errors import NotFound
from shared.model.strict import Count, Id, Strict
from shared.protocol import batch as batches
from shared.protocol.batch import Acknowledged, Backlog, BadSignature, Batch, BrokenChain, HexDigest
from shared.protocol.enrolment import Certificate, Enrolled, ReturnRequest, read_certificate
from shared.protocol.feed import WAIT_S_MAX, FeedPage
from shared.protocol.neighbours import Delivery, NeighbourReturn
from shared.protocol.snapshot import CODING, HEADER
from shared.workers import happens

routes = Routes("nodes")


class FeedQuery(Strict):
    """How far the node has come."""

    cursor: Count = 0
    head: HexDigest | None = None  # that it was told with its cursor
    # For news, if none are there.
    wait_s: Annotated[float, Field(ge=0, le=WAIT_S_MAX, allow_inf_nan=False)] | None = None


@routes.post("/api/journal", summary="Deliver journal entries")
async def take_journal(request: web.Request, body: Batch) -> Acknowledged:
    """Safe to repeat in any order: the answer says how far the journal is held, and that is the truth."""
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    now = head_office.clock.now()
    try:
        acknowledged = await head_office.write_for(node, _take, node, body, now)
    except (BadSignature, BrokenChain) as error:
        await head_office.write_for(node, _refused, node, body, error.facts, now)
        head_office.tenant_changed(node.tenant_id)
        raise
    head_office.hub.announce(JOURNAL)
    head_office.tenant_changed(node.tenant_id)
    return acknowledged


def _take(tx: Transaction, node: Node, batch: Batch, now: datetime) -> Acknowledged:
    acknowledged, is_news = intake.take_on(tx, node, batch, now)
    _heard(tx, node, batch, acknowledged.seq, now)
    owner = (node.tenant_id, node.id)
    if node.is_retired:
        alarms.happened(tx, owner, "retired", now)
    if acknowledged.seq == batch.last_seq:  # so it knows all that is held
        alarms.journal_went_on(tx, owner, acknowledged.seq, now, is_news=is_news)
    return acknowledged


def _heard(tx: Transaction, node: Node, batch: Batch, held_seq: int, now: datetime) -> None:
    """Note what a node still has to send. held_seq: up to where its journal is here; a gap keeps it from growing."""
    told_seq = batch.first_seq - 1 + batch.backlog.unsent
    fleet.contact(tx, node.id, now, told_seq, held_seq, batch.backlog.oldest_unsent_at)


def _refused(tx: Transaction, node: Node, batch: Batch, facts: dict[str, Any], now: datetime) -> None:
    """Keep in mind that a node's batch was refused, and why: it will say so itself to nobody."""
    _heard(tx, node, batch, batch.first_seq - 1, now)  # nothing of it was taken
    _alarmed(tx, node, batch, facts, now)


def _alarmed(
    tx: Transaction, node: Node, batch: Batch, facts: dict[str, Any], now: datetime, by: Node | None = None
) -> None:
    """Raise an alarm about a batch. by: who delivered it, where that is another box; its alarms are told apart."""
    owner, subject, told = (node.tenant_id, node.id), alarms.OTHERS, {}
    if by is not None:
        subject, told = by.id, {"by": fleet.node(tx, by.tenant_id, by.id).name}
    if trouble := facts.get("trouble"):
        alarms.happened(tx, owner, trouble, now, subject, seq=facts["seq"], held_seq=facts["held_seq"], **told)
    else:
        other = fleet.signer(tx, node, batch)
        signer = other.name if other else None
        alarms.happened(tx, owner, "foreign_key", now, subject, seq=batch.last_seq, signer=signer, **told)


@routes.post("/api/journal/branches", summary="Deliver journal entries of a box that was set back to an older copy")
async def take_branch(request: web.Request, body: Batch) -> Acknowledged:
    """Its entries may contradict what is held of it: they are kept beside. The answer is about the box's own way."""
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    acknowledged = await head_office.write_for(node, _take_branch, node, body, head_office.clock.now())
    head_office.hub.announce(JOURNAL)
    head_office.tenant_changed(node.tenant_id)
    return acknowledged


def _take_branch(tx: Transaction, node: Node, batch: Batch, now: datetime) -> Acknowledged:
    acknowledged = branches.take(tx, node, batch, now)
    _heard(tx, node, batch, acknowledged.seq, now)
    return acknowledged


@routes.post("/api/journal/copies", summary="Deliver journal entries of another node of the store, which it signed")
async def take_copy(request: web.Request, body: Delivery) -> Acknowledged:
    """For a box that has no line, or is no more. As safe to repeat as the box's own deliveries."""
    by = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    node = await head_office.read_for(by, fleet.neighbour_of, by, body.node_id)
    now = head_office.clock.now()
    try:
        acknowledged = await head_office.write_for(by, _take_copy, node, body.batch, now, by)
    except (BadSignature, BrokenChain) as error:
        await head_office.write_for(by, _alarmed, node, body.batch, error.facts, now, by)
        head_office.tenant_changed(node.tenant_id)
        raise
    head_office.hub.announce(JOURNAL)
    head_office.tenant_changed(node.tenant_id)
    return acknowledged


@routes.get("/api/journal/copies/{node_id}", summary="How far another node's journal is held")
async def show_held(request: web.Request, node_id: Id) -> Acknowledged:
    node = await callers.node_of(request)
    return await request.app[HEAD_OFFICE].read_for(node, _held, node, node_id)


def _held(tx: Transaction, by: Node, node_id: str) -> Acknowledged:
    return intake.held(tx, fleet.neighbour_of(tx, by, node_id))


def _take_copy(tx: Transaction, node: Node, batch: Batch, now: datetime, by: Node) -> Acknowledged:
    acknowledged = intake.take(tx, node, batch, now)
    alarms.passed(tx, (node.tenant_id, node.id), "broken", now, by.id)  # what it brought damaged came through
    fleet.delivered(tx, node.id, acknowledged.seq)
    if node.is_retired:
        alarms.happened(tx, (node.tenant_id, node.id), "retired", now)
    return acknowledged


@routes.get("/api/enrolment", summary="What the node is, with its certificate")
async def show_enrolment(request: web.Request) -> Enrolled:
    """For nodes that were enrolled before there were certificates."""
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    enrolled = await head_office.read_for(node, fleet.enrolled, node.id)
    return enrolled.model_copy(update={"signing_key": head_office.signing_key})


@routes.post("/api/returns", summary="Be known again to a head office that was restored from an older copy")
async def come_back(request: web.Request, body: ReturnRequest) -> Enrolled:
    """The certificate says whose the node is, the caller's signature that it is that node. Safe to repeat."""
    head_office = request.app[HEAD_OFFICE]
    shown = callers.certificate_of(request, body.certificate)
    async with head_office.turns.of(shown.node_id):
        enrolled = await head_office.db.write(_take_in_again, shown, head_office.clock.now())
    head_office.tenant_changed(enrolled.tenant_id)
    return enrolled.model_copy(update={"signing_key": head_office.signing_key})


@routes.post("/api/returns/neighbours", summary="Make a node of the store known again that is no more")
async def bring_back(request: web.Request, body: NeighbourReturn) -> Acknowledged:
    """Its certificate says whose it is, a batch that it signed that the caller has entries of it. Safe to repeat."""
    by = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    shown = read_certificate(body.certificate, head_office.signing_key)
    if (shown.tenant_id, shown.store_id) != (by.tenant_id, by.store_id):
        raise NotFound(kind="node", node=shown.node_id)
    batches.verify(body.batch, bytes.fromhex(shown.public_key), shown.node_id)
    acknowledged = await head_office.write_for(by, _bring_back, by, shown, head_office.clock.now())
    head_office.tenant_changed(by.tenant_id)
    return acknowledged


def _bring_back(tx: Transaction, by: Node, shown: Certificate, now: datetime) -> Acknowledged:
    _take_in_again(tx, shown, now)
    return intake.held(tx, fleet.neighbour_of(tx, by, shown.node_id))


def _take_in_again(tx: Transaction, shown: Certificate, now: datetime) -> Enrolled:
    enrolled, was_forgotten = fleet.take_in_again(tx, shown)
    if was_forgotten:
        alarms.happened(tx, (enrolled.tenant_id, enrolled.node_id), "returned", now)
    return enrolled


@routes.post("/api/contacts", summary="Say that a node is there")
async def hear(request: web.Request, body: Backlog) -> Acknowledged:
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    acknowledged = await head_office.write_for(node, _hear, node, body, head_office.clock.now())
    head_office.tenant_changed(node.tenant_id)
    return acknowledged


def _hear(tx: Transaction, node: Node, backlog: Backlog, now: datetime) -> Acknowledged:
    held = intake.held(tx, node)
    fleet.contact(tx, node.id, now, held.seq + backlog.unsent, held.seq, backlog.oldest_unsent_at)
    if node.is_retired:
        alarms.lasts(tx, (node.tenant_id, node.id), "retired", now)
    return held


@routes.get("/api/feed", summary="What is newer than a cursor")
async def show_feed(request: web.Request, query: FeedQuery) -> FeedPage:
    """With `wait_s` an answer without news is held back until there are some, or until the time is over.

    Who waits has no turn meanwhile: the node's other requests are served.
    """
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    with head_office.hub.watching(feed.topic(node.tenant_id), feed.topic(node.tenant_id, node.store_id)) as published:
        page = await _page(head_office, node, query)
        if query.wait_s and not page.rows and page.newest >= query.cursor:
            await happens(published, within_s=query.wait_s)
            page = await _page(head_office, node, query)
    return page


async def _page(head_office: HeadOffice, node: Node, query: FeedQuery) -> FeedPage:
    now = head_office.clock.now()  # before the look: the page holds everything up to then
    page = await head_office.read_for(node, _newer, node, query)
    if page.newest >= query.cursor:
        head_office.positions.note(node.id, Position(node.tenant_id, query.cursor, None if page.rows else now))
    if query.wait_s is None:
        return page.model_copy(update={"head": None})  # older boxes refuse fields that they do not know
    return page.model_copy(update={"at": now, "signing_key": head_office.signing_key})


def _newer(tx: Transaction, node: Node, query: FeedQuery) -> FeedPage:
    if query.head and query.cursor and feed.is_of_lost_past(tx, node.tenant_id, query.cursor, query.head):
        return FeedPage(rows=(), cursor=0, more=False, newest=0)  # nothing that it has counts: it takes a snapshot
    return feed.page(tx, node.tenant_id, node.store_id, query.cursor)


@routes.get("/api/feed/snapshot", summary="The whole catalogue as a SQLite file")
async def show_snapshot(request: web.Request) -> web.StreamResponse:
    """Packed for whoever accepts zstd: then it can be fetched in parts (`Range` with `If-Range`), and comes with its
    signed manifest. `Repr-Digest` (RFC 9530) tells the SHA-256 of what is sent, packed or not.
    """
    node = await callers.node_of(request)
    snapshots = request.app[HEAD_OFFICE].snapshots
    etag = request.headers.get("If-Range") if "Range" in request.headers else None
    shipped = (await snapshots.begun(node, etag) if etag else None) or await snapshots.newest(node)
    manifest = shipped.manifest
    headers = {"Content-Type": "application/vnd.sqlite3", "Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if CODING not in request.headers.get("Accept-Encoding", ""):
        headers |= {"Repr-Digest": _digest(manifest.file_sha256)}
        return await send_pieces(request, snapshot.unpacked(shipped.path), manifest.file_size, headers)
    headers |= {"Content-Encoding": CODING, "Repr-Digest": _digest(manifest.sha256), HEADER: shipped.proof}
    return await send_file(request, shipped.path, manifest.size, manifest.etag, headers)


def _digest(sha256: str) -> str:
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
