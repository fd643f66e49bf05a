"""The outbox, and how long the daemon ran since it has one."""

from collections.abc import Iterable

from edge.broker.models import Promised
from edge.database import Transaction

MIGRATIONS = (
    """
    create table outbox (
        seq integer primary key,
        id text not null,
        receiver text not null,
        topic text not null,
        body text not null,
        born_s real not null  -- on the daemon's own count of seconds
    ) strict;
    create unique index outbox_by_receipt on outbox (receiver, id);
    create index outbox_by_receiver on outbox (receiver, seq);
    create table running (seconds real not null) strict;
    insert into running values (0);
    """,
)


def add(tx: Transaction, message_id: str, receiver: str, topic: str, body: str) -> None:
    query = """insert into outbox (id, receiver, topic, body, born_s) select ?, ?, ?, ?, seconds from running"""
    tx.execute(query, (message_id, receiver, topic, body))


def oldest(tx: Transaction, receiver: str, limit: int) -> list[Promised]:
    query = "select id, receiver, topic, body from outbox where receiver = ? order by seq limit ?"
    return [Promised(*row) for row in tx.rows(query, (receiver, limit))]


def remove(tx: Transaction, receiver: str, ids: Iterable[str]) -> int:
    """Return how many there were."""
    removed = 0
    for message_id in ids:
        tx.execute("delete from outbox where receiver = ? and id = ?", (receiver, message_id))
        removed += tx.changes()
    return removed


def add_running_s(tx: Transaction, seconds: float) -> None:
    """Count on, while there is something whose age matters."""
    tx.execute("update running set seconds = seconds + ? where exists (select 1 from outbox)", (seconds,))


def remove_older(tx: Transaction, than_s: float) -> int:
    """Remove messages that waited for longer than so many seconds of running; returns how many."""
    tx.execute("delete from outbox where born_s < (select seconds from running) - ?", (than_s,))
    return tx.changes()


def remove_beyond(tx: Transaction, count: int) -> int:
    """Remove the oldest until so many are left; returns how many went."""
    tx.execute("delete from outbox where seq <= (select seq from outbox order by seq desc limit 1 offset ?)", (count,))
    return tx.changes()


def remove_strangers(tx: Transaction, receivers: Iterable[str]) -> int:
    """Remove what waits for nobody who is still configured; returns how many."""
    names = tuple(receivers)
    marks = ", ".join("?" * len(names))
    tx.execute(f"delete from outbox where receiver not in ({marks})", names)  # noqa: S608, only marks
    return tx.changes()
