"""Card payments of this node, from before the gateway is asked until they are owned."""

from datetime import datetime

from edge.database import Transaction
from shared.protocol.payments import PaymentRequest

MIGRATIONS = (
    """
    create table payments (
        id text primary key,
        basket_id text not null,
        amount_minor integer not null,
        currency text not null,
        state text not null check (state in ('asked', 'approved', 'declined', 'to_void', 'voided')),
        at text not null
    ) strict;
    create index open_payments on payments (state) where state in ('asked', 'to_void');
    """,
)


def add(tx: Transaction, payment: PaymentRequest, basket_id: str, now: datetime) -> None:
    row = (payment.id, basket_id, payment.amount_minor, payment.currency, now.isoformat())
    tx.execute("insert into payments values (?, ?, ?, ?, 'asked', ?)", row)


def set_state(tx: Transaction, payment_id: str, state: str) -> None:
    tx.execute("update payments set state = ? where id = ?", (state, payment_id))


def to_void(tx: Transaction, payment_id: str) -> None:
    """Mark a payment to be taken back, unless it has ended otherwise: one with an order is never taken back."""
    tx.execute("update payments set state = 'to_void' where id = ? and state = 'asked'", (payment_id,))


def in_state(tx: Transaction, state: str) -> list[tuple[str, str]]:
    """Return (payment id, basket id) of all payments in a state, oldest first."""
    return tx.rows("select id, basket_id from payments where state = ? order by id", (state,))
