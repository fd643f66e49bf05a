"""Doors for nodes: the journal up, the feed down. Each caller is a node, proven by its own signature."""

import base64
import hashlib
from datetime import datetime
from typing import Any

from aiohttp import web

from cloud import callers
from cloud.alarms import service as alarms
from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.head_office import HEAD_OFFICE, JOURNAL
from cloud.received import Node
from cloud.sync import feed, intake, snapshot
from shared.api.routes import Routes
from shared.model.strict import Count, Strict
from shared.protocol.batch import Acknowledged, Backlog, BadSignature, Batch, BrokenChain
from shared.protocol.feed import FeedPage

routes = Routes("nodes")


class FeedQuery(Strict):
    """How far the node has come."""

    cursor: Count = 0


@routes.post("/api/journal", summary="Deliver journal entries")
async def take_journal(request: web.Request, body: Batch) -> Acknowledged:
    """Safe to repeat in any order: the answer says how far the journal is held, and that is the truth."""
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    now = head_office.clock.now()
    try:
        acknowledged = await head_office.db.write(_take, node, body, now)
    except (BadSignature, BrokenChain) as error:
        await head_office.db.write(_refused, node, body, error.facts, now)
        head_office.tenant_changed(node.tenant_id)
        raise
    head_office.hub.announce(JOURNAL)
    head_office.tenant_changed(node.tenant_id)
    return acknowledged


def _take(tx: Transaction, node: Node, batch: Batch, now: datetime) -> Acknowledged:
    left = max(0, batch.backlog.unsent - len(batch.entries))
    fleet.contact(tx, node.id, now, left, batch.backlog.oldest_unsent_at if left else None)
    acknowledged = intake.take(tx, node, batch, now)
    owner = (node.tenant_id, node.id)
    if node.is_retired:
        alarms.happened(tx, owner, "retired", now)
    if acknowledged.seq == batch.last_seq:  # so it knows all that is held
        alarms.journal_went_on(tx, owner, acknowledged.seq, now)
    return acknowledged


def _refused(tx: Transaction, node: Node, batch: Batch, facts: dict[str, Any], now: datetime) -> None:
    """Keep in mind that a node's batch was refused, and why: it will say so itself to nobody."""
    fleet.contact(tx, node.id, now, batch.backlog.unsent, batch.backlog.oldest_unsent_at)
    owner = (node.tenant_id, node.id)
    if trouble := facts.get("trouble"):
        alarms.happened(tx, owner, trouble, now, seq=facts["seq"], held_seq=facts["held_seq"])
    else:
        other = fleet.signer(tx, node, batch)
        alarms.happened(tx, owner, "foreign_key", now, seq=batch.last_seq, signer=other.name if other else None)


@routes.post("/api/contacts", summary="Say that a node is there")
async def hear(request: web.Request, body: Backlog) -> Acknowledged:
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    acknowledged = await head_office.db.write(_hear, node, body, head_office.clock.now())
    head_office.tenant_changed(node.tenant_id)
    return acknowledged


def _hear(tx: Transaction, node: Node, backlog: Backlog, now: datetime) -> Acknowledged:
    fleet.contact(tx, node.id, now, backlog.unsent, backlog.oldest_unsent_at)
    if node.is_retired:
        alarms.lasts(tx, (node.tenant_id, node.id), "retired", now)
    return intake.held(tx, node)


@routes.get("/api/feed", summary="What is newer than a cursor")
async def show_feed(request: web.Request, query: FeedQuery) -> FeedPage:
    node = await callers.node_of(request)
    return await request.app[HEAD_OFFICE].db.read(feed.page, node.tenant_id, node.store_id, query.cursor)


@routes.get("/api/feed/snapshot", summary="The whole catalogue as a SQLite file")
async def show_snapshot(request: web.Request) -> web.Response:
    """The `Repr-Digest` header (RFC 9530) tells the file's SHA-256."""
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    folder = head_office.folder / snapshot.FOLDER
    content = await head_office.db.read(snapshot.build, node.tenant_id, node.store_id, folder)
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return web.Response(
        body=content,
        headers={"Content-Type": "application/vnd.sqlite3", "Repr-Digest": f"sha-256=:{digest}:"},
    )
