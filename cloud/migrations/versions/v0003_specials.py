"""Coupon campaigns, their uses and leases, what was used too often; donations; lotteries."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.String(36)
CODE = sa.String(64)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "coupon_campaigns",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("id", CODE, primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("text", CODE, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "coupon_uses",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("campaign", CODE, primary_key=True),
        sa.Column("basket_id", ID, primary_key=True),
        sa.Column("digest", sa.String(32)),
        sa.Column("customer", CODE),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("node_id", ID, nullable=False),
        sa.Column("granted", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempt", ID),
        sa.Column("expires_at", MOMENT),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("coupon_uses_of_code", "coupon_uses", ["tenant_id", "campaign", "digest"])
    op.create_table(
        "coupon_leases",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("campaign", CODE, primary_key=True),
        sa.Column("node_id", ID, primary_key=True),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("leased", sa.Integer, nullable=False),
    )
    op.create_table(
        "special_exceptions",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("wrong", sa.String(20), nullable=False),
        sa.Column("campaign", CODE, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("node_id", ID, nullable=False),
        sa.Column("digest", sa.String(32)),
        sa.Column("customer", CODE),
        sa.Column("other_orders", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("tenant_id", "wrong", "campaign", "order_id"),
    )
    _donations()
    _lotteries()


def _donations() -> None:
    op.create_table(
        "donation_campaigns",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("id", CODE, primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
    )
    op.create_table(
        "donations",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("order_id", ID, primary_key=True),
        sa.Column("campaign", CODE, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("minor", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("donations_of_campaign", "donations", ["tenant_id", "campaign", "currency"])


def _lotteries() -> None:
    op.create_table(
        "lotteries",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("id", CODE, primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "lottery_codes",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("lottery", CODE, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("node_id", ID),
        sa.Column("order_id", ID),
        sa.UniqueConstraint("tenant_id", "lottery", "code"),
    )
    op.create_index("lottery_codes_of_order", "lottery_codes", ["tenant_id", "order_id"])
