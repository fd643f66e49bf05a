"""Interpreting what the nodes sent: each node's entries in order, each in a savepoint of its own.

An entry that cannot be applied goes to the quarantine with its reason; those behind it flow on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from shared.clock import Clock
from shared.events.fact import Fact
from shared.protocol import entry
from shared.workers import happens

log = structlog.get_logger()

# One transaction: long enough to be quick. The time lets intake through, whatever the entries cost: it is looked at
# after each of them, so what a box can wait for is this and the one entry that costs most.
NODES_AT_ONCE, ENTRIES_AT_ONCE = 10, 100
AT_ONCE_S = 0.1
ENTRIES_READ = 10  # together: one may have 1 MB, and those behind the last one in time are read again
LOOK_EVERY_S = 5.0  # should an announcement ever be missed

Handling = Mapping[type[Fact], Sequence[Handler]]


@dataclass(frozen=True, slots=True)
class Projected:
    """What one transaction applied: entries of these tenants. last: the node that was served last, None for none."""

    tenants: frozenset[str]
    last: str | None


async def keep_projecting(head_office: HeadOffice, handlers: Handling) -> None:
    """Interpret what arrives for as long as the service runs."""
    last = ""
    with head_office.hub.watching(JOURNAL) as arrived:
        while True:
            arrived.clear()
            while True:
                done = await head_office.db.write(project, handlers, head_office.clock, last)
                if done.last is None:
                    break
                last = done.last
                for tenant_id in done.tenants:
                    head_office.tenant_changed(tenant_id)
                head_office.hub.announce(PROJECTED)
            await happens(arrived, within_s=LOOK_EVERY_S)


def project(tx: Transaction, handlers: Handling, clock: Clock, after: str = "") -> Projected:
    """Apply the next entries of nodes that have some, those behind the node `after` first and then from the beginning.

    So each node comes to its turn before any other has a second one, however much that one sends.
    """
    now, ends_s = clock.now(), clock.monotonic_s() + AT_ONCE_S
    tenants, last = set(), None
    for head in _waiting(tx, after):
        _project_node(tx, handlers, head, clock, now, ends_s)
        tenants.add(head.tenant_id)
        last = head.node_id
        if clock.monotonic_s() >= ends_s:
            break
    return Projected(frozenset(tenants), last)


def _waiting(tx: Transaction, after: str) -> list[Row[Any]]:
    """Return the heads whose turn it is."""
    heads = intake.journal_heads
    query = select(heads).where(heads.c.projected_seq < heads.c.seq).order_by(heads.c.node_id)
    found = list(tx.execute(query.where(heads.c.node_id > after).limit(NODES_AT_ONCE)))
    around = query.where(heads.c.node_id <= after).limit(NODES_AT_ONCE - len(found))
    return [*found, *tx.execute(around)]


def _project_node(
    tx: Transaction, handlers: Handling, head: Row[Any], clock: Clock, now: datetime, ends_s: float
) -> None:
    """Apply a node's next entries, one at least."""
    seq = head.projected_seq
    for seq, written, received_at in _entries(tx, head):
        refusal = attempt(tx, handlers, head, written, received_at)
        if refusal is not None:
            log.warning("entry_quarantined", node=head.node_id, seq=seq, reason=refusal.reason)
            quarantine.add(tx, (head.tenant_id, head.node_id, seq), refusal, now)
        if clock.monotonic_s() >= ends_s:
            break
    heads = intake.journal_heads
    tx.execute(heads.update().where(heads.c.node_id == head.node_id).values(projected_seq=seq))


def _entries(tx: Transaction, head: Row[Any]) -> Iterator[tuple[int, str, datetime]]:
    seq = head.projected_seq
    for _ in range(ENTRIES_AT_ONCE // ENTRIES_READ):
        part = intake.entries_after(tx, head.tenant_id, head.node_id, seq, ENTRIES_READ)
        yield from part
        if len(part) < ENTRIES_READ:
            return
        seq = part[-1][0]


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
