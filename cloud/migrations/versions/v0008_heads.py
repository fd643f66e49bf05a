"""A chain over what the feed published."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "feed_heads",
        sa.Column("tenant_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("head", sa.String(64), nullable=False),
    )
    # What was published before has no chain. Chance stands for it: a copy of before that is brought up to date once
    # more gets another, and is known to be another.
    op.execute("insert into feed_heads select tenant_id, version, lower(hex(randomblob(32))) from feed_versions")
