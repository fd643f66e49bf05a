"""Closings that are to be checked, by node and in order."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.drop_index("closings_by_state", "closings")
    op.create_index("closings_by_state", "closings", ["state", "node_id", "number"])
