"""Counting over all stores: never more reserved and leased than there is, and what was too much is seen."""

from pathlib import Path
from typing import Any

import pytest

from shared.ids import seeded
from shared.protocol.uses import RESERVED_FOR_H
from tests.cloud.boxes import Box, an_id
from tests.cloud.specials.world import (
    BATCH,
    SHARED,
    begin,
    deliver,
    digest,
    give_back,
    leased,
    redeemed,
    reserve,
    wrongs,
)
from tests.cloud.world import Tenant, World, open_world


async def two_shops(world: World) -> tuple[Tenant, Box, Box]:
    tenant = await world.tenant()
    boxes = []
    for number in (1, 2):
        store = await tenant.open_store(code=f"S{number}", name=f"Shop {number}")
        boxes.append(await tenant.enrol(store["id"], "kiosk", f"S{number}K1"))
    return tenant, boxes[0], boxes[1]


async def test_a_code_is_reserved_once_and_a_repeat_is_the_same_reservation(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "summer", BATCH)
        results = [
            await reserve(world, here, 1),
            await reserve(world, here, 1),
            await reserve(world, there, 2),
            await reserve(world, there, 2, code=2),
        ]
        shown = await tenant.see("/api/coupons/summer")

    assert results == ["reserved", "reserved", "code_used", "reserved"]
    assert (shown["reserved"], shown["used"]) == (2, 0)


async def test_what_is_given_back_can_be_used_by_others(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "summer", BATCH)
        await reserve(world, here, 1)
        await give_back(world, there, 1)  # it is not that box's to give back
        still = await reserve(world, there, 2)
        await give_back(world, here, 1)
        free = await reserve(world, there, 2)

    assert (still, free) == ("code_used", "reserved")


async def test_a_late_return_of_an_earlier_payment_changes_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "summer", BATCH)
        await reserve(world, here, 1, attempt=an_id(701))
        await reserve(world, here, 1, attempt=an_id(702))
        await give_back(world, here, 1, attempt=an_id(701))

        assert await reserve(world, there, 2) == "code_used"


async def test_a_reservation_that_nobody_pays_expires(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "summer", BATCH)
        await reserve(world, here, 1)
        world.clock.pass_by(hours=RESERVED_FOR_H, seconds=1)

        assert await reserve(world, there, 2) == "reserved"


async def test_an_order_makes_its_use_final(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "summer", BATCH)
        await reserve(world, here, 1)
        redeemed(here, 1)
        await deliver(world, here)
        world.clock.pass_by(hours=2 * RESERVED_FOR_H)
        await give_back(world, here, 1)
        other = await reserve(world, there, 2)
        same = await reserve(world, here, 1)
        shown = await tenant.see("/api/coupons/summer")
        nothing_wrong = await wrongs(tenant)

    assert (other, same) == ("code_used", "reserved")
    assert (shown["used"], shown["reserved"], nothing_wrong) == (1, 0, [])


async def test_a_total_is_shared_between_all_codes_and_stores(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "welcome", SHARED, max_uses_total=3, leased_uses=0)
        results = [
            await reserve(world, box, basket, "welcome", None) for basket, box in enumerate((here, there) * 2, 1)
        ]

    assert results == ["reserved"] * 3 + ["used_up"]


async def test_a_customer_has_so_many_uses(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "welcome", SHARED, max_uses_per_customer=1)
        anna = await reserve(world, here, 1, "welcome", None, "anna")
        again = await reserve(world, there, 2, "welcome", None, "anna")
        ben = await reserve(world, there, 2, "welcome", None, "ben")

    assert (anna, again, ben) == ("reserved", "customer_used", "reserved")


async def test_what_head_office_does_not_know_is_not_reserved(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_shops(world)
        await begin(tenant, "summer", BATCH)
        await tenant.knock("DELETE", "/api/coupons/summer")

        assert [await reserve(world, here, 1, name) for name in ("summer", "winter")] == ["unknown"] * 2


async def test_every_box_gets_a_lease_and_a_new_one_when_it_starts(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "summer", BATCH)
        late = await tenant.enrol(here.store_id, "till", "S1T1")
        before = await leased(world, late)
        late.started("1.0")
        await deliver(world, late)
        leases = [await leased(world, box) for box in (here, there, late)]
        shown = await tenant.see("/api/coupons/summer")

    assert before == 0
    assert leases == [5, 5, 5]
    assert (shown["leased"], shown["left"]) == (15, 85)


async def test_a_lease_that_is_half_spent_is_topped_up_when_its_orders_arrive(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "summer", BATCH)
        for number in (1, 2):
            redeemed(here, number, code=number, grant="leased")
        await deliver(world, here)
        two_spent = await leased(world, here)
        redeemed(here, 3, code=3, grant="leased")
        await deliver(world, here)
        shown = await tenant.see("/api/coupons/summer")

        assert (two_spent, await leased(world, here), await leased(world, there)) == (5, 8, 5)
        assert (shown["used"], shown["leased"], shown["left"]) == (3, 10, 87)


async def test_at_most_half_of_what_is_left_is_leased_away(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "welcome", SHARED, max_uses_total=7, leased_uses=5)
        await begin(tenant, "once", SHARED, text="ONLYONCE", max_uses_total=1)
        leases = [await leased(world, box, "welcome") for box in (here, there)]
        none = await leased(world, here, "once")
        results = [await reserve(world, here, basket, "welcome", None) for basket in range(1, 8)]

    assert (leases, none) == ([1, 1], 0)
    assert results == ["reserved"] * 5 + ["used_up"] * 2


async def test_a_code_that_two_stores_took_offline_is_an_exception_that_people_see(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "summer", BATCH)
        redeemed(here, 1, grant="leased")
        redeemed(there, 2, grant="leased")
        await deliver(world, here, there, here)
        [row] = (await tenant.see("/api/specials/exceptions"))["exceptions"]
        totals = await tenant.totals()

    assert (row["wrong"], row["campaign"], row["digest"]) == ("code_used_again", "summer", digest(1))
    assert (row["order_id"], row["other_orders"]) == (an_id(2), [an_id(1)])
    assert (row["store_id"], row["node_id"]) == (there.store_id, there.id)
    assert (totals["orders"], totals["quarantined"]) == (2, 0)  # both were sold


@pytest.mark.parametrize(
    ("terms", "uses", "expected"),
    [
        ({"max_uses_total": 2}, [("reserved", None)] * 3, ["used_beyond_total"]),
        (
            {"max_uses_total": 2},
            [("leased", None)] * 4,
            ["used_beyond_total", "used_beyond_lease"] * 2 + ["used_beyond_lease"] * 2,
        ),
        ({"max_uses_per_customer": 1}, [("leased", "anna"), ("leased", "anna")], ["customer_used_again"]),
        ({"max_uses_per_customer": 1}, [("leased", "anna"), ("leased", "ben")], []),
        ({}, [("free", None)] * 3, []),
    ],
)
async def test_whatever_was_used_too_often_is_seen(
    tmp_path: Path, terms: dict[str, Any], uses: list[tuple[str, str | None]], expected: list[str]
) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_shops(world)
        await begin(tenant, "welcome", SHARED, **terms)
        for number, (grant, customer) in enumerate(uses, 1):
            redeemed(here, number, "welcome", None, grant, customer=customer)
        await deliver(world, here)
        found = await wrongs(tenant)

    assert [wrong for wrong, _ in found] == expected


async def test_a_coupon_of_no_campaign_of_ours_is_seen(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_shops(world)
        redeemed(here, 1, "forged")
        await deliver(world, here)

        assert await wrongs(tenant) == [("unknown_campaign", an_id(1))]


async def test_exceptions_come_in_pages_newest_first(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_shops(world)
        for number in (1, 2, 3):
            redeemed(here, number, "forged")
        await deliver(world, here)
        first = await tenant.see("/api/specials/exceptions?limit=2")
        rest = await tenant.see(f"/api/specials/exceptions?limit=2&cursor={first['next']}")

    assert [row["number"] for row in first["exceptions"] + rest["exceptions"]] == [3, 2, 1]
    assert rest["next"] is None


@pytest.mark.parametrize("seed", range(3))
async def test_boxes_that_keep_to_their_leases_never_use_more_than_there_is(tmp_path: Path, seed: int) -> None:
    """Whatever is reserved, leased, spent offline, given back and delivered in whatever order: no exception."""
    chance = seeded(seed)
    async with open_world(tmp_path) as world:
        tenant, *boxes = await two_shops(world)
        await begin(tenant, "welcome", SHARED, max_uses_total=12, leased_uses=4)
        spent = {box.id: 0 for box in boxes}
        used = 0
        for basket in range(1, 60):
            box = chance.choice(boxes)
            step = chance.random()
            if step < 0.2:
                await deliver(world, box)
            elif step < 0.5:
                if spent[box.id] < await leased(world, box, "welcome"):
                    spent[box.id] += 1
                    used += 1
                    redeemed(box, basket, "welcome", None, "leased")
            elif await reserve(world, box, basket, "welcome", None) == "reserved":
                if chance.random() < 0.3:
                    await give_back(world, box, basket)
                else:
                    used += 1
                    redeemed(box, basket, "welcome", None)
        await deliver(world, *boxes)
        shown = await tenant.see("/api/coupons/welcome")
        found = await wrongs(tenant)

    assert found == []
    assert shown["used"] == used <= 12
    assert shown["used"] + shown["reserved"] + shown["leased"] + shown["left"] == 12
