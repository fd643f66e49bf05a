"""The node's journal: what happened here, in order, without gaps, chained; a part of the transaction it records.

`record` is the only way in. It writes the entry and calls the handlers of other features inside the same transaction,
so a fact and everything that follows from it are kept together or not at all.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from edge.database import Transaction
from shared import ids
from shared.errors import Misconfigured
from shared.events.fact import Fact
from shared.protocol import entry
from shared.protocol.batch import BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, Acknowledged, Backlog

Handler = Callable[[Transaction, Any], None]

MIGRATIONS = (
    """
    create table journal (
        seq integer primary key,
        at text not null,
        entry blob not null,
        hash blob not null
    ) strict;
    create table acknowledged (seq integer not null) strict;
    insert into acknowledged values (0);
    """,
)
VERIFIED_AT_START_MAX = 10_000  # entries; about 20 ms. Older ones are verified by head office when it takes them.


class DamagedJournal(Misconfigured):
    """The journal of this box is damaged at entry {seq}."""

    hint = "Keep the box switched on and call support; do not delete anything. Sell on another box meanwhile."


@dataclass(frozen=True)
class Journal:
    """Writes for one node. Handlers are found by the fact's class."""

    node_id: str
    handlers: Mapping[type[Fact], tuple[Handler, ...]]

    @classmethod
    def of(cls, node_id: str, handlers: Iterable[Mapping[type[Fact], Handler]]) -> "Journal":
        """Gather the handlers of all features, in the order in which the features stand."""
        found: dict[type[Fact], tuple[Handler, ...]] = {}
        for feature in handlers:
            for fact, handler in feature.items():
                found[fact] = (*found.get(fact, ()), handler)
        return cls(node_id, found)

    def record(self, tx: Transaction, fact: Fact, now: datetime, business_day: date) -> int:
        """Append a fact, then let the other features act on it. Returns its seq."""
        seq, previous = head(tx, self.node_id)
        written = entry.write(seq + 1, ids.new_id(), fact, now, business_day)
        row = (seq + 1, now.isoformat(), written, entry.chained(previous, written))
        tx.execute("insert into journal values (?, ?, ?, ?)", row)
        for handler in self.handlers.get(type(fact), ()):
            handler(tx, fact)
        return seq + 1


def head(tx: Transaction, node_id: str) -> tuple[int, bytes]:
    """Return the last entry's seq and hash; 0 and the node's genesis when there is none."""
    last = tx.row("select seq, hash from journal order by seq desc limit 1")
    return last or (0, entry.genesis(node_id))


def unsent(tx: Transaction) -> list[tuple[int, bytes, bytes]]:
    """Return (seq, entry, hash) of the oldest entries that head office has not acknowledged, as many as fit a batch."""
    query = "select seq, entry, hash from journal where seq > (select seq from acknowledged) order by seq limit ?"
    rows = tx.rows(query, (BATCH_ENTRIES_MAX,))
    size = 0
    for index, (_, written, _) in enumerate(rows):
        size += len(written)
        if size > BATCH_BYTES_MAX and index:
            return rows[:index]
    return rows


def backlog(tx: Transaction) -> Backlog:
    """Return how much is not yet delivered, and since when."""
    count, oldest = tx.row("select count(*), min(at) from journal where seq > (select seq from acknowledged)")
    return Backlog(unsent=count, oldest_unsent_at=datetime.fromisoformat(oldest) if oldest else None)


def acknowledge(tx: Transaction, answer: Acknowledged, node_id: str) -> bool:
    """Take head office's word on what it holds, forwards or backwards; returns whether our journal agrees with it.

    A head office restored from an old copy acknowledges less than before and is sent the rest again. One that holds
    more than this box ever wrote, or other bytes, means that the box itself was set back: nothing is changed.
    """
    if answer.seq == 0:
        held = entry.genesis(node_id)
    else:
        held = tx.value("select hash from journal where seq = ?", (answer.seq,)) or b""
    if held.hex() != answer.head:
        return False
    tx.execute("update acknowledged set seq = ?", (answer.seq,))
    return True


def verify(tx: Transaction, node_id: str) -> None:
    """Check the chain over the newest entries. Raises DamagedJournal with the first that does not fit."""
    last, _ = head(tx, node_id)
    first = max(1, last - VERIFIED_AT_START_MAX + 1)
    previous = tx.value("select hash from journal where seq = ?", (first - 1,)) or entry.genesis(node_id)
    expected = first
    for seq, written, stored in tx.rows("select seq, entry, hash from journal where seq >= ? order by seq", (first,)):
        if seq != expected or entry.chained(previous, written) != stored:
            raise DamagedJournal(seq=expected)
        previous = stored
        expected += 1
