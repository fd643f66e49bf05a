"""A promotion's life: written, published, opened by the clock while the line is cut, sold, priced again upstairs."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.world import World, open_world, until

OPENS_IN = timedelta(seconds=4)


def flash_sale(opens_in: timedelta) -> dict[str, object]:
    opens_at = datetime.now(ZoneInfo("Europe/London")).replace(tzinfo=None, microsecond=0) + opens_in
    return {
        "id": "FLASH",
        "name": "Flash sale: two teas for 5.00",
        "family": "group",
        "target": {"skus": ["tea"]},
        "n": 2,
        "reward": {"kind": "set_price", "value": 500},
        "gate": {"from": opens_at.isoformat(), "to": "2099-12-31"},
    }


async def publish(world: World, promotion: dict[str, object]) -> str:
    """Write a promotion, publish the pack, and wait until the store has it; returns the pack's version."""
    status, answer = await world.call_office("PUT", f"/api/promotions/{promotion['id']}", {"promotion": promotion})
    assert status == 200, answer
    status, pack = await world.call_office("POST", "/api/promotions/packs", {})
    assert status == 201, pack

    async def arrived() -> bool:
        return bool(world.shop.catalogue.pack.version == pack["version"])

    await until(arrived)
    version: str = pack["version"]
    return version


async def test_a_promotion_opens_offline_and_head_office_comes_to_the_same_price(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        version = await publish(world, flash_sale(OPENS_IN))
        await world.line.cut()
        before = await world.scan("tea", units=2)

        async def opened() -> bool:
            return bool((await world.lane())["basket"]["discount_minor"] == 698 - 500)

        await until(opened)
        order = await world.sell("tea")  # a third one, at 10 % off
        await world.line.mend()
        await world.settle(orders=1)
        _, found = await world.call_office("GET", f"/api/orders/{order['id']}")
        _, pricing = await world.call_office("GET", f"/api/orders/{order['id']}/pricing")
        _, alarms = await world.call_office("GET", "/api/promotions/alarms")

    assert before["discount_minor"] == 70  # 10 % off drinks
    kept = found["order"]
    assert kept["pack_version"] == version
    assert {use["promotion_id"]: use["discount_minor"] for use in kept["applications"]} == {"FLASH": 198, "P2": 35}
    assert kept["discount_minor"] == order["saved_minor"] == 198 + 35
    assert pricing["evaluation"]["applications"] == kept["applications"]
    assert alarms["alarms"] == []


async def test_a_window_that_has_not_opened_is_told_by_head_office(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await publish(world, flash_sale(timedelta(days=1)))
        order = await world.sell("tea", units=2)
        await world.settle(orders=1)
        _, pricing = await world.call_office("GET", f"/api/orders/{order['id']}/pricing")

    refusals = {refusal["promotion_id"]: refusal["reason"] for refusal in pricing["evaluation"]["refusals"]}
    assert refusals["FLASH"] == "not_yet"
