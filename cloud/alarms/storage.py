"""Alarms of all nodes."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)

from cloud.database import Transaction, metadata

Owner = tuple[str, str]  # tenant, node

alarms = Table(
    "alarms",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … of each tenant
    Column("node_id", String(36), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("subject", String(80), nullable=False),  # what tells two troubles of one kind apart
    Column("facts", Text, nullable=False),
    Column("first_seen", DateTime(timezone=True), nullable=False),
    Column("last_seen", DateTime(timezone=True), nullable=False),
    Column("count", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("present", Boolean, nullable=False),  # the trouble lasts, settled or not
    Column("author", String(200)),
    Column("note", Text),
    Column("settled_at", DateTime(timezone=True)),
    UniqueConstraint("tenant_id", "node_id", "kind", "subject"),
    Index("alarms_by_state", "tenant_id", "state"),
)


def add(tx: Transaction, owner: Owner, **told: Any) -> None:
    tenant_id, node_id = owner
    newest = select(func.coalesce(func.max(alarms.c.number), 0)).where(alarms.c.tenant_id == tenant_id)
    number = tx.execute(newest).scalar_one() + 1
    tx.execute(alarms.insert().values(tenant_id=tenant_id, number=number, node_id=node_id, **told))


def change(tx: Transaction, tenant_id: str, number: int, **told: Any) -> None:
    mine = alarms.update().where(alarms.c.tenant_id == tenant_id, alarms.c.number == number)
    tx.execute(mine.values(**told))


def of_subject(tx: Transaction, owner: Owner, kind: str, subject: str) -> Row[Any] | None:
    query = select(alarms).where(alarms.c.tenant_id == owner[0], alarms.c.node_id == owner[1])
    return tx.execute(query.where(alarms.c.kind == kind, alarms.c.subject == subject)).first()


def count_open(tx: Transaction, tenant_id: str, owner: Owner | None = None, kind: str | None = None) -> int:
    query = select(func.count()).select_from(alarms).where(alarms.c.tenant_id == tenant_id, alarms.c.state == "open")
    if owner is not None:
        query = query.where(alarms.c.node_id == owner[1], alarms.c.kind == kind)
    return tx.execute(query).scalar_one()


def present(tx: Transaction, kinds: Collection[str], owner: Owner | None = None) -> list[Row[Any]]:
    """Return troubles that last: of one node, or of all."""
    query = select(alarms).where(alarms.c.present, alarms.c.kind.in_(kinds))
    if owner is not None:
        query = query.where(alarms.c.tenant_id == owner[0], alarms.c.node_id == owner[1])
    return list(tx.execute(query))


def numbered(tx: Transaction, tenant_id: str, number: int) -> Row[Any] | None:
    return tx.execute(select(alarms).where(alarms.c.tenant_id == tenant_id, alarms.c.number == number)).first()


def listed(tx: Transaction, tenant_id: str, state: str, before: int | None, limit: int) -> list[Row[Any]]:
    """Return alarms in a state, the newest first."""
    query = select(alarms).where(alarms.c.tenant_id == tenant_id, alarms.c.state == state)
    if before is not None:
        query = query.where(alarms.c.number < before)
    return list(tx.execute(query.order_by(alarms.c.number.desc()).limit(limit)))
