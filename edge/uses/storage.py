"""Uses of this node, from before head office is asked until they are final or given back."""

from collections.abc import Container
from datetime import datetime

from edge.database import Transaction
from edge.uses.models import Unreturned, Use

MIGRATIONS = (
    """
    create table uses (
        basket_id text not null,
        quota text not null,
        digest text,
        customer text,
        granted text not null check (granted in ('reserved', 'leased', 'free')),
        state text not null check (state in ('asked', 'held', 'used', 'to_return', 'returned')),
        attempt text not null,
        at text not null,
        primary key (basket_id, quota)
    ) strict, without rowid;
    create index uses_of_quota on uses (quota, digest) where state in ('held', 'used');
    create index uses_of_customer on uses (quota, customer) where state in ('held', 'used');
    create index unreturned_uses on uses (state) where state in ('asked', 'to_return');
    """,
    "alter table uses add column minor integer not null default 0;",  # what it takes off a voucher's code
)


def ask(tx: Transaction, basket_id: str, use: Use, attempt: str, now: datetime) -> None:
    """Write down that head office is about to be asked: unless a payment holds the use, it is given back."""
    _put(tx, basket_id, use, "asked", attempt, now)


def hold(tx: Transaction, basket_id: str, use: Use, now: datetime) -> None:
    query = "select attempt from uses where basket_id = ? and quota = ?"
    attempt = tx.value(query, (basket_id, use.quota)) or ""
    _put(tx, basket_id, use, "held", attempt, now)


def _put(tx: Transaction, basket_id: str, use: Use, state: str, attempt: str, now: datetime) -> None:
    row = (basket_id, use.quota, use.digest, use.customer, use.grant, state, attempt, now.isoformat(), use.minor)
    tx.execute("insert or replace into uses values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def make_final(tx: Transaction, basket_id: str) -> None:
    """What is held became part of an order; what was only asked for is not needed."""
    tx.execute("update uses set state = 'used' where basket_id = ? and state = 'held'", (basket_id,))
    tx.execute("update uses set state = 'to_return' where basket_id = ? and state = 'asked'", (basket_id,))


def give_back(tx: Transaction, basket_id: str) -> None:
    """Free what a payment held; head office is told whenever it was asked, as it may have reserved unheard."""
    query = "update uses set state = case attempt when '' then 'returned' else 'to_return' end"
    tx.execute(f"{query} where basket_id = ? and state in ('held', 'asked')", (basket_id,))


def held(tx: Transaction, basket_id: str) -> tuple[Use, ...]:
    query = "select quota, digest, customer, granted, minor from uses where basket_id = ? and state = 'held'"
    return tuple(Use(*row) for row in tx.rows(f"{query} order by quota", (basket_id,)))


def count(
    tx: Transaction,
    quota: str,
    basket_id: str,
    *,
    digest: str | None = None,
    customer: str | None = None,
    granted: str | None = None,
) -> int:
    """Return how many uses other baskets of this box hold or had: of this code, by this customer, granted so."""
    query = """
        select count(*) from uses
        where quota = ? and state in ('held', 'used') and basket_id <> ?
            and digest is coalesce(?, digest) and customer is coalesce(?, customer) and granted = coalesce(?, granted)
    """
    found: int = tx.value(query, (quota, basket_id, digest, customer, granted))
    return found


def unreturned(tx: Transaction, going_on: Container[str]) -> list[Unreturned]:
    """Return reservations that no payment needs: given back, or asked for by an attempt that is over."""
    query = """
        select basket_id, attempt, quota, state from uses
        where state in ('asked', 'to_return') order by basket_id, quota
    """
    return [
        Unreturned(basket_id, attempt, quota)
        for basket_id, attempt, quota, state in tx.rows(query)
        if state == "to_return" or attempt not in going_on
    ]


def set_returned(tx: Transaction, unreturned: Unreturned) -> None:
    query = "update uses set state = 'returned' where basket_id = ? and attempt = ? and quota = ?"
    told = (unreturned.basket_id, unreturned.attempt, unreturned.quota)
    tx.execute(f"{query} and state in ('asked', 'to_return')", told)


def take_back(tx: Transaction, order_id: str) -> None:
    """Free what an order used; head office hears of it with the refund."""
    tx.execute("update uses set state = 'returned' where basket_id = ? and state = 'used'", (order_id,))


def taken_minor(tx: Transaction, quota: str, digest: str, basket_id: str) -> int:
    """Return what other baskets of this box take off a voucher's code."""
    query = """
        select coalesce(sum(minor), 0) from uses
        where quota = ? and digest = ? and state in ('held', 'used') and basket_id <> ?
    """
    found: int = tx.value(query, (quota, digest, basket_id))
    return found


def put_back_minor(tx: Transaction, order_id: str, quota: str, minor: int) -> None:
    query = "update uses set minor = minor - ? where basket_id = ? and quota = ? and state = 'used'"
    tx.execute(query, (minor, order_id, quota))
