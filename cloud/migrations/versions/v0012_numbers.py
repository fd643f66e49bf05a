"""Receipt numbers are unique at their node: what one box sends locks no other box's sales out."""

from alembic import op

revision = "0012"
down_revision = "0011"

NAMES = {"uq": "uq_%(table_name)s_%(column_0_N_name)s"}  # for what the first tables left without a name


def upgrade() -> None:
    for table in ("orders", "refunds"):
        with op.batch_alter_table(table, naming_convention=NAMES) as changed:
            changed.drop_constraint(f"uq_{table}_tenant_id_receipt_number", type_="unique")
            changed.create_unique_constraint(f"{table}_numbers", ["tenant_id", "receipt_number", "node_id"])
