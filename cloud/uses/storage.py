"""Quotas, what was used of them, what is leased to boxes, and what went wrong."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

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
from cloud.uses.models import OTHERS_MAX, ExceptionRow, Sum, SumKind, Used, Wrong
from shared.model.quota import Quota

QUOTA = String(80)
CODE_USES_MAX = 100  # shown of one code

Owner = tuple[str, str]  # tenant, quota

Subject = Literal["code", "customer"]
_COLUMNS: dict[Subject, str] = {"code": "digest", "customer": "customer"}

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
    Index("uses_of_code", "tenant_id", "quota", "digest", "state", "at", "basket_id"),
    Index("uses_of_customer", "tenant_id", "quota", "customer", "state", "at", "basket_id"),
    Index("uses_by_state", "tenant_id", "quota", "state", "expires_at"),
    Index("uses_of_basket", "tenant_id", "basket_id", "state", "quota"),
)

# Rows that change with each use: what one more costs does not grow with those before it.
use_sums = Table(
    "use_sums",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("quota", QUOTA, primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("uses", Integer, nullable=False),  # in orders; reservations end by themselves and are counted where asked
    Column("minor", Integer, nullable=False),  # what they take off vouchers' codes
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
    return known_quotas(tx, owner[0], [owner[1]]).get(owner[1])


def known_quotas(tx: Transaction, tenant_id: str, quota_ids: Collection[str]) -> dict[str, tuple[Quota, bool]]:
    """Return those of these quotas that there are, and whether they are open."""
    query = select(quotas).where(quotas.c.tenant_id == tenant_id, quotas.c.id.in_(quota_ids))
    return {row.id: (Quota.model_validate_json(row.body), row.is_open) for row in tx.execute(query)}


def open_quotas(tx: Transaction, tenant_id: str | None = None) -> list[tuple[str, Quota]]:
    """Return (tenant, quota) of all that are open."""
    query = select(quotas.c.tenant_id, quotas.c.body).where(quotas.c.is_open)
    if tenant_id is not None:
        query = query.where(quotas.c.tenant_id == tenant_id)
    rows = tx.execute(query.order_by(quotas.c.tenant_id, quotas.c.id))
    return [(row.tenant_id, Quota.model_validate_json(row.body)) for row in rows]


def put_use(tx: Transaction, owner: Owner, basket_id: str, **columns: Any) -> None:
    """Write a use down, over what was known of the same basket's use."""
    put_uses(tx, owner[0], basket_id, {owner[1]: columns})


def put_uses(tx: Transaction, tenant_id: str, basket_id: str, columns: Mapping[str, dict[str, Any]]) -> None:
    """Write all uses of a basket down together. columns: by quota, with the same names for all."""
    mine = (uses.c.tenant_id == tenant_id, uses.c.basket_id == basket_id)
    before = {row.quota: row for row in tx.execute(select(uses).where(*mine))}
    rows = [{"tenant_id": tenant_id, "quota": quota, "basket_id": basket_id, **one} for quota, one in columns.items()]
    upsert = insert(uses)
    changed = {name: upsert.excluded[name] for name in rows[0] if name not in uses.primary_key.columns}
    tx.execute(upsert.on_conflict_do_update(index_elements=list(uses.primary_key), set_=changed), rows)
    now = {row["quota"]: Used(*(row[name] for name in Used._fields)) for row in rows if row["state"] == "used"}
    _change(tx, *(((tenant_id, quota), _used(before.get(quota)), now.get(quota)) for quota in columns))


def _used(row: Row[Any] | None) -> Used | None:
    """Return what is summed up of a use, None where it stands in no order."""
    if row is None or row.state != "used":
        return None
    return Used(row.granted, row.node_id, row.digest, row.customer, row.minor)


def _change(tx: Transaction, *changes: tuple[Owner, Used | None, Used | None]) -> None:
    """Let the sums follow: of an owner's uses one stands no more, another one in its place, or both."""
    rows: dict[tuple[Owner, SumKind, str], dict[str, Any]] = {}
    for owner, gone, come in changes:
        for used, sign in ((gone, -1), (come, 1)):
            for kind, subject in used.parts() if used else ():
                named = {"tenant_id": owner[0], "quota": owner[1], "kind": kind, "subject": subject}
                row = rows.setdefault((owner, kind, subject), {**named, "uses": 0, "minor": 0})
                row["uses"] += sign
                row["minor"] += sign * used.minor if used else 0
    changed = [row for row in rows.values() if row["uses"] or row["minor"]]
    if changed:
        upsert = insert(use_sums)
        grown = {name: use_sums.c[name] + upsert.excluded[name] for name in ("uses", "minor")}
        tx.execute(upsert.on_conflict_do_update(index_elements=list(use_sums.primary_key), set_=grown), changed)


def sum_of(tx: Transaction, owner: Owner, kind: SumKind, subject: str) -> Sum:
    """Return what the uses of one code, customer or node in orders come to."""
    query = select(use_sums.c.uses, use_sums.c.minor).where(*_sums(owner, kind), use_sums.c.subject == subject)
    row = tx.execute(query).first()
    return Sum(row.uses, row.minor) if row else Sum(0, 0)


def _by_subject(tx: Transaction, owner: Owner, kind: SumKind) -> dict[str, int]:
    query = select(use_sums.c.subject, use_sums.c.uses).where(*_sums(owner, kind), use_sums.c.uses > 0)
    return {row.subject: row.uses for row in tx.execute(query)}


def _sums(owner: Owner, kind: SumKind) -> tuple[ColumnElement[bool], ...]:
    return use_sums.c.tenant_id == owner[0], use_sums.c.quota == owner[1], use_sums.c.kind == kind


def use(tx: Transaction, owner: Owner, basket_id: str, standing_at: datetime | None = None) -> Row[Any] | None:
    """Return a basket's use of a campaign. standing_at: only if it is taken then."""
    query = select(uses).where(*_of(owner), uses.c.basket_id == basket_id)
    if standing_at is not None:
        query = query.where(or_(uses.c.state == "used", _reserved(standing_at)))
    return tx.execute(query).first()


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


def _reserved(now: datetime) -> ColumnElement[bool]:
    """Uses that are reserved by baskets that are being paid."""
    return and_(uses.c.state == "reserved", uses.c.expires_at > now)


def standing(tx: Transaction, owner: Owner, besides: str, now: datetime, kind: Subject, subject: str) -> Sum:
    """Return what is taken of one code or by one customer: in orders, and reserved. besides: a basket left out."""
    column = uses.c[_COLUMNS[kind]]
    query = select(func.count(), func.coalesce(func.sum(uses.c.minor), 0)).where(
        *_of(owner), column == subject, _reserved(now), uses.c.basket_id != besides
    )
    reserved, reserved_minor = tx.execute(query).one()
    used = sum_of(tx, owner, kind, subject)
    own = _used(use(tx, owner, besides)) if besides else None
    if own is not None and (kind, subject) in own.parts():
        used = Sum(used.uses - 1, used.minor - own.minor)
    return Sum(used.uses + reserved, used.minor + reserved_minor)


def other_orders(
    tx: Transaction, owner: Owner, order_id: str, kind: Subject, subject: str, limit: int = OTHERS_MAX
) -> list[str]:
    """Return other orders that used a quota with the same code, or by the same customer, newest first."""
    query = select(uses.c.basket_id).where(*_of(owner), uses.c[_COLUMNS[kind]] == subject, uses.c.state == "used")
    query = query.where(uses.c.basket_id != order_id).order_by(uses.c.at.desc(), uses.c.basket_id.desc())
    return list(tx.execute(query.limit(limit)).scalars())


def of_code(tx: Transaction, owner: Owner, digest: str) -> list[Row[Any]]:
    """Return the uses of a code, newest first."""
    query = select(uses).where(*_of(owner), uses.c.digest == digest)
    return list(tx.execute(query.order_by(uses.c.at.desc(), uses.c.basket_id).limit(CODE_USES_MAX)))


def give_back_minor(tx: Transaction, owner: Owner, order_id: str, minor: int) -> None:
    """Put a part of what an order took back on a voucher's code."""
    before = _used(use(tx, owner, order_id))
    if before is None:
        return
    _change(tx, (owner, before, before._replace(minor=before.minor - minor)))
    of_it = uses.update().where(*_of(owner), uses.c.basket_id == order_id, uses.c.state == "used")
    tx.execute(of_it.values(minor=uses.c.minor - minor))


def counts(tx: Transaction, owner: Owner, now: datetime) -> dict[tuple[str, str], int]:
    """Return how many uses stand, by (state, granted)."""
    query = select(uses.c.granted, func.count().label("uses")).where(*_of(owner), _reserved(now))
    reserved = {("reserved", row.granted): row.uses for row in tx.execute(query.group_by(uses.c.granted))}
    used = {("used", granted): count for granted, count in _by_subject(tx, owner, "granted").items()}
    return {**reserved, **used}


def used(tx: Transaction, owner: Owner) -> int:
    """Return how many uses stand in orders."""
    return sum(_by_subject(tx, owner, "granted").values())


def spent(tx: Transaction, owner: Owner) -> dict[str, int]:
    """Return how many leased uses have arrived, by node."""
    return _by_subject(tx, owner, "node")


def spent_by(tx: Transaction, owner: Owner, node_id: str) -> int:
    """Return how many leased uses of one node have arrived."""
    return sum_of(tx, owner, "node", node_id).uses


def leased_to(tx: Transaction, owner: Owner, node_id: str) -> int:
    """Return how many uses one node was given to spend."""
    table = leases_of_boxes
    query = select(table.c.leased).where(table.c.tenant_id == owner[0], table.c.quota == owner[1])
    return tx.execute(query.where(table.c.node_id == node_id)).scalar() or 0


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
    of_it = (uses.c.tenant_id == tenant_id, uses.c.basket_id == order_id, uses.c.state == "used")
    _change(tx, *(((tenant_id, row.quota), _used(row), None) for row in tx.execute(select(uses).where(*of_it))))
    tx.execute(uses.update().where(*of_it).values(state="returned"))


def add_exception(
    tx: Transaction, owner: Owner, wrong: Wrong, order_id: str, other_orders: list[str], at: datetime, **columns: Any
) -> None:
    """Note what is wrong with a use, once."""
    told = {"wrong": wrong, "campaign": owner[1], "order_id": order_id, "digest": None, "customer": None}
    add_exceptions(tx, owner[0], [{**told, "other_orders": json.dumps(other_orders), "at": at, **columns}])


def add_exceptions(tx: Transaction, tenant_id: str, rows: Collection[dict[str, Any]]) -> None:
    """Note what is wrong with uses, each once."""
    table = special_exceptions
    newest = select(func.coalesce(func.max(table.c.number), 0)).where(table.c.tenant_id == tenant_id)
    first = tx.execute(newest).scalar_one() + 1
    numbered = [{"tenant_id": tenant_id, "number": number, **row} for number, row in enumerate(rows, first)]
    tx.execute(insert(table).on_conflict_do_nothing(), numbered)


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
