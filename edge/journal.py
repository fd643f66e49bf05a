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
from shared.errors import Conflict, Misconfigured, Unavailable
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
    """
    create table forgotten (seq integer not null, hash blob) strict;  -- the newest entry that is not kept any more
    insert into forgotten values (0, null);
    """,
)
VERIFIED_AT_START_MAX = 10_000  # entries; about 20 ms. Older ones are verified by head office when it takes them.


class DamagedJournal(Misconfigured):
    """The journal of this box is damaged at entry {seq}."""

    hint = "Keep the box switched on and call support; do not delete anything. Sell on another box meanwhile."


class EntryTooLarge(Conflict):
    """This is too large to be written down: {bytes} bytes."""

    hint = "Make two of it, for instance two baskets of one."


class EntriesForgotten(Unavailable):
    """Head office lost entries {first} to {last} of this box, which keeps them no more."""

    hint = "Selling goes on. Restore a newer backup of head office."


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
        """Append a fact, then let the other features act on it. Returns its seq.

        Raises EntryTooLarge: head office would not take it, and everything behind it would wait for ever.
        """
        seq, previous = head(tx, self.node_id)
        written = entry.write(seq + 1, ids.new_id(), fact, now, business_day)
        if len(written) > entry.ENTRY_BYTES_MAX:
            raise EntryTooLarge(bytes=len(written))
        row = (seq + 1, now.isoformat(), written, entry.chained(previous, written))
        tx.execute("insert into journal values (?, ?, ?, ?)", row)
        for handler in self.handlers.get(type(fact), ()):
            handler(tx, fact)
        return seq + 1


def head(tx: Transaction, node_id: str) -> tuple[int, bytes]:
    """Return the last entry's seq and hash; 0 and the node's genesis when there is none."""
    return tx.row("select seq, hash from journal order by seq desc limit 1") or forgotten(tx, node_id)


def forgotten(tx: Transaction, node_id: str) -> tuple[int, bytes]:
    """Return seq and hash of the newest entry that is not kept any more; 0 and the node's genesis before the first."""
    seq, known = tx.row("select seq, hash from forgotten")
    return seq, known if seq else entry.genesis(node_id)


def hash_at(tx: Transaction, node_id: str, seq: int) -> bytes | None:
    """Return the chain's hash after an entry; None where this box does not know it."""
    last_forgotten, known = forgotten(tx, node_id)
    if seq == last_forgotten:
        return known
    found: bytes | None = tx.value("select hash from journal where seq = ?", (seq,))
    return found


def forget(tx: Transaction, before: datetime, up_to_seq: int, limit: int) -> int:
    """Drop entries that head office holds and that are older than `before`; returns how many, `limit` at most.

    up_to_seq: those behind it are still needed here. What is dropped is the journal's beginning, never a hole in it.
    """
    last = min(up_to_seq, acknowledged_seq(tx))
    rows = tx.rows("select seq, at, hash from journal where seq <= ? order by seq limit ?", (last, limit))
    old = [seq for seq, at, _ in rows if datetime.fromisoformat(at) < before]
    if not old and rows and _is_any_older(tx, before, range(rows[-1][0] + limit, last + 1, limit)):
        old = [rows[-1][0]]
    if not old:
        return 0
    # What was written before an old entry is old, whatever the clock said then.
    gone = [(seq, known) for seq, _, known in rows if seq <= old[-1]]
    tx.execute("update forgotten set seq = ?, hash = ?", gone[-1])
    tx.execute("delete from journal where seq <= ?", (old[-1],))
    return len(gone)


def _is_any_older(tx: Transaction, before: datetime, seqs: Iterable[int]) -> bool:
    found = (written_at(tx, seq) for seq in seqs)
    return any(at is not None and at < before for at in found)


def send_again(tx: Transaction, node_id: str) -> None:
    """Let everything that is kept be sent once more."""
    tx.execute("update acknowledged set seq = ?", (forgotten(tx, node_id)[0],))


def acknowledged_seq(tx: Transaction) -> int:
    """Return how far head office holds this journal."""
    seq: int = tx.value("select seq from acknowledged")
    return seq


def unsent(tx: Transaction) -> list[tuple[int, bytes, bytes]]:
    """Return (seq, entry, hash) of the oldest entries that head office has not acknowledged, as many as fit a batch."""
    return following(tx, acknowledged_seq(tx))


def following(tx: Transaction, seq: int) -> list[tuple[int, bytes, bytes]]:
    """Return (seq, entry, hash) of the entries behind `seq`, as many as fit a batch."""
    query = "select seq, entry, hash from journal where seq > ? order by seq limit ?"
    rows = tx.rows(query, (seq, BATCH_ENTRIES_MAX))
    size = 0
    for index, (_, written, _) in enumerate(rows):
        size += len(written)
        if size > BATCH_BYTES_MAX and index:
            return rows[:index]
    return rows


def newest_at(tx: Transaction) -> datetime | None:
    """Return the time of the last entry."""
    at = tx.value("select at from journal order by seq desc limit 1")
    return datetime.fromisoformat(at) if at else None


def written_at(tx: Transaction, seq: int) -> datetime | None:
    """Return the time of an entry."""
    at = tx.value("select at from journal where seq = ?", (seq,))
    return datetime.fromisoformat(at) if at else None


def entries_after(tx: Transaction, seq: int, limit: int) -> list[tuple[int, bytes]]:
    """Return (seq, entry) of the entries behind `seq`, in order."""
    return tx.rows("select seq, entry from journal where seq > ? order by seq limit ?", (seq, limit))


def backlog(tx: Transaction) -> Backlog:
    """Return how much is not yet delivered, and since when."""
    acknowledged = acknowledged_seq(tx)
    newest: int = tx.value("select max(seq) from journal") or 0
    # Without gaps there is nothing to count: reading ten days of entries for it kept sales waiting.
    unsent = max(0, newest - acknowledged)
    return Backlog(unsent=unsent, oldest_unsent_at=written_at(tx, acknowledged + 1) if unsent else None)


def acknowledge(tx: Transaction, answer: Acknowledged, node_id: str) -> bool:
    """Take head office's word on what it holds, forwards or backwards; returns whether our journal agrees with it.

    A head office restored from an old copy acknowledges less than before and is sent the rest again. One that holds
    more than this box ever wrote, or other bytes, means that the box itself was set back: nothing is changed.
    Raises EntriesForgotten when head office was set back further than this box can remember.
    """
    last_forgotten, _ = forgotten(tx, node_id)
    if answer.seq < last_forgotten:
        raise EntriesForgotten(first=answer.seq + 1, last=last_forgotten)
    held = hash_at(tx, node_id, answer.seq) or b""
    if held.hex() != answer.head:
        return False
    tx.execute("update acknowledged set seq = ? where seq <> ?", (answer.seq, answer.seq))  # no write without news
    return True


def verify(tx: Transaction, node_id: str) -> None:
    """Check the chain over the newest entries. Raises DamagedJournal with the first that does not fit."""
    last, _ = head(tx, node_id)
    first = max(forgotten(tx, node_id)[0] + 1, last - VERIFIED_AT_START_MAX + 1)
    previous = hash_at(tx, node_id, first - 1) or b""
    expected = first
    for seq, written, stored in tx.rows("select seq, entry, hash from journal where seq >= ? order by seq", (first,)):
        if seq != expected or entry.chained(previous, written) != stored:
            raise DamagedJournal(seq=expected)
        previous = stored
        expected += 1
