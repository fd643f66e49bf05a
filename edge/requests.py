"""Requests that were already done: a repeat with the same Idempotency-Key changes nothing a second time."""

from datetime import datetime, timedelta

from edge.database import Transaction

MIGRATIONS = ("create table requests (key text primary key, at text not null) strict, without rowid;",)
KEPT = timedelta(days=1)  # a client that repeats a request after a day has forgotten what it meant


def is_first(tx: Transaction, key: str | None, now: datetime) -> bool:
    """Tell whether this request has not been done yet, and remember it with the changes of this transaction."""
    if key is None:
        return True
    tx.execute("insert into requests values (?, ?) on conflict do nothing", (key, now.isoformat()))
    return bool(tx.changes())


def forget_old(tx: Transaction, now: datetime) -> None:
    """Drop what nobody will repeat any more."""
    tx.execute("delete from requests where at < ?", ((now - KEPT).isoformat(),))
