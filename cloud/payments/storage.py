"""Payments by the id that the node gave them."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Integer, String, Table, select

from cloud.database import Transaction, metadata
from shared.protocol.payments import PaymentResult

payments = Table(
    "payments",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("node_id", String(36), nullable=False),
    Column("amount_minor", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(20), nullable=False),
    Column("reference", String(64), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)


def payment(tx: Transaction, tenant_id: str, payment_id: str) -> PaymentResult | None:
    query = select(payments).where(payments.c.tenant_id == tenant_id, payments.c.id == payment_id)
    row = tx.execute(query).first()
    return PaymentResult(id=row.id, state=row.state, reference=row.reference) if row else None


def add(
    tx: Transaction,
    tenant_id: str,
    node_id: str,
    result: PaymentResult,
    amount_minor: int,
    currency: str,
    now: datetime,
) -> None:
    row = {"tenant_id": tenant_id, "node_id": node_id, "amount_minor": amount_minor, "currency": currency, "at": now}
    tx.execute(payments.insert().values(**row, **result.model_dump()))


def set_voided(tx: Transaction, tenant_id: str, payment_id: str) -> None:
    query = payments.update().where(payments.c.tenant_id == tenant_id, payments.c.id == payment_id)
    tx.execute(query.values(state="voided"))
