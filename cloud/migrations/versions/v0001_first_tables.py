"""The first tables: tenants, stores, nodes, journal, feed, orders, payments."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.String(36)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("scope", ID, primary_key=True),
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("meaning", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "tenants",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    _fleet()
    _sync()
    _orders()


def _fleet() -> None:
    op.create_table(
        "stores",
        sa.Column("id", ID, primary_key=True),
        sa.Column("tenant_id", ID, sa.ForeignKey("tenants.id"), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("tenant_id", "code"),
    )
    op.create_table(
        "nodes",
        sa.Column("id", ID, primary_key=True),
        sa.Column("tenant_id", ID, sa.ForeignKey("tenants.id"), nullable=False),
        sa.Column("store_id", ID, sa.ForeignKey("stores.id"), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("series", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), unique=True),
        sa.Column("code_expires_at", MOMENT),
        sa.Column("public_key", sa.String(64)),
        sa.Column("last_contact_at", MOMENT),
        sa.Column("unsent", sa.Integer, nullable=False),
        sa.Column("oldest_unsent_at", MOMENT),
        sa.Column("software_version", sa.String(200)),
        sa.UniqueConstraint("store_id", "name"),
        sa.UniqueConstraint("tenant_id", "series"),
    )


def _sync() -> None:
    op.create_table(
        "journal",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("node_id", ID, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
    )
    op.create_table(
        "journal_heads",
        sa.Column("node_id", ID, primary_key=True),
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("projected_seq", sa.Integer, nullable=False),
    )
    op.create_table(
        "quarantine",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("node_id", ID, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "feed_rows",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("store_id", ID, primary_key=True),
        sa.Column("kind", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text),
    )
    op.create_index("feed_rows_by_version", "feed_rows", ["tenant_id", "version"])
    op.create_table(
        "feed_versions",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
    )


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("id", ID, primary_key=True),
        sa.Column("arrival", sa.Integer, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("node_id", ID, nullable=False),
        sa.Column("receipt_number", sa.String(64), nullable=False),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("business_day", sa.Date, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("total_minor", sa.Integer, nullable=False),
        sa.Column("discount_minor", sa.Integer, nullable=False),
        sa.Column("tenders", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("tenant_id", "receipt_number"),
    )
    op.create_index("orders_by_arrival", "orders", ["tenant_id", "arrival"], unique=True)
    op.create_index("orders_of_store", "orders", ["tenant_id", "store_id", "arrival"])
    op.create_table(
        "refunds",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("id", ID, primary_key=True),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("node_id", ID, nullable=False),
        sa.Column("receipt_number", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("total_minor", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("tenant_id", "receipt_number"),
    )
    op.create_index("refunds_of_order", "refunds", ["tenant_id", "order_id"])
    op.create_table(
        "payments",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("id", ID, primary_key=True),
        sa.Column("node_id", ID, nullable=False),
        sa.Column("amount_minor", sa.Integer, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
