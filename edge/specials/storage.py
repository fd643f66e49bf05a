"""Codes of lotteries that this node gave out."""

from edge.database import Transaction

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
    # Coupons are counted like whatever else is, in a room of their own.
    """
    insert into uses (basket_id, quota, digest, customer, granted, state, attempt, at) select * from coupon_uses;
    drop table coupon_uses;
    """,
)


def last_drawn(tx: Transaction, lottery: str) -> int:
    """Return the number of the code drawn last; a box's codes come and go in ascending order."""
    found: int = tx.value("select coalesce(max(number), 0) from lottery_draws where lottery = ?", (lottery,))
    return found


def add_draw(tx: Transaction, lottery: str, number: int, order_id: str) -> None:
    tx.execute("insert into lottery_draws values (?, ?, ?)", (lottery, number, order_id))
