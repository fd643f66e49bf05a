"""Interpreting what the nodes sent: each node's entries in order, each in a savepoint of its own.

An entry that cannot be applied goes to the quarantine with its reason; those behind it flow on.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Column, DateTime, Integer, Row, String, Table, Text, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError, OperationalError

from cloud.database import Transaction, metadata
from cloud.head_office import JOURNAL, HeadOffice
from cloud.received import Handler, Received
from cloud.sync import intake
from shared.events.fact import Fact
from shared.protocol import entry
from shared.workers import happens

log = structlog.get_logger()

# One transaction: long enough to be quick, short enough to let intake through.
NODES_AT_ONCE, ENTRIES_AT_ONCE = 10, 100
LOOK_EVERY_S = 5.0  # should an announcement ever be missed

quarantine = Table(
    "quarantine",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("node_id", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)


async def keep_projecting(head_office: HeadOffice, handlers: Mapping[type[Fact], Sequence[Handler]]) -> None:
    """Interpret what arrives for as long as the service runs."""
    with head_office.hub.watching(JOURNAL) as arrived:
        while True:
            arrived.clear()
            while tenants := await head_office.db.write(project, handlers, head_office.clock.now()):
                for tenant_id in tenants:
                    head_office.tenant_changed(tenant_id)
            await happens(arrived, within_s=LOOK_EVERY_S)


def project(tx: Transaction, handlers: Mapping[type[Fact], Sequence[Handler]], now: datetime) -> set[str]:
    """Apply the next entries of every node that has some. Returns the tenants they belong to."""
    heads = intake.journal_heads
    tenants = set()
    for head in tx.execute(select(heads).where(heads.c.projected_seq < heads.c.seq).limit(NODES_AT_ONCE)).all():
        entries = intake.entries_after(tx, head.tenant_id, head.node_id, head.projected_seq, ENTRIES_AT_ONCE)
        for seq, written, received_at in entries:
            try:
                with tx.begin_nested():
                    _apply(tx, handlers, head, written, received_at)
            except OperationalError:
                raise  # the database is in trouble, not the entry
            except Exception as error:  # whatever one entry does, it must not hold up those behind it
                reason = str(error.orig) if isinstance(error, IntegrityError) else str(error) or type(error).__name__
                log.warning("entry_quarantined", node=head.node_id, seq=seq, reason=reason)
                row = {
                    "tenant_id": head.tenant_id,
                    "node_id": head.node_id,
                    "seq": seq,
                    "reason": reason,
                    "at": now,
                }
                tx.execute(insert(quarantine).on_conflict_do_nothing(), row)
        done = heads.update().where(heads.c.node_id == head.node_id)
        tx.execute(done.values(projected_seq=entries[-1][0]))
        tenants.add(head.tenant_id)
    return tenants


def _apply(
    tx: Transaction,
    handlers: Mapping[type[Fact], Sequence[Handler]],
    head: Row[Any],
    written: str,
    received_at: datetime,
) -> None:
    fact = entry.fact_of(entry.read(written))
    at = received_at.replace(tzinfo=received_at.tzinfo or UTC)
    received = Received(fact, head.tenant_id, head.store_id, head.node_id, at)
    for handler in handlers.get(type(fact), ()):
        handler(tx, received)


def quarantined(tx: Transaction, tenant_id: str) -> int:
    """Return how many of a tenant's entries wait for repair."""
    query = select(func.count()).select_from(quarantine).where(quarantine.c.tenant_id == tenant_id)
    return tx.execute(query).scalar_one()
