"""Tenants. A key is stored as its hash only."""

from datetime import datetime

from sqlalchemy import Column, DateTime, String, Table, select

from cloud.database import Transaction, metadata
from cloud.tenants.models import Tenant

tenants = Table(
    "tenants",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
)


def add(tx: Transaction, tenant: Tenant, key_hash: str, now: datetime) -> None:
    tx.execute(tenants.insert().values(id=tenant.id, name=tenant.name, key_hash=key_hash, created_at=now))


def set_key_hash(tx: Transaction, tenant_id: str, key_hash: str) -> None:
    tx.execute(tenants.update().where(tenants.c.id == tenant_id).values(key_hash=key_hash))


def by_key_hash(tx: Transaction, key_hash: str) -> Tenant | None:
    row = tx.execute(select(tenants.c.id, tenants.c.name).where(tenants.c.key_hash == key_hash)).first()
    return Tenant(id=row.id, name=row.name) if row else None


def all_tenants(tx: Transaction) -> list[Tenant]:
    query = select(tenants.c.id, tenants.c.name).order_by(tenants.c.created_at)
    return [Tenant(id=row.id, name=row.name) for row in tx.execute(query)]
