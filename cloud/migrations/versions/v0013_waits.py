"""Where boxes told that their journals end, and since when by head office's clock they keep what they did not send."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("nodes", sa.Column("told_seq", sa.Integer))
    op.add_column("nodes", sa.Column("unsent_since", sa.DateTime(timezone=True)))
    op.execute("update nodes set unsent_since = last_contact_at where unsent > 0")
    op.execute(
        "update nodes set told_seq = unsent + coalesce((select seq from journal_heads where node_id = nodes.id), 0) "
        "where last_contact_at is not null"
    )
