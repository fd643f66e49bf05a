"""Campaigns, uses of their coupons, what was leased to boxes, and what went wrong."""

from datetime import datetime
from typing import Literal

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    String,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.dialects.sqlite import insert

from cloud.database import Transaction, metadata
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
