"""Promotions of which there are so many uses only, counted over all stores together."""

from pathlib import Path
from typing import Any

from tests.cloud.boxes import Box, an_id
from tests.cloud.specials.world import deliver, give_back, leased, reserve, wrongs
from tests.cloud.uses.test_counting import two_shops
from tests.cloud.world import Tenant, World, knock_as, open_world

QUOTA = "promotion:L1"


def limited(**gate: int) -> dict[str, Any]:
    return {"id": "L1", "family": "easy", "gate": gate, "reward": {"kind": "percent", "value": 5000}}


async def write(tenant: Tenant, *promotions: dict[str, Any]) -> None:
    answer = await tenant.knock("PUT", "/api/promotions", json={"promotions": promotions})
    assert answer.status == 200, answer.body


async def ask(world: World, box: Box, basket: int, customer: str | None = None) -> str:
    return await reserve(world, box, basket, QUOTA, None, customer)


def used(box: Box, number: int, grant: str = "reserved", customer: str | None = None) -> Any:
    return box.sold(number, promotion_uses=({"promotion": "L1", "customer": customer, "grant": grant},))


async def is_used_up(world: World, box: Box) -> bool:
    """Return what the feed says to a box."""
    answer = await knock_as(world, box, "GET", "/api/feed")
    told = [row["body"]["used_up"] for row in answer.body["rows"] if (row["kind"], row["key"]) == ("lease", QUOTA)]
    assert told
    return told[-1]


async def test_uses_are_counted_over_all_stores(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await write(tenant, limited(max_uses_total=2))
        results = [await ask(world, box, basket) for basket, box in enumerate((here, there, here), 1)]
        again = await ask(world, here, 1)

    assert results == ["reserved", "reserved", "used_up"]
    assert again == "reserved"


async def test_a_customer_has_so_many_uses_in_all_stores(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await write(tenant, limited(max_uses_per_customer=1))
        results = [
            await ask(world, here, 1, "anna"),
            await ask(world, there, 2, "anna"),
            await ask(world, there, 2, "b"),
        ]

    assert results == ["reserved", "customer_used", "reserved"]


async def test_a_promotion_that_is_written_leases_to_every_box_and_one_that_ends_does_not(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await write(tenant, limited(max_uses_total=100))
        leases = [await leased(world, box, QUOTA) for box in (here, there)]
        await write(tenant)
        ended = [await leased(world, box, QUOTA) for box in (here, there)]
        begun_before = await ask(world, here, 1)

    assert (leases, ended) == ([5, 5], [0, 0])
    assert begun_before == "reserved"  # a basket keeps the promotions that it was begun with


async def test_a_promotion_that_begins_again_has_its_leases_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_shops(world)
        for promotions in ([limited(max_uses_per_customer=1)], [], [limited(max_uses_per_customer=1)]):
            await write(tenant, *promotions)

        assert await leased(world, here, QUOTA) == 5


async def test_a_promotion_without_limits_is_not_counted(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_shops(world)
        await write(tenant, limited())
        result = await ask(world, here, 1)

    assert result == "unknown"


async def test_stores_hear_when_the_last_use_is_gone_and_when_one_came_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await write(tenant, limited(max_uses_total=1))
        told = [await is_used_up(world, there)]
        await ask(world, here, 1)
        told.append(await is_used_up(world, there))
        await give_back(world, here, 1, campaign_id=QUOTA)
        told.append(await is_used_up(world, there))
        await ask(world, here, 2)
        await write(tenant, limited(max_uses_total=2))
        told.append(await is_used_up(world, there))

    assert told == [False, True, False, False]


async def test_an_order_that_comes_back_whole_brings_its_use_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await write(tenant, limited(max_uses_total=1))
        order = used(here, 1)
        here.took_back(2, order)
        await deliver(world, here)
        in_part = await ask(world, there, 5)
        here.took_back(3, order)
        await deliver(world, here)
        whole, told = await ask(world, there, 5), await is_used_up(world, here)
        nothing_wrong = await wrongs(tenant)

    assert (in_part, whole, told) == ("used_up", "reserved", True)
    assert nothing_wrong == []


async def test_what_was_used_too_often_while_offline_is_seen(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await write(tenant, limited(max_uses_per_customer=1))
        used(here, 1, "leased", "anna")
        used(there, 2, "leased", "anna")
        await deliver(world, here, there, here)
        [row] = (await tenant.see("/api/specials/exceptions"))["exceptions"]

    assert (row["wrong"], row["campaign"], row["customer"]) == ("customer_used_again", QUOTA, "anna")
    assert (row["order_id"], row["other_orders"]) == (an_id(2), [an_id(1)])


async def test_uses_of_a_promotion_that_nobody_knows_are_seen(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_shops(world)
        used(here, 1)
        await deliver(world, here)

        assert await wrongs(tenant) == [("unknown_promotion", an_id(1))]
