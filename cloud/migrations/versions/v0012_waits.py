"""Where boxes told that their journals end, so that what they still keep is known whoever delivers it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("nodes", sa.Column("told_seq", sa.Integer))
    held = "coalesce((select seq from journal_heads where node_id = nodes.id), 0)"
    op.execute(f"update nodes set told_seq = {held} + unsent where last_contact_at is not null")  # noqa: S608
