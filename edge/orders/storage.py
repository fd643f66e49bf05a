"""Orders, refunds and the series of legal numbers."""

from edge.database import Transaction
from shared.model.order import Order, Refund

MIGRATIONS = (
    """
    create table orders (
        id text not null unique,
        receipt_number text not null unique,
        lane text not null,
        placed_at text not null,
        currency text not null,
        total_minor integer not null,
        body text not null
    ) strict;
    create table refunds (
        id text primary key,
        receipt_number text not null unique,
        order_id text not null references orders (id),
        body text not null
    ) strict;
    create table refund_lines (
        refund_id text not null references refunds (id),
        order_id text not null,
        number integer not null,
        quantity integer not null check (quantity > 0),
        primary key (refund_id, number)
    ) strict, without rowid;
    create index refund_lines_of_order on refund_lines (order_id, number);
    create table series (prefix text primary key, last integer not null) strict, without rowid;
    """,
)


NEWEST = 50  # a node has some few lanes, and each takes longer than a second for an order


def next_number(tx: Transaction, prefix: str) -> str:
    """Take the next legal number; taken back with the transaction, so the series has no gaps."""
    query = "insert into series values (?, 1) on conflict do update set last = last + 1 returning last"
    return f"{prefix}-{tx.value(query, (prefix,)):06d}"


def add_order(tx: Transaction, order: Order) -> None:
    tx.execute(
        "insert into orders values (?, ?, ?, ?, ?, ?, ?)",
        (
            order.id,
            order.receipt_number,
            order.lane,
            order.placed_at.isoformat(),
            order.currency,
            order.total_minor,
            order.model_dump_json(),
        ),
    )


def add_refund(tx: Transaction, refund: Refund) -> None:
    row = (refund.id, refund.receipt_number, refund.order_id, refund.model_dump_json())
    tx.execute("insert into refunds values (?, ?, ?, ?)", row)
    for line in refund.lines:
        row_of_line = (refund.id, refund.order_id, line.number, line.quantity)
        tx.execute("insert into refund_lines values (?, ?, ?, ?)", row_of_line)


def order(tx: Transaction, order_id: str) -> Order | None:
    body = tx.value("select body from orders where id = ?", (order_id,))
    return Order.model_validate_json(body) if body else None


def refund(tx: Transaction, refund_id: str) -> Refund | None:
    body = tx.value("select body from refunds where id = ?", (refund_id,))
    return Refund.model_validate_json(body) if body else None


def latest_of_lane(tx: Transaction, lane: str) -> Order | None:
    """Return a lane's last order, if it is among this node's last: a screen shows it for a minute and no longer."""
    query = "select body from (select lane, body from orders order by rowid desc limit ?) where lane = ?"
    body = tx.value(query, (NEWEST, lane))
    return Order.model_validate_json(body) if body else None


def refunded_quantities(tx: Transaction, order_id: str) -> dict[int, int]:
    """Return how many units of each line number have come back."""
    query = "select number, sum(quantity) from refund_lines where order_id = ? group by number"
    return dict(tx.rows(query, (order_id,)))


def page(tx: Transaction, before: str | None, limit: int) -> list[tuple[str, str, str, str, int]]:
    """Return (id, receipt_number, placed_at, currency, total_minor) of orders, newest first, older than `before`."""
    query = (
        "select id, receipt_number, placed_at, currency, total_minor from orders where id < ? order by id desc limit ?"
    )
    return tx.rows(query, (before or "g", limit))  # ids are hex: "g" sorts behind them all
