"""Quotas, what was used of them, what is leased to boxes, and what went wrong."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.sqlite import insert

from cloud.database import Transaction, metadata
from cloud.uses.models import ExceptionRow, Wrong
from shared.model.quota import Quota

QUOTA = String(80)
CODE_USES_MAX = 100  # shown of one code

quotas = Table(
    "quotas",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("id", QUOTA, primary_key=True),
    Column("is_open", Boolean, nullable=False),
    Column("body", Text, nullable=False),
)

uses = Table(
    "uses",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("quota", QUOTA, primary_key=True),
    Column("basket_id", String(36), primary_key=True),  # and so the order's
    Column("digest", String(32)),
    Column("customer", String(64)),
    Column("store_id", String(36), nullable=False),
    Column("node_id", String(36), nullable=False),
    Column("granted", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempt", String(36)),
    Column("expires_at", DateTime(timezone=True)),  # of a reservation
    Column("at", DateTime(timezone=True), nullable=False),
    Column("minor", Integer, nullable=False),  # what it takes off a voucher's code
    Index("uses_of_code", "tenant_id", "quota", "digest"),
    Index("uses_of_customer", "tenant_id", "quota", "customer"),
    Index("uses_of_basket", "tenant_id", "basket_id"),
)

leases_of_boxes = Table(
    "leases",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("quota", QUOTA, primary_key=True),
    Column("node_id", String(36), primary_key=True),
    Column("store_id", String(36), nullable=False),
    Column("leased", Integer, nullable=False),  # in all, spent or not
    Column("at", DateTime(timezone=True), nullable=False),  # when it grew last
    Column("recovered_at", DateTime(timezone=True)),  # when what was not spent was taken back, and not leased since
)

special_exceptions = Table(
    "special_exceptions",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("wrong", String(20), nullable=False),
    Column("campaign", QUOTA, nullable=False),  # or what else it is about
    Column("order_id", String(36), nullable=False),
    Column("store_id", String(36), nullable=False),
    Column("node_id", String(36), nullable=False),
    Column("digest", String(32)),
    Column("customer", String(64)),
    Column("other_orders", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("tenant_id", "wrong", "campaign", "order_id"),
)


Owner = tuple[str, str]  # tenant, quota


class LeaseRow(NamedTuple):
    """What one box was given to spend, in all, spent or not."""

    store_id: str
    uses: int
    at: datetime
    recovered_at: datetime | None = None


def put_quota(tx: Transaction, tenant_id: str, quota: Quota) -> None:
    body = quota.model_dump_json()
    upsert = insert(quotas).values(tenant_id=tenant_id, id=quota.id, is_open=True, body=body)
    changed = {"is_open": True, "body": body}
    tx.execute(upsert.on_conflict_do_update(index_elements=list(quotas.primary_key), set_=changed))


def close_quota(tx: Transaction, owner: Owner) -> None:
    tx.execute(quotas.update().where(quotas.c.tenant_id == owner[0], quotas.c.id == owner[1]).values(is_open=False))


def quota(tx: Transaction, owner: Owner) -> tuple[Quota, bool] | None:
    """Return a quota, and whether it is open."""
    query = select(quotas.c.body, quotas.c.is_open).where(quotas.c.tenant_id == owner[0], quotas.c.id == owner[1])
    row = tx.execute(query).first()
    return (Quota.model_validate_json(row.body), row.is_open) if row else None


def open_quotas(tx: Transaction, tenant_id: str | None = None) -> list[tuple[str, Quota]]:
    """Return (tenant, quota) of all that are open."""
    query = select(quotas.c.tenant_id, quotas.c.body).where(quotas.c.is_open)
    if tenant_id is not None:
        query = query.where(quotas.c.tenant_id == tenant_id)
    rows = tx.execute(query.order_by(quotas.c.tenant_id, quotas.c.id))
    return [(row.tenant_id, Quota.model_validate_json(row.body)) for row in rows]


def put_use(tx: Transaction, owner: Owner, basket_id: str, **columns: Any) -> None:
    """Write a use down, over what was known of the same basket's use."""
    upsert = insert(uses).values(tenant_id=owner[0], quota=owner[1], basket_id=basket_id, **columns)
    tx.execute(upsert.on_conflict_do_update(index_elements=list(uses.primary_key), set_=columns))


def use(tx: Transaction, owner: Owner, basket_id: str, standing_at: datetime | None = None) -> Row[Any] | None:
    """Return a basket's use of a campaign. standing_at: only if it is taken then."""
    query = select(uses).where(*_of(owner), uses.c.basket_id == basket_id)
    return tx.execute(query if standing_at is None else query.where(_standing(standing_at))).first()


def drop_reservation(tx: Transaction, owner: Owner, node_id: str, basket_id: str, attempt: str) -> None:
    """Drop what an attempt of a box reserved, or one before it: attempts are UUIDv7 and grow with the box's clock."""
    tx.execute(
        uses.delete().where(
            *_of(owner),
            uses.c.node_id == node_id,
            uses.c.basket_id == basket_id,
            uses.c.attempt <= attempt,
            uses.c.state == "reserved",
        )
    )


def _of(owner: Owner) -> tuple[ColumnElement[bool], ...]:
    return uses.c.tenant_id == owner[0], uses.c.quota == owner[1]


def _standing(now: datetime) -> ColumnElement[bool]:
    """Uses that are taken: in orders, and reserved by baskets that are being paid."""
    used = uses.c.state == "used"
    return or_(used, and_(uses.c.state == "reserved", uses.c.expires_at > now))


def others(
    tx: Transaction, owner: Owner, basket_id: str, now: datetime, *, only_used: bool = False, **same: str
) -> list[str]:
    """Return the other baskets that use a quota with the same code (`digest`) or `customer`, newest first."""
    query = select(uses.c.basket_id).where(*_of(owner), uses.c.basket_id != basket_id)
    query = query.where(uses.c.state == "used" if only_used else _standing(now))
    for name, value in same.items():
        query = query.where(uses.c[name] == value)
    return list(tx.execute(query.order_by(uses.c.at.desc(), uses.c.basket_id)).scalars())


def taken_minor(
    tx: Transaction, owner: Owner, digest: str, now: datetime, *, besides: str = "", only_used: bool = False
) -> int:
    """Return what uses take off a voucher's code. besides: a basket left out."""
    query = select(func.coalesce(func.sum(uses.c.minor), 0)).where(
        *_of(owner), uses.c.digest == digest, uses.c.basket_id != besides
    )
    found: int = tx.execute(query.where(uses.c.state == "used" if only_used else _standing(now))).scalar_one()
    return found


def of_code(tx: Transaction, owner: Owner, digest: str) -> list[Row[Any]]:
    """Return the uses of a code, newest first."""
    query = select(uses).where(*_of(owner), uses.c.digest == digest)
    return list(tx.execute(query.order_by(uses.c.at.desc(), uses.c.basket_id).limit(CODE_USES_MAX)))


def give_back_minor(tx: Transaction, owner: Owner, order_id: str, minor: int) -> None:
    """Put a part of what an order took back on a voucher's code."""
    of_it = uses.update().where(*_of(owner), uses.c.basket_id == order_id, uses.c.state == "used")
    tx.execute(of_it.values(minor=uses.c.minor - minor))


def counts(tx: Transaction, owner: Owner, now: datetime) -> dict[tuple[str, str], int]:
    """Return how many uses stand, by (state, granted)."""
    query = select(uses.c.state, uses.c.granted, func.count()).where(*_of(owner), _standing(now))
    rows = tx.execute(query.group_by(uses.c.state, uses.c.granted))
    return {(state, granted): count for state, granted, count in rows}


def spent(tx: Transaction, owner: Owner) -> dict[str, int]:
    """Return how many leased uses have arrived, by node."""
    query = select(uses.c.node_id, func.count().label("uses")).where(
        *_of(owner), uses.c.state == "used", uses.c.granted == "leased"
    )
    return {row.node_id: row.uses for row in tx.execute(query.group_by(uses.c.node_id))}


def leases(tx: Transaction, owner: Owner) -> dict[str, LeaseRow]:
    """Return what is leased, by node."""
    table = leases_of_boxes
    query = select(table).where(table.c.tenant_id == owner[0], table.c.quota == owner[1])
    return {
        row.node_id: LeaseRow(row.store_id, row.leased, _aware(row.at), row.recovered_at and _aware(row.recovered_at))
        for row in tx.execute(query)
    }


def set_leases(tx: Transaction, owner: Owner, leased: Mapping[str, LeaseRow]) -> None:
    rows = [
        {
            "tenant_id": owner[0],
            "quota": owner[1],
            "node_id": node_id,
            "store_id": lease.store_id,
            "leased": lease.uses,
            "at": lease.at,
            "recovered_at": lease.recovered_at,
        }
        for node_id, lease in leased.items()
    ]
    if rows:
        upsert = insert(leases_of_boxes)
        changed = {name: upsert.excluded[name] for name in ("leased", "at", "recovered_at")}
        tx.execute(upsert.on_conflict_do_update(index_elements=list(leases_of_boxes.primary_key), set_=changed), rows)


def leased_quotas(tx: Transaction, tenant_id: str, node_id: str) -> list[str]:
    """Return the quotas of which a node holds a lease."""
    table = leases_of_boxes
    query = select(table.c.quota).where(table.c.tenant_id == tenant_id, table.c.node_id == node_id)
    return list(tx.execute(query.order_by(table.c.quota)).scalars())


def of_order(tx: Transaction, tenant_id: str, order_id: str) -> list[str]:
    """Return the quotas that an order used."""
    query = select(uses.c.quota).where(
        uses.c.tenant_id == tenant_id, uses.c.basket_id == order_id, uses.c.state == "used"
    )
    return list(tx.execute(query.order_by(uses.c.quota)).scalars())


def set_returned(tx: Transaction, tenant_id: str, order_id: str) -> None:
    """The order came back whole, and so do its uses; they stay to be looked at."""
    of_it = uses.update().where(uses.c.tenant_id == tenant_id, uses.c.basket_id == order_id, uses.c.state == "used")
    tx.execute(of_it.values(state="returned"))


def add_exception(
    tx: Transaction, owner: Owner, wrong: Wrong, order_id: str, other_orders: list[str], at: datetime, **columns: Any
) -> None:
    """Note what is wrong with a use, once."""
    table = special_exceptions
    newest = select(func.coalesce(func.max(table.c.number), 0)).where(table.c.tenant_id == owner[0])
    row = {"tenant_id": owner[0], "campaign": owner[1], "number": tx.execute(newest).scalar_one() + 1, "wrong": wrong}
    values = {**row, "order_id": order_id, "other_orders": json.dumps(other_orders), "at": at, **columns}
    tx.execute(insert(table).values(values).on_conflict_do_nothing())


def exceptions(tx: Transaction, tenant_id: str, before: int | None, limit: int) -> list[ExceptionRow]:
    table = special_exceptions
    query = select(table).where(table.c.tenant_id == tenant_id)
    if before is not None:
        query = query.where(table.c.number < before)
    return [
        ExceptionRow(
            number=row.number,
            wrong=row.wrong,
            campaign=row.campaign,
            order_id=row.order_id,
            store_id=row.store_id,
            node_id=row.node_id,
            digest=row.digest,
            customer=row.customer,
            other_orders=tuple(json.loads(row.other_orders)),
            at=_aware(row.at),
        )
        for row in tx.execute(query.order_by(table.c.number.desc()).limit(limit))
    ]


def _aware(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is stored in UTC."""
    return moment.replace(tzinfo=moment.tzinfo or UTC)
