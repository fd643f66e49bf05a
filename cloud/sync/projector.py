"""Interpreting what the nodes sent: each node's entries in order, each in a savepoint of its own.

An entry that cannot be applied goes to the quarantine with its reason; those behind it flow on.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Row, select
from sqlalchemy.exc import DBAPIError

from cloud.database import Transaction, is_trouble
from cloud.head_office import JOURNAL, PROJECTED, HeadOffice
from cloud.received import Handler, Received
from cloud.sync import intake, quarantine
from cloud.sync.quarantine import Refusal
from shared.events.fact import Fact
from shared.protocol import entry
from shared.workers import happens

log = structlog.get_logger()

# One transaction: long enough to be quick, short enough to let intake through.
NODES_AT_ONCE, ENTRIES_AT_ONCE = 10, 100
LOOK_EVERY_S = 5.0  # should an announcement ever be missed

Handling = Mapping[type[Fact], Sequence[Handler]]


async def keep_projecting(head_office: HeadOffice, handlers: Handling) -> None:
    """Interpret what arrives for as long as the service runs."""
    with head_office.hub.watching(JOURNAL) as arrived:
        while True:
            arrived.clear()
            while tenants := await head_office.db.write(project, handlers, head_office.clock.now()):
                for tenant_id in tenants:
                    head_office.tenant_changed(tenant_id)
                head_office.hub.announce(PROJECTED)
            await happens(arrived, within_s=LOOK_EVERY_S)


def project(tx: Transaction, handlers: Handling, now: datetime) -> set[str]:
    """Apply the next entries of every node that has some. Returns the tenants they belong to."""
    heads = intake.journal_heads
    tenants = set()
    for head in tx.execute(select(heads).where(heads.c.projected_seq < heads.c.seq).limit(NODES_AT_ONCE)).all():
        entries = intake.entries_after(tx, head.tenant_id, head.node_id, head.projected_seq, ENTRIES_AT_ONCE)
        for seq, written, received_at in entries:
            refusal = attempt(tx, handlers, head, written, received_at)
            if refusal is not None:
                log.warning("entry_quarantined", node=head.node_id, seq=seq, reason=refusal.reason)
                quarantine.add(tx, (head.tenant_id, head.node_id, seq), refusal, now)
        done = heads.update().where(heads.c.node_id == head.node_id)
        tx.execute(done.values(projected_seq=entries[-1][0]))
        tenants.add(head.tenant_id)
    return tenants


def attempt(
    tx: Transaction,
    handlers: Handling,
    head: Row[Any],
    written: str,
    received_at: datetime,
    instead: Fact | None = None,
) -> Refusal | None:
    """Apply one entry in a savepoint of its own; returns why it could not be, None when it was.

    head: of the node's journal. instead: what is applied in the entry's place.
    """
    try:
        with tx.begin_nested():
            _apply(tx, handlers, head, instead or entry.fact_of(entry.read(written)), received_at)
    except Exception as error:  # whatever one entry does, it must not hold up those behind it
        if isinstance(error, DBAPIError) and is_trouble(error):
            raise  # the database is, not the entry
        return Refusal.of(written, error)
    return None


def _apply(tx: Transaction, handlers: Handling, head: Row[Any], fact: Fact, received_at: datetime) -> None:
    at = received_at.replace(tzinfo=received_at.tzinfo or UTC)
    received = Received(fact, head.tenant_id, head.store_id, head.node_id, head.author_id or head.node_id, at)
    for handler in handlers.get(type(fact), ()):
        handler(tx, received)
