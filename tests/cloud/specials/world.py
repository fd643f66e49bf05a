"""Campaigns, and boxes that reserve, redeem and give back."""

import json
from typing import Any

from tests.cloud.boxes import Box, an_id
from tests.cloud.world import Tenant, World, knock_as, send

BATCH: dict[str, Any] = {"name": "Summer", "kind": "batch", "text": "SUN", "size": 100, "max_uses_per_code": 1}
SHARED: dict[str, Any] = {"name": "Welcome", "kind": "shared", "text": "WELCOME10"}
ATTEMPT = an_id(700)


def digest(number: int) -> str:
    return f"{number:032x}"


async def begin(tenant: Tenant, campaign_id: str, body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = await tenant.knock("PUT", f"/api/coupons/{campaign_id}", json={**body, **changes})
    assert answer.status == 200, answer.body
    return answer.body


async def reserve(
    world: World,
    box: Box,
    basket: int,
    campaign_id: str = "summer",
    code: int | None = 1,
    customer: str | None = None,
    attempt: str = ATTEMPT,
) -> str:
    """Ask as a box does before a payment; returns the result."""
    use = {"quota": campaign_id, "digest": None if code is None else digest(code), "customer": customer}
    body = {"basket_id": an_id(basket), "attempt": attempt, "uses": [use]}
    answer = await knock_as(world, box, "POST", "/api/uses/reservations", data=json.dumps(body))
    assert answer.status == 200, answer.body
    return answer.body["uses"][0]["result"]


async def give_back(world: World, box: Box, basket: int, attempt: str = ATTEMPT, campaign_id: str = "summer") -> None:
    body = {"basket_id": an_id(basket), "attempt": attempt, "quota": campaign_id}
    answer = await knock_as(world, box, "POST", "/api/uses/reservations/return", data=json.dumps(body))
    assert answer.status == 200, answer.body


def redeemed(
    box: Box, order: int, campaign_id: str = "summer", code: int | None = 1, grant: str = "reserved", **use: Any
) -> None:
    """Note an order that used a coupon."""
    named = {"campaign": campaign_id, "digest": None if code is None else digest(code), "grant": grant, **use}
    box.sold(order, coupons=(named,))


async def deliver(world: World, *boxes: Box) -> None:
    for box in (one for one in boxes if one.entries):
        answer = await send(world, box)
        assert answer.status == 200, answer.body
    await world.projected()


async def leased(world: World, box: Box, campaign_id: str = "summer") -> int:
    """Return what the feed leases to a box in all."""
    answer = await knock_as(world, box, "GET", "/api/feed")
    rows = [row for row in answer.body["rows"] if (row["kind"], row["key"]) == ("lease", campaign_id)]
    return rows[-1]["body"]["nodes"].get(box.id, 0) if rows and not rows[-1]["gone"] else 0


async def wrongs(tenant: Tenant) -> list[tuple[str, str]]:
    """Return (what is wrong, with which order), newest first."""
    found = await tenant.see("/api/specials/exceptions")
    return [(row["wrong"], row["order_id"]) for row in found["exceptions"]]
