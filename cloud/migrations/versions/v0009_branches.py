"""Branches of journals: what boxes wrote after their disks were set back."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("journal_heads", sa.Column("author_id", sa.String(36)))
    op.add_column("journal_heads", sa.Column("first_seq", sa.Integer))
    op.add_column("journal_heads", sa.Column("parent_id", sa.String(36)))
    op.create_index("ix_journal_heads_author_id", "journal_heads", ["author_id"])
