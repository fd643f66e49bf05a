"""Orders and refunds of all stores."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    DateTime,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError

from cloud.database import Transaction, metadata
from cloud.orders.models import OrderKnown, ReceiptNumberTaken
from shared.errors import Conflict
from shared.model.order import Order, Refund

Record = Row[Any]  # an order's columns by name
Days = tuple[date | None, date | None]  # the first and the last, both inclusive; None is open
BODIES_AT_ONCE = 200  # in memory while many orders are looked through

orders = Table(
    "orders",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("arrival", Integer, nullable=False),  # 1, 2, 3 … for each tenant, whatever the boxes' clocks say
    Column("store_id", String(36), nullable=False),
    Column("node_id", String(36), nullable=False),
    Column("receipt_number", String(64), nullable=False),
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("business_day", Date, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("total_minor", Integer, nullable=False),
    Column("discount_minor", Integer, nullable=False),
    Column("tenders", String(200), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("tenant_id", "receipt_number", "node_id"),
    Index("orders_by_arrival", "tenant_id", "arrival", unique=True),
    Index("orders_of_store", "tenant_id", "store_id", "arrival"),
)

refunds = Table(
    "refunds",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("order_id", String(36), nullable=False),
    Column("node_id", String(36), nullable=False),
    Column("receipt_number", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("total_minor", Integer, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("tenant_id", "receipt_number", "node_id"),
    Index("refunds_of_order", "tenant_id", "order_id"),
)


def add_order(tx: Transaction, tenant_id: str, node_id: str, order: Order, received_at: datetime) -> None:
    """Add an order. node_id: under which it is held. Raises OrderKnown, ReceiptNumberTaken."""
    newest = select(func.coalesce(func.max(orders.c.arrival), 0)).where(orders.c.tenant_id == tenant_id)
    row = {
        "node_id": node_id,
        "arrival": tx.execute(newest).scalar_one() + 1,
        "store_id": order.store_id,
        "placed_at": order.placed_at.astimezone(UTC),
        "received_at": received_at,
        "business_day": order.business_day,
        "quantity": sum(line.quantity for line in order.lines),
        "discount_minor": order.discount_minor,
        "tenders": ",".join(tender.kind for tender in order.tenders),
    }
    _add(tx, orders, tenant_id, order, row)


def add_refund(tx: Transaction, tenant_id: str, node_id: str, refund: Refund) -> None:
    """Add a refund. node_id: under which it is held. Raises OrderKnown, ReceiptNumberTaken."""
    _add(tx, refunds, tenant_id, refund, {"node_id": node_id, "order_id": refund.order_id})


def _add(tx: Transaction, table: Table, tenant_id: str, document: Order | Refund, row: dict[str, Any]) -> None:
    both = {
        "tenant_id": tenant_id,
        "id": document.id,
        "receipt_number": document.receipt_number,
        "currency": document.currency,
        "total_minor": document.total_minor,
        "body": document.model_dump_json(),
    }
    try:
        tx.execute(table.insert().values(**both, **row))
    except IntegrityError as error:
        raise _taken(tx, table, tenant_id, row["node_id"], document) or error from error


def _taken(tx: Transaction, table: Table, tenant_id: str, node_id: str, document: Order | Refund) -> Conflict | None:
    """Return what is there already, that it should not be: orders and refunds cannot be added twice."""
    kind = "order" if table is orders else "refund"
    mine = select(table.c.receipt_number).where(table.c.tenant_id == tenant_id)
    if (number := tx.execute(mine.where(table.c.id == document.id)).scalar()) is not None:
        return OrderKnown(kind=kind, id=document.id, number=number)
    same = (table.c.receipt_number == document.receipt_number, table.c.node_id == node_id)
    if tx.execute(mine.where(*same)).first() is not None:
        return ReceiptNumberTaken(kind=kind, number=document.receipt_number)
    return None


def holders(tx: Transaction, tenant_id: str, numbers: Collection[str]) -> list[tuple[str, str, str]]:
    """Return (receipt number, id, node) of orders and refunds with these numbers."""
    both = (
        select(table.c.receipt_number, table.c.id, table.c.node_id).where(
            table.c.tenant_id == tenant_id, table.c.receipt_number.in_(numbers)
        )
        for table in (orders, refunds)
    )
    return [(row.receipt_number, row.id, row.node_id) for query in both for row in tx.execute(query)]


def rows(
    tx: Transaction, tenant_id: str, store_id: str | None, text: str, before: int | None, limit: int
) -> list[Record]:
    """Return orders that arrived before the one numbered `before`, the last first, with what was refunded."""
    refunded = (
        select(func.coalesce(func.sum(refunds.c.total_minor), 0))
        .where(refunds.c.tenant_id == orders.c.tenant_id, refunds.c.order_id == orders.c.id)
        .scalar_subquery()
    )
    query = (
        select(orders, refunded.label("refunded_minor"))
        .where(orders.c.tenant_id == tenant_id)
        .order_by(orders.c.arrival.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(orders.c.arrival < before)
    if store_id:
        query = query.where(orders.c.store_id == store_id)
    if text:
        query = query.where(or_(orders.c.receipt_number == text.upper(), orders.c.id == text.lower()))
    return list(tx.execute(query))


def order(tx: Transaction, tenant_id: str, order_id: str) -> Record | None:
    query = select(orders)
    return tx.execute(query.where(orders.c.tenant_id == tenant_id, orders.c.id == order_id)).first()


def past(tx: Transaction, tenant_id: str, days: Days, limit: int) -> Iterator[Order]:
    """Yield orders of these business days, the last to arrive first."""
    query = select(orders.c.body).where(*_of_days(tenant_id, days))
    bodies = tx.execute(query.order_by(orders.c.arrival.desc()).limit(limit)).scalars()
    return (Order.model_validate_json(body) for body in bodies.yield_per(BODIES_AT_ONCE))


def count_past(tx: Transaction, tenant_id: str, days: Days) -> int:
    return tx.execute(select(func.count()).select_from(orders).where(*_of_days(tenant_id, days))).scalar_one()


def _of_days(tenant_id: str, days: Days) -> list[ColumnElement[bool]]:
    first, last = days
    wanted = [orders.c.tenant_id == tenant_id]
    if first is not None:
        wanted.append(orders.c.business_day >= first)
    if last is not None:
        wanted.append(orders.c.business_day <= last)
    return wanted


def refunds_of(tx: Transaction, tenant_id: str, order_id: str) -> list[Refund]:
    query = select(refunds.c.body).where(refunds.c.tenant_id == tenant_id, refunds.c.order_id == order_id)
    return [Refund.model_validate_json(body) for body in tx.execute(query.order_by(refunds.c.id)).scalars()]


def count(tx: Transaction, tenant_id: str) -> int:
    return tx.execute(select(func.count()).select_from(orders).where(orders.c.tenant_id == tenant_id)).scalar_one()


def totals(tx: Transaction, table: Table, tenant_id: str) -> dict[str, tuple[int, int]]:
    """Return (how many, their total) of orders or refunds, by currency."""
    query = select(table.c.currency, func.count(), func.sum(table.c.total_minor)).where(table.c.tenant_id == tenant_id)
    return {currency: (many, minor) for currency, many, minor in tx.execute(query.group_by(table.c.currency))}
