"""Sums of uses, which change with each use, begun with what is there."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

USES = sa.table(
    "uses", *(sa.column(name) for name in ("tenant_id", "quota", "granted", "node_id", "digest", "customer"))
)
PARTS = (  # (kind, subject, of which uses)
    ("granted", USES.c.granted, sa.true()),
    ("node", USES.c.node_id, USES.c.granted == "leased"),
    ("code", USES.c.digest, USES.c.digest.is_not(None)),
    ("customer", USES.c.customer, USES.c.customer.is_not(None)),
)


def upgrade() -> None:
    sums = op.create_table(
        "use_sums",
        sa.Column("tenant_id", sa.String(36), primary_key=True),
        sa.Column("quota", sa.String(80), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("uses", sa.Integer, nullable=False),
        sa.Column("minor", sa.Integer, nullable=False),
    )
    for kind, subject, which in PARTS:
        owner = (USES.c.tenant_id, USES.c.quota)
        counted = sa.select(*owner, sa.literal(kind), subject, sa.func.count(), sa.func.sum(sa.column("minor")))
        counted = counted.where(sa.column("state") == "used", which).group_by(*owner, subject)
        op.execute(sums.insert().from_select([column.name for column in sums.columns], counted))
    # Each holds all that is asked of it, or the database would choose another one and read all of a quota, or a tenant.
    for name, columns in (
        ("uses_of_code", ["tenant_id", "quota", "digest", "state", "at", "basket_id"]),
        ("uses_of_customer", ["tenant_id", "quota", "customer", "state", "at", "basket_id"]),
        ("uses_of_basket", ["tenant_id", "basket_id", "state", "quota"]),
    ):
        op.drop_index(name, "uses")
        op.create_index(name, "uses", columns)
    op.create_index("uses_by_state", "uses", ["tenant_id", "quota", "state", "expires_at"])
