"""Entries that are set aside say more, and what is done about them is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.String(36)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _quarantine()


def _quarantine() -> None:
    with op.batch_alter_table("quarantine") as quarantine:
        quarantine.add_column(sa.Column("kind", sa.String(10), nullable=False, server_default="refused"))
        quarantine.add_column(sa.Column("event", sa.String(64)))
        quarantine.add_column(sa.Column("version", sa.Integer))
        quarantine.add_column(sa.Column("state", sa.String(10), nullable=False, server_default="waiting"))
        quarantine.add_column(sa.Column("tries", sa.Integer, nullable=False, server_default="1"))
        quarantine.add_column(sa.Column("tried_at", MOMENT, nullable=False, server_default=sa.func.current_timestamp()))
    with op.batch_alter_table("quarantine") as quarantine:
        for name in ("kind", "state", "tries", "tried_at"):
            quarantine.alter_column(name, server_default=None)
    op.execute("update quarantine set tried_at = at")
    op.execute("update quarantine set kind = 'unreadable' where reason like '%cannot be read%'")
    op.execute("update quarantine set kind = 'unknown' where reason like '%unknown event%'")
    op.create_table(
        "repairs",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("node_id", ID, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("act", sa.String(10), nullable=False),
        sa.Column("author", sa.String(200)),
        sa.Column("note", sa.Text),
        sa.Column("event", sa.String(64)),
        sa.Column("version", sa.Integer),
        sa.Column("body", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
