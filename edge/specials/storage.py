"""Coupon uses of this node, from before head office is asked until they are final or given back."""

from collections.abc import Container
from datetime import datetime

from edge.database import Transaction
from edge.specials.models import Unreturned
from shared.model.special import CouponUse

MIGRATIONS = (
    """
    create table coupon_uses (
        basket_id text not null,
        campaign text not null,
        digest text,
        customer text,
        granted text not null check (granted in ('reserved', 'leased', 'free')),
        state text not null check (state in ('asked', 'held', 'used', 'to_return', 'returned')),
        attempt text not null,
        at text not null,
        primary key (basket_id, campaign)
    ) strict, without rowid;
    create index coupon_uses_of_campaign on coupon_uses (campaign, digest) where state in ('held', 'used');
    create index unreturned_coupon_uses on coupon_uses (state) where state in ('asked', 'to_return');
    """,
    """
    create table lottery_draws (
        lottery text not null,
        number integer not null,
        order_id text not null,
        primary key (lottery, number)
    ) strict, without rowid;
    """,
)


def ask(tx: Transaction, basket_id: str, use: CouponUse, attempt: str, now: datetime) -> None:
    """Write down that head office is about to be asked: unless a payment holds the use, it is given back."""
    _put(tx, basket_id, use, "asked", attempt, now)


def hold(tx: Transaction, basket_id: str, use: CouponUse, now: datetime) -> None:
    query = "select attempt from coupon_uses where basket_id = ? and campaign = ?"
    attempt = tx.value(query, (basket_id, use.campaign)) or ""
    _put(tx, basket_id, use, "held", attempt, now)


def _put(tx: Transaction, basket_id: str, use: CouponUse, state: str, attempt: str, now: datetime) -> None:
    row = (basket_id, use.campaign, use.digest, use.customer, use.grant, state, attempt, now.isoformat())
    tx.execute("insert or replace into coupon_uses values (?, ?, ?, ?, ?, ?, ?, ?)", row)


def make_final(tx: Transaction, basket_id: str) -> None:
    """What is held became part of an order; what was only asked for is not needed."""
    tx.execute("update coupon_uses set state = 'used' where basket_id = ? and state = 'held'", (basket_id,))
    tx.execute("update coupon_uses set state = 'to_return' where basket_id = ? and state = 'asked'", (basket_id,))


def give_back(tx: Transaction, basket_id: str) -> None:
    """Free what a payment held; head office is told whenever it was asked, as it may have reserved unheard."""
    query = "update coupon_uses set state = case attempt when '' then 'returned' else 'to_return' end"
    tx.execute(f"{query} where basket_id = ? and state in ('held', 'asked')", (basket_id,))


def held(tx: Transaction, basket_id: str) -> tuple[CouponUse, ...]:
    query = "select campaign, digest, customer, granted from coupon_uses where basket_id = ? and state = 'held'"
    return tuple(
        CouponUse(campaign=campaign, digest=digest, customer=customer, grant=granted)
        for campaign, digest, customer, granted in tx.rows(f"{query} order by campaign", (basket_id,))
    )


def uses(
    tx: Transaction,
    campaign: str,
    basket_id: str,
    *,
    digest: str | None = None,
    customer: str | None = None,
    granted: str | None = None,
) -> int:
    """Return how often other baskets of this box used a campaign: with this code, by this customer, so granted."""
    query = """
        select count(*) from coupon_uses
        where campaign = ? and state in ('held', 'used') and basket_id <> ?
            and digest is coalesce(?, digest) and customer is coalesce(?, customer) and granted = coalesce(?, granted)
    """
    found: int = tx.value(query, (campaign, basket_id, digest, customer, granted))
    return found


def unreturned(tx: Transaction, going_on: Container[str]) -> list[Unreturned]:
    """Return reservations that no payment needs: given back, or asked for by an attempt that is over."""
    query = """
        select basket_id, attempt, campaign, state from coupon_uses
        where state in ('asked', 'to_return') order by basket_id, campaign
    """
    return [
        Unreturned(basket_id, attempt, campaign)
        for basket_id, attempt, campaign, state in tx.rows(query)
        if state == "to_return" or attempt not in going_on
    ]


def set_returned(tx: Transaction, unreturned: Unreturned) -> None:
    query = "update coupon_uses set state = 'returned' where basket_id = ? and attempt = ? and campaign = ?"
    told = (unreturned.basket_id, unreturned.attempt, unreturned.campaign)
    tx.execute(f"{query} and state in ('asked', 'to_return')", told)


def last_drawn(tx: Transaction, lottery: str) -> int:
    """Return the number of the code drawn last; a box's codes come and go in ascending order."""
    found: int = tx.value("select coalesce(max(number), 0) from lottery_draws where lottery = ?", (lottery,))
    return found


def add_draw(tx: Transaction, lottery: str, number: int, order_id: str) -> None:
    tx.execute("insert into lottery_draws values (?, ?, ?)", (lottery, number, order_id))
