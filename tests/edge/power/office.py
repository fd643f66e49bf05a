"""Head office's real intake and projector over a database in memory, so that each of many cuts can have its own."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.pool import StaticPool

import cloud.app  # noqa: F401 (every feature has its tables)
from cloud.database import Transaction, metadata
from cloud.fleet import storage as fleet
from cloud.orders import service as orders_service
from cloud.orders import storage as orders
from cloud.received import Node
from cloud.sync import intake, projector, quarantine
from cloud.tenants import storage as tenants
from cloud.tenants.models import Tenant
from edge.fleet.models import Identity
from edge.sync.client import HeadOfficeRefused
from shared.model.store import Store
from shared.protocol import batch
from shared.protocol.batch import BATCH_ENTRIES_MAX, Backlog, Batch, BrokenChain
from tests.edge.small_shop import STORE, STORE_ID, TENANT_ID, HandClock

# Pricing every order again is another test's work, and most of the time.
HANDLERS = {fact: (handler,) for fact, handler in orders_service.handlers.items()}

Entry = tuple[int, bytes, bytes]  # seq, entry, hash


def build() -> Engine:
    """Return a database in memory with head office's tables."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("begin")

    metadata.create_all(engine)
    with engine.begin() as tx:
        tenants.add(tx, Tenant(id=TENANT_ID, name="Corner shops"), "", HandClock().now())
        fleet.add_store(tx, TENANT_ID, Store.model_validate_json(json.dumps(STORE)))
    return engine


@dataclass(slots=True)
class Office:
    """Head office as one node knows it: it answers as the client for the real one does."""

    tx: Transaction
    identity: Identity
    told: None = None  # it says nothing of the time

    async def send(self, path: str, body: BaseModel, answer: type[Any]) -> Any:
        node = Node(self.identity.node_id, TENANT_ID, STORE_ID, self.identity.key.public_key().public_bytes_raw())
        if path == "/api/contacts":
            return intake.held(self.tx, node)
        assert path == "/api/journal"
        assert isinstance(body, Batch)
        try:
            return intake.take(self.tx, node, body, HandClock().now())
        except BrokenChain as error:
            raise HeadOfficeRefused(problem=str(error), code=error.code) from error

    async def receive(self, entries: Sequence[Entry]) -> None:
        """Take what the node had sent before the power went."""
        for first in range(0, len(entries), BATCH_ENTRIES_MAX):
            part = entries[first : first + BATCH_ENTRIES_MAX]
            written = [entry for _, entry, _ in part]
            signed = batch.sign(
                self.identity.key, self.identity.node_id, part[0][0], written, part[-1][2], Backlog(unsent=len(part))
            )
            await self.send("/api/journal", signed, object)

    def books(self) -> tuple[Counter[str], Counter[str], int]:
        """Interpret what arrived. Returns orders and refunds, and entries, each with its count; and the quarantine."""
        while projector.project(self.tx, HANDLERS, HandClock()).last:
            pass
        documents = Counter(self.tx.execute(select(orders.orders.c.id)).scalars())
        documents.update(self.tx.execute(select(orders.refunds.c.id)).scalars())
        entries = Counter(self.tx.execute(select(intake.journal.c.entry)).scalars())
        return documents, entries, quarantine.count(self.tx, TENANT_ID)


@contextmanager
def opened(engine: Engine, identity: Identity) -> Iterator[Office]:
    """Open a head office that has heard nothing yet, and forget what it hears."""
    with engine.connect() as tx:
        yield Office(tx, identity)
        tx.rollback()
