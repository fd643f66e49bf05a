"""Requests that were already done: a repeat with the same Idempotency-Key changes nothing a second time."""

from datetime import datetime, timedelta

from edge.database import Transaction
from shared.errors import Conflict

MIGRATIONS = (
    "create table requests (key text primary key, meaning text not null, at text not null) strict, without rowid;",
    "alter table requests add column made text;",  # the id of what it made, where its answer is about that
)
KEPT = timedelta(days=1)  # a client that repeats a request after a day has forgotten what it meant


class KeyReused(Conflict):
    """This Idempotency-Key was used before for something else."""

    hint = "Use a fresh key for each new intent."


def is_first(tx: Transaction, key: str | None, meaning: str, now: datetime) -> bool:
    """Tell whether this request has not been done yet, and remember it with the changes of this transaction.

    meaning: what the request is about. Raises KeyReused when the key stood for something else.
    """
    if key is None:
        return True
    query = "insert into requests (key, meaning, at) values (?, ?, ?) on conflict do nothing"
    tx.execute(query, (key, meaning, now.isoformat()))
    if tx.changes():
        return True
    if tx.value("select meaning from requests where key = ?", (key,)) != meaning:
        raise KeyReused
    return False


def note_made(tx: Transaction, key: str | None, made: str) -> None:
    """Note the id of what a request made: its repeat is answered with that, whatever was made since."""
    tx.execute("update requests set made = ? where key = ?", (made, key))


def made_by(tx: Transaction, key: str | None) -> str | None:
    """Return the id of what a request made; None when it was done before this was noted."""
    made: str | None = tx.value("select made from requests where key = ?", (key,))
    return made


def forget_old(tx: Transaction, now: datetime) -> None:
    """Drop what nobody will repeat any more."""
    tx.execute("delete from requests where at < ?", ((now - KEPT).isoformat(),))
