"""Taking in what the stores sold, and showing it."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from typing import Any

from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.orders import storage
from cloud.orders.models import CurrencyTotals, ForeignOrder, OrderDetail, OrderPage, OrderRow
from cloud.received import Handlers, Received
from shared.currencies import exponent
from shared.errors import NotFound
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.order import Order, Refund
from shared.receipts.document import Receipt, of_order


def on_order_completed(tx: Transaction, received: Received[OrderCompleted]) -> None:
    """Add the order. Its id is unique here, its receipt number is at its node: a second one is an alarm, not an order.

    A number that another node took first is sold all the same: nobody locks a box out. Its audit raises an alarm.

    Raises ForeignOrder, OrderKnown, ReceiptNumberTaken.
    """
    order = received.fact.order
    _demand_own(order, received)
    storage.add_order(tx, received.tenant_id, received.node_id, order, received.received_at)


def on_order_refunded(tx: Transaction, received: Received[OrderRefunded]) -> None:
    refund = received.fact.refund
    _demand_own(refund, received)
    storage.add_refund(tx, received.tenant_id, received.node_id, refund)


def _demand_own(claimed: Order | Refund, received: Received[Any]) -> None:
    if (claimed.node_id, claimed.store_id) != (received.author_id, received.store_id):
        raise ForeignOrder(node=claimed.node_id, store=claimed.store_id)


handlers: Handlers = {OrderCompleted: on_order_completed, OrderRefunded: on_order_refunded}


def page(tx: Transaction, tenant_id: str, store_id: str | None, text: str, cursor: int | None, limit: int) -> OrderPage:
    """Return orders, the last to arrive first. text: a receipt number or an order's id, or empty for all."""
    found = storage.rows(tx, tenant_id, store_id, text.strip(), cursor, limit)
    stores = fleet.store_names(tx, tenant_id, {row.store_id for row in found})
    nodes = fleet.node_names(tx, tenant_id, {row.node_id for row in found})
    rows = tuple(_row(row, stores[row.store_id], nodes[row.node_id]) for row in found)
    return OrderPage(orders=rows, next=str(found[-1].arrival) if len(rows) == limit else None)


def _row(row: storage.Record, store_name: str, node_name: str) -> OrderRow:
    return OrderRow(
        id=row.id,
        receipt_number=row.receipt_number,
        store_id=row.store_id,
        store_name=store_name,
        node_name=node_name,
        placed_at=_aware(row.placed_at),
        received_at=_aware(row.received_at),
        currency=row.currency,
        exponent=exponent(row.currency),
        quantity=row.quantity,
        total_minor=row.total_minor,
        discount_minor=row.discount_minor,
        refunded_minor=row.refunded_minor,
        tenders=tuple(row.tenders.split(",")),
    )


def detail(tx: Transaction, tenant_id: str, order_id: str) -> OrderDetail:
    """Return one order with its refunds. Raises NotFound."""
    row = storage.order(tx, tenant_id, order_id)
    if row is None:
        raise NotFound(kind="order", order=order_id)
    return OrderDetail(
        order=Order.model_validate_json(row.body),
        refunds=tuple(storage.refunds_of(tx, tenant_id, order_id)),
        store_name=fleet.store(tx, tenant_id, row.store_id).name,
        node_name=fleet.node_names(tx, tenant_id, {row.node_id})[row.node_id],
        received_at=_aware(row.received_at),
    )


def holders(tx: Transaction, tenant_id: str, numbers: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Return (id, node) of the orders and refunds that have these receipt numbers, by number."""
    found: dict[str, list[tuple[str, str]]] = {}
    for number, document_id, node_id in storage.holders(tx, tenant_id, numbers):
        found.setdefault(number, []).append((document_id, node_id))
    return found


def is_returned(tx: Transaction, tenant_id: str, order_id: str) -> bool:
    """Tell whether everything of an order came back. Raises NotFound."""
    known = detail(tx, tenant_id, order_id)
    back = Counter[int]()
    for refund in known.refunds:
        back.update({line.number: line.quantity for line in refund.lines})
    return all(back[line.number] >= line.quantity for line in known.order.lines)


def past(tx: Transaction, tenant_id: str, since: date | None, until: date | None, limit: int) -> Iterator[Order]:
    """Yield orders of business days from `since` to `until`, the last to arrive first, at most `limit`."""
    return storage.past(tx, tenant_id, (since, until), limit)


def count_past(tx: Transaction, tenant_id: str, since: date | None, until: date | None) -> int:
    """Return how many orders these business days have."""
    return storage.count_past(tx, tenant_id, (since, until))


def receipt(tx: Transaction, tenant_id: str, order_id: str) -> Receipt:
    """Return the same receipt that the store printed. Raises NotFound."""
    order = detail(tx, tenant_id, order_id).order
    return of_order(order, fleet.store(tx, tenant_id, order.store_id))


def count(tx: Transaction, tenant_id: str) -> int:
    """Return how many orders a tenant has."""
    return storage.count(tx, tenant_id)


def totals(tx: Transaction, tenant_id: str) -> tuple[CurrencyTotals, ...]:
    """Return what orders and refunds come to, each currency by itself."""
    sold = storage.totals(tx, storage.orders, tenant_id)
    back = storage.totals(tx, storage.refunds, tenant_id)
    none = (0, 0)
    return tuple(
        CurrencyTotals(
            currency=currency,
            orders=sold.get(currency, none)[0],
            total_minor=sold.get(currency, none)[1],
            refunds=back.get(currency, none)[0],
            refunded_minor=back.get(currency, none)[1],
        )
        for currency in sorted(sold.keys() | back.keys())
    )


def _aware(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is stored in UTC."""
    return moment.replace(tzinfo=moment.tzinfo or UTC)
