"""Campaigns: written at head office, proven at the tills, changed only where codes in the world stay good."""

from pathlib import Path
from typing import Any

import pytest

from shared.coupons import recognise
from shared.model.special import Campaign
from tests.cloud.specials.world import BATCH, SHARED, begin, redeemed
from tests.cloud.world import knock_as, open_world, send


async def test_the_codes_of_a_batch_are_recognised_with_what_the_feed_brings(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        await begin(tenant, "summer", BATCH)
        first = await tenant.see("/api/coupons/summer/codes?limit=60")
        rest = await tenant.see(f"/api/coupons/summer/codes?limit=60&cursor={first['next']}")
        feed = await knock_as(world, box, "GET", "/api/feed")

    [row] = [row for row in feed.body["rows"] if row["kind"] == "coupon"]
    campaign = Campaign.model_validate(row["body"])
    codes = first["codes"] + rest["codes"]
    assert (len(codes), rest["next"]) == (100, None)
    assert len({recognise(code, [campaign]).digest for code in codes}) == 100


async def test_nobody_at_head_office_is_shown_the_key(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        shown = [
            await begin(tenant, "summer", BATCH),
            await tenant.see("/api/coupons/summer"),
            await tenant.see("/api/coupons"),
        ]

    assert "key" not in str(shown)
    assert shown[0] == shown[1] == shown[2]["campaigns"][0]
    assert shown[0]["terms"]["text"] == "SUN"
    assert (shown[0]["used"], shown[0]["left"], shown[0]["state"]) == (0, 100, "active")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"name": "Late summer", "closes": "2026-09-30"}, 200, None),
        ({"size": 200}, 200, None),
        ({"size": 99}, 409, "campaign-fixed"),
        ({"text": "MOON"}, 409, "campaign-fixed"),
        ({"kind": "shared", "size": None, "max_uses_per_code": None}, 409, "campaign-fixed"),
        ({"text": "we1come 10", "kind": "shared"}, 400, "bad-request"),
        ({"colour": "blue"}, 400, "bad-request"),
    ],
)
async def test_what_codes_in_the_world_rest_on_does_not_change(
    tmp_path: Path, changes: dict[str, Any], status: int, code: str | None
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await begin(tenant, "summer", BATCH)
        before = (await tenant.see("/api/coupons/summer/codes"))["codes"]
        answer = await tenant.knock("PUT", "/api/coupons/summer", json={**BATCH, **changes})
        after = (await tenant.see("/api/coupons/summer/codes"))["codes"]

    assert answer.status == status
    assert answer.body.get("code") == code
    assert after[:100] == before


async def test_two_campaigns_never_have_the_same_text_however_it_is_written(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, other = await world.tenant(), await world.tenant("Other")
        await begin(tenant, "welcome", SHARED)
        same = await tenant.knock("PUT", "/api/coupons/hello", json={**SHARED, "text": "we1come 1o"})
        elsewhere = await other.knock("PUT", "/api/coupons/hello", json=SHARED)
        await tenant.knock("DELETE", "/api/coupons/welcome")
        later = await tenant.knock("PUT", "/api/coupons/hello", json=SHARED)

    assert (same.status, same.body["code"]) == (409, "text-taken")
    assert (elsewhere.status, later.status) == (200, 200)


async def test_an_ended_campaign_is_gone_from_the_tills_and_does_not_come_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        await begin(tenant, "summer", BATCH)
        ended = await tenant.knock("DELETE", "/api/coupons/summer")
        again = await tenant.knock("PUT", "/api/coupons/summer", json=BATCH)
        feed = await knock_as(world, box, "GET", "/api/feed")
        redeemed(box, 1, grant="leased")
        await send(world, box)
        await world.projected()
        shown = await tenant.see("/api/coupons/summer")
        unknown = await tenant.knock("DELETE", "/api/coupons/winter")

    assert (ended.status, again.body["code"], unknown.status) == (204, "campaign-ended", 404)
    assert {row["gone"] for row in feed.body["rows"] if row["kind"] in {"coupon", "lease"}} == {True}
    assert (shown["state"], shown["used"]) == ("ended", 1)


async def test_a_batch_is_downloaded_whole_as_a_file(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await begin(tenant, "summer", BATCH)
        shown = (await tenant.see("/api/coupons/summer/codes"))["codes"]
        file = await tenant.knock("GET", "/api/coupons/summer/codes.csv")
        shared = await begin(tenant, "welcome", SHARED)
        none = await tenant.knock("GET", f"/api/coupons/{shared['id']}/codes.csv")

    assert file.headers["Content-Disposition"] == 'attachment; filename="summer.csv"'
    assert file.body.decode().splitlines() == ["code", *shown]
    assert (none.status, none.body["code"]) == (409, "no-batch")


async def test_a_shared_code_is_no_batch(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await begin(tenant, "welcome", SHARED)
        answer = await tenant.knock("GET", "/api/coupons/welcome/codes")

    assert (answer.status, answer.body["code"]) == (409, "no-batch")


async def test_campaigns_come_in_pages(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        for number in range(3):
            await begin(tenant, f"c{number}", SHARED, text=f"CODE{number}")
        first = await tenant.see("/api/coupons?limit=2")
        rest = await tenant.see(f"/api/coupons?limit=2&cursor={first['next']}")

    assert [row["id"] for row in first["campaigns"] + rest["campaigns"]] == ["c0", "c1", "c2"]
    assert rest["next"] is None
