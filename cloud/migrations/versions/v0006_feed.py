"""The key that snapshots are signed with, and how far each node has come with the feed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
    )
    op.add_column("nodes", sa.Column("feed_cursor", sa.Integer))
    op.add_column("nodes", sa.Column("feed_fresh_at", sa.DateTime(timezone=True)))
