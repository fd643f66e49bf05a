"""Doors for nodes: the journal up, the feed down. Each caller is a node, proven by its own signature."""

import base64
import hashlib
from datetime import datetime

from aiohttp import web

from cloud import callers
from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.head_office import HEAD_OFFICE, JOURNAL
from cloud.received import Node
from cloud.sync import feed, intake, snapshot
from shared.api.routes import Routes
from shared.model.strict import Count, Id, Strict
from shared.protocol.batch import Acknowledged, Backlog, Batch
from shared.protocol.feed import FeedPage
from shared.protocol.neighbours import Delivery

routes = Routes("nodes")


class FeedQuery(Strict):
    """How far the node has come."""

    cursor: Count = 0


@routes.post("/api/journal", summary="Deliver journal entries")
async def take_journal(request: web.Request, body: Batch) -> Acknowledged:
    """Safe to repeat in any order: the answer says how far the journal is held, and that is the truth."""
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    acknowledged = await head_office.db.write(_take, node, body, head_office.clock.now())
    head_office.hub.announce(JOURNAL)
    head_office.tenant_changed(node.tenant_id)
    return acknowledged


def _take(tx: Transaction, node: Node, batch: Batch, now: datetime) -> Acknowledged:
    left = max(0, batch.backlog.unsent - len(batch.entries))
    fleet.contact(tx, node.id, now, left, batch.backlog.oldest_unsent_at if left else None)
    return intake.take(tx, node, batch, now)


@routes.post("/api/journal/copies", summary="Deliver journal entries of another node of the store, which it signed")
async def take_copy(request: web.Request, body: Delivery) -> Acknowledged:
    """For a box that has no line, or is no more. As safe to repeat as the box's own deliveries."""
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    acknowledged = await head_office.db.write(_take_copy, node, body, head_office.clock.now())
    head_office.hub.announce(JOURNAL)
    head_office.tenant_changed(node.tenant_id)
    return acknowledged


@routes.get("/api/journal/copies/{node_id}", summary="How far another node's journal is held")
async def show_held(request: web.Request, node_id: Id) -> Acknowledged:
    node = await callers.node_of(request)
    return await request.app[HEAD_OFFICE].db.read(_held, node, node_id)


def _held(tx: Transaction, by: Node, node_id: str) -> Acknowledged:
    return intake.held(tx, fleet.neighbour_of(tx, by, node_id))


def _take_copy(tx: Transaction, by: Node, delivery: Delivery, now: datetime) -> Acknowledged:
    return intake.take(tx, fleet.neighbour_of(tx, by, delivery.node_id), delivery.batch, now)


@routes.post("/api/contacts", summary="Say that a node is there")
async def hear(request: web.Request, body: Backlog) -> Acknowledged:
    node = await callers.node_of(request)
    head_office = request.app[HEAD_OFFICE]
    acknowledged = await head_office.db.write(_hear, node, body, head_office.clock.now())
    head_office.tenant_changed(node.tenant_id)
    return acknowledged


def _hear(tx: Transaction, node: Node, backlog: Backlog, now: datetime) -> Acknowledged:
    fleet.contact(tx, node.id, now, backlog.unsent, backlog.oldest_unsent_at)
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
