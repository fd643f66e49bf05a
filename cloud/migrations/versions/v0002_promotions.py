"""Promotions as they are written, the packs that stores got, and orders that came to something else here."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.String(36)
CODE = sa.String(64)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "promotions",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("id", CODE, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("family", CODE, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_table(
        "packs",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("version", CODE, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("promotions", sa.Text, nullable=False),
    )
    op.create_table(
        "publications",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("store_id", ID, primary_key=True),
        sa.Column("version", CODE, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("starts_at", MOMENT),
        sa.Column("published_at", MOMENT),
    )
    op.create_index("publications_to_come", "publications", ["published_at", "starts_at"])
    op.create_table(
        "promotion_alarms",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("order_id", ID, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("receipt_number", CODE, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("edge_log", sa.Text, nullable=False),
        sa.Column("our_log", sa.Text),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("acknowledged_at", MOMENT),
    )
    op.create_index("promotion_alarms_by_number", "promotion_alarms", ["tenant_id", "number"], unique=True)
    _promotions_of_the_feed()


def _promotions_of_the_feed() -> None:
    """Take over what was published before promotions had a table of their own."""
    op.execute(
        """
        insert into promotions (tenant_id, id, revision, state, family, words, body, updated_at)
        select tenant_id, key, 1, 'active', json_extract(body, '$.family'),
               lower(key || ' ' || coalesce(json_extract(body, '$.name'), '')), body, current_timestamp
        from feed_rows where kind = 'promotion' and store_id = '' and not gone
        """
    )
