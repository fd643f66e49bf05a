"""Campaigns, uses of their coupons, what was leased to boxes, and what went wrong."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
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
from cloud.specials.models import ExceptionRow, Wrong
from shared.model.special import Campaign, DonationCampaign

coupon_campaigns = Table(
    "coupon_campaigns",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("text", String(64), nullable=False),  # folded, as codes are compared
    Column("body", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

coupon_uses = Table(
    "coupon_uses",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("campaign", String(64), primary_key=True),
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
    Index("coupon_uses_of_code", "tenant_id", "campaign", "digest"),
)

coupon_leases = Table(
    "coupon_leases",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("campaign", String(64), primary_key=True),
    Column("node_id", String(36), primary_key=True),
    Column("store_id", String(36), nullable=False),
    Column("leased", Integer, nullable=False),  # in all, spent or not
)

special_exceptions = Table(
    "special_exceptions",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("wrong", String(20), nullable=False),
    Column("campaign", String(64), nullable=False),
    Column("order_id", String(36), nullable=False),
    Column("store_id", String(36), nullable=False),
    Column("node_id", String(36), nullable=False),
    Column("digest", String(32)),
    Column("customer", String(64)),
    Column("other_orders", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("tenant_id", "wrong", "campaign", "order_id"),
)

donation_campaigns = Table(
    "donation_campaigns",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("name", String(200), nullable=False),
)

donations = Table(
    "donations",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("order_id", String(36), primary_key=True),
    Column("campaign", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("minor", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("donations_of_campaign", "tenant_id", "campaign", "currency"),
)

State = Literal["active", "ended"]
Owner = tuple[str, str]  # tenant, campaign


def put_campaign(tx: Transaction, tenant_id: str, campaign: Campaign, text: str, now: datetime) -> None:
    body = campaign.model_dump_json()
    row = {"tenant_id": tenant_id, "id": campaign.id, "state": "active", "text": text, "body": body}
    upsert = insert(coupon_campaigns).values(**row, created_at=now)
    tx.execute(upsert.on_conflict_do_update(index_elements=["tenant_id", "id"], set_={"body": body, "text": text}))


def end_campaign(tx: Transaction, tenant_id: str, campaign_id: str) -> None:
    query = coupon_campaigns.update().where(
        coupon_campaigns.c.tenant_id == tenant_id, coupon_campaigns.c.id == campaign_id
    )
    tx.execute(query.values(state="ended"))


def campaign(tx: Transaction, tenant_id: str, campaign_id: str) -> tuple[Campaign, State] | None:
    query = select(coupon_campaigns.c.body, coupon_campaigns.c.state)
    query = query.where(coupon_campaigns.c.tenant_id == tenant_id, coupon_campaigns.c.id == campaign_id)
    row = tx.execute(query).first()
    return (Campaign.model_validate_json(row.body), row.state) if row else None


def campaigns(
    tx: Transaction, tenant_id: str, after: str = "", limit: int | None = None, *, only_active: bool = False
) -> list[tuple[Campaign, State]]:
    query = select(coupon_campaigns.c.body, coupon_campaigns.c.state)
    query = query.where(coupon_campaigns.c.tenant_id == tenant_id, coupon_campaigns.c.id > after)
    if only_active:
        query = query.where(coupon_campaigns.c.state == "active")
    rows = tx.execute(query.order_by(coupon_campaigns.c.id).limit(limit))
    return [(Campaign.model_validate_json(row.body), row.state) for row in rows]


def by_text(tx: Transaction, tenant_id: str, text: str) -> str | None:
    """Return the id of the active campaign with this text."""
    query = select(coupon_campaigns.c.id).where(
        coupon_campaigns.c.tenant_id == tenant_id, coupon_campaigns.c.text == text, coupon_campaigns.c.state == "active"
    )
    return tx.execute(query).scalar()


def put_use(tx: Transaction, owner: Owner, basket_id: str, **columns: Any) -> None:
    """Write a use down, over what was known of the same basket's use."""
    upsert = insert(coupon_uses).values(tenant_id=owner[0], campaign=owner[1], basket_id=basket_id, **columns)
    tx.execute(upsert.on_conflict_do_update(index_elements=list(coupon_uses.primary_key), set_=columns))


def use(tx: Transaction, owner: Owner, basket_id: str, standing_at: datetime | None = None) -> Row[Any] | None:
    """Return a basket's use of a campaign. standing_at: only if it is taken then."""
    query = select(coupon_uses).where(*_of(owner), coupon_uses.c.basket_id == basket_id)
    return tx.execute(query if standing_at is None else query.where(_standing(standing_at))).first()


def drop_reservation(tx: Transaction, owner: Owner, node_id: str, basket_id: str, attempt: str) -> None:
    """Drop what an attempt of a box reserved, or one before it: attempts are UUIDv7 and grow with the box's clock."""
    tx.execute(
        coupon_uses.delete().where(
            *_of(owner),
            coupon_uses.c.node_id == node_id,
            coupon_uses.c.basket_id == basket_id,
            coupon_uses.c.attempt <= attempt,
            coupon_uses.c.state == "reserved",
        )
    )


def _of(owner: Owner) -> tuple[ColumnElement[bool], ...]:
    return coupon_uses.c.tenant_id == owner[0], coupon_uses.c.campaign == owner[1]


def _standing(now: datetime) -> ColumnElement[bool]:
    """Uses that are taken: in orders, and reserved by baskets that are being paid."""
    used = coupon_uses.c.state == "used"
    return or_(used, and_(coupon_uses.c.state == "reserved", coupon_uses.c.expires_at > now))


def others(
    tx: Transaction, owner: Owner, basket_id: str, now: datetime, *, only_used: bool = False, **same: str
) -> list[str]:
    """Return the other baskets that use a campaign with the same code (`digest`) or `customer`, newest first."""
    query = select(coupon_uses.c.basket_id).where(*_of(owner), coupon_uses.c.basket_id != basket_id)
    query = query.where(coupon_uses.c.state == "used" if only_used else _standing(now))
    for name, value in same.items():
        query = query.where(coupon_uses.c[name] == value)
    return list(tx.execute(query.order_by(coupon_uses.c.at.desc(), coupon_uses.c.basket_id)).scalars())


def counts(tx: Transaction, owner: Owner, now: datetime) -> dict[tuple[str, str], int]:
    """Return how many uses stand, by (state, granted)."""
    query = select(coupon_uses.c.state, coupon_uses.c.granted, func.count()).where(*_of(owner), _standing(now))
    rows = tx.execute(query.group_by(coupon_uses.c.state, coupon_uses.c.granted))
    return {(state, granted): count for state, granted, count in rows}


def spent(tx: Transaction, owner: Owner) -> dict[str, int]:
    """Return how many leased uses have arrived, by node."""
    query = select(coupon_uses.c.node_id, func.count().label("uses")).where(
        *_of(owner), coupon_uses.c.state == "used", coupon_uses.c.granted == "leased"
    )
    return {row.node_id: row.uses for row in tx.execute(query.group_by(coupon_uses.c.node_id))}


def leases(tx: Transaction, owner: Owner) -> dict[str, tuple[str, int]]:
    """Return (store, uses leased in all) by node."""
    query = select(coupon_leases).where(coupon_leases.c.tenant_id == owner[0], coupon_leases.c.campaign == owner[1])
    return {row.node_id: (row.store_id, row.leased) for row in tx.execute(query)}


def set_leases(tx: Transaction, owner: Owner, leased: Mapping[str, tuple[str, int]]) -> None:
    for node_id, (store_id, uses) in leased.items():
        row = {"tenant_id": owner[0], "campaign": owner[1], "node_id": node_id, "store_id": store_id}
        upsert = insert(coupon_leases).values(**row, leased=uses)
        tx.execute(upsert.on_conflict_do_update(index_elements=list(coupon_leases.primary_key), set_={"leased": uses}))


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
            at=row.at.replace(tzinfo=row.at.tzinfo or UTC),
        )
        for row in tx.execute(query.order_by(table.c.number.desc()).limit(limit))
    ]


def put_donation_campaign(tx: Transaction, tenant_id: str, campaign: DonationCampaign, state: State) -> None:
    upsert = insert(donation_campaigns).values(tenant_id=tenant_id, state=state, **campaign.model_dump())
    changed = {"state": state, "name": campaign.name}
    tx.execute(upsert.on_conflict_do_update(index_elements=list(donation_campaigns.primary_key), set_=changed))


def donation_campaigns_of(tx: Transaction, tenant_id: str) -> list[tuple[DonationCampaign, State]]:
    query = select(donation_campaigns).where(donation_campaigns.c.tenant_id == tenant_id)
    rows = tx.execute(query.order_by(donation_campaigns.c.id))
    return [(DonationCampaign(id=row.id, name=row.name), row.state) for row in rows]


def add_donation(
    tx: Transaction, tenant_id: str, order_id: str, campaign: str, currency: str, minor: int, at: datetime
) -> None:
    row = {"tenant_id": tenant_id, "order_id": order_id, "campaign": campaign, "currency": currency}
    tx.execute(insert(donations).values(**row, minor=minor, at=at).on_conflict_do_nothing())


def donated(tx: Transaction, tenant_id: str) -> list[tuple[str, str, int, int]]:
    """Return (campaign, currency, how often, how much) of all donations."""
    query = select(donations.c.campaign, donations.c.currency, func.count(), func.sum(donations.c.minor))
    query = query.where(donations.c.tenant_id == tenant_id).group_by(donations.c.campaign, donations.c.currency)
    return [tuple(row) for row in tx.execute(query.order_by(donations.c.campaign, donations.c.currency))]
