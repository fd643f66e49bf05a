"""Repairs of entries that were set aside, days and their verdicts, alarms, retired nodes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.String(36)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _quarantine()
    _days()
    _alarms()
    op.add_column("nodes", sa.Column("retired_at", MOMENT))


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


def _days() -> None:
    op.create_table(
        "closings",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("id", ID, primary_key=True),
        sa.Column("arrival", sa.Integer, nullable=False),
        sa.Column("node_id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("business_day", sa.Date, nullable=False),
        sa.Column("first_seq", sa.Integer, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("checked_at", MOMENT),
        sa.Column("verdict", sa.Text),
    )
    op.create_index("closings_of_node", "closings", ["tenant_id", "node_id", "number"])
    op.create_index("closings_by_day", "closings", ["tenant_id", "business_day", "id"])
    op.create_index("closings_by_state", "closings", ["state"])
    op.create_table(
        "open_days",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("node_id", ID, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("summed_revision", sa.Integer, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("body", sa.Text),
    )


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("node_id", ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("last_seen", MOMENT, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("present", sa.Boolean, nullable=False),
        sa.Column("author", sa.String(200)),
        sa.Column("note", sa.Text),
        sa.Column("settled_at", MOMENT),
        sa.UniqueConstraint("tenant_id", "node_id", "kind", "subject"),
    )
    op.create_index("alarms_by_state", "alarms", ["tenant_id", "state"])
