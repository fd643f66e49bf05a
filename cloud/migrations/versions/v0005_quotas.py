"""Whatever is counted has a quota: coupons' campaigns as before, and now promotions."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.String(36)
QUOTA = sa.String(80)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "quotas",
        sa.Column("tenant_id", ID, primary_key=True),
        sa.Column("id", QUOTA, primary_key=True),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.drop_index("coupon_uses_of_code", "coupon_uses")
    op.rename_table("coupon_uses", "uses")
    with op.batch_alter_table("uses") as uses:
        uses.alter_column("campaign", new_column_name="quota", type_=QUOTA)
        uses.add_column(sa.Column("minor", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("uses") as uses:
        uses.alter_column("minor", server_default=None)
    op.create_index("uses_of_code", "uses", ["tenant_id", "quota", "digest"])
    op.create_index("uses_of_customer", "uses", ["tenant_id", "quota", "customer"])
    op.create_index("uses_of_basket", "uses", ["tenant_id", "basket_id"])
    op.rename_table("coupon_leases", "leases")
    with op.batch_alter_table("leases") as leases:
        leases.alter_column("campaign", new_column_name="quota", type_=QUOTA)
        leases.add_column(sa.Column("at", MOMENT, nullable=False, server_default=sa.func.current_timestamp()))
        leases.add_column(sa.Column("recovered_at", MOMENT))
    with op.batch_alter_table("leases") as leases:
        leases.alter_column("at", server_default=None)
    with op.batch_alter_table("special_exceptions") as exceptions:
        exceptions.alter_column("campaign", type_=QUOTA)
    _count_what_is_there()


def _count_what_is_there() -> None:
    """Give campaigns and promotions that are there already their quotas."""
    rows = []
    connection = op.get_bind()
    for tenant_id, state, text in connection.execute(sa.text("select tenant_id, state, body from coupon_campaigns")):
        body = json.loads(text)
        rows.append(_row(tenant_id, state, body["id"], body["name"], _limits(body, _total(body)), body))
    for tenant_id, state, text in connection.execute(sa.text("select tenant_id, state, body from promotions")):
        body = json.loads(text)
        gate = body.get("gate") or {}
        limits = _limits(gate, gate.get("max_uses_total"))
        if limits and state != "draft":
            rows.append(_row(tenant_id, state, f"promotion:{body['id']}", body.get("name") or body["id"], limits, {}))
    if rows:
        insert = sa.text("insert into quotas (tenant_id, id, is_open, body) values (:tenant_id, :id, :is_open, :body)")
        connection.execute(insert, rows)


def _total(body: dict[str, Any]) -> int | None:
    of_codes = (body.get("size") or 0) * (body.get("max_uses_per_code") or 0)
    return min((limit for limit in (body.get("max_uses_total"), of_codes) if limit), default=None)


def _limits(body: dict[str, Any], total: int | None) -> dict[str, int]:
    limits = {name: body.get(name) for name in ("max_uses_per_code", "max_uses_per_customer")}
    return {name: limit for name, limit in {**limits, "max_uses_total": total}.items() if limit}


def _row(
    tenant_id: str, state: str, quota_id: str, name: str, limits: dict[str, int], body: dict[str, Any]
) -> dict[str, Any]:
    leased = {"leased_uses": body["leased_uses"]} if "leased_uses" in body else {}
    quota = json.dumps({"id": quota_id, "name": name, **limits, **leased})
    return {"tenant_id": tenant_id, "id": quota_id, "is_open": state == "active", "body": quota}
