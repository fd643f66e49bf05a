"""Publishing under pressure: several people at once, times that have passed, wrong clocks, damaged books."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from cloud.promotions import service
from edge.catalogue.open_catalogue import Catalogue
from shared.promotions.gate import Context
from tests.builders import basket_line
from tests.cloud.promotions.offers import easy, follow, publish, whole, write, written
from tests.cloud.promotions.pricing import MONDAY, priced
from tests.cloud.promotions.test_recheck import a_shop, alarms, deliver
from tests.cloud.world import open_world

TAMPER = "update packs set promotions = replace(promotions, '1000', '9000')"


async def test_people_who_write_and_publish_at_once_leave_one_pack_that_somebody_published(tmp_path: Path) -> None:
    async with open_world(tmp_path / "office") as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        everything = [
            *(write(tenant, easy(f"P{number}", priority=turn)) for turn in range(5) for number in range(3)),
            *(tenant.knock("POST", "/api/promotions/packs", json={}) for _ in range(5)),
            *(tenant.knock("PUT", "/api/promotions", json={"promotions": [easy(f"P{number}")]}) for number in range(5)),
        ]
        answers = await asyncio.gather(*everything)
        packs = (await tenant.see("/api/promotions/packs"))["packs"]
        node = await whole(world, box, tmp_path / "node")

    assert {answer.status for answer in answers} <= {200, 201}
    assert [pack["number"] for pack in packs] == list(range(10, 0, -1))
    assert node == packs[0]["version"]


async def test_a_time_that_has_passed_is_now(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await written(tenant, easy())
        told = await publish(tenant, starts_at=(world.clock.now() - timedelta(days=400)).isoformat())

    assert told["starts_at"] is None
    assert told["published_at"] is not None


async def test_packs_that_are_due_together_go_out_in_the_order_of_their_times(tmp_path: Path) -> None:
    async with open_world(tmp_path / "office") as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        for name, hours in (("late", 3), ("early", 1), ("middle", 2)):
            await written(tenant, easy("P1", name=name))
            await publish(tenant, starts_at=(world.clock.now() + timedelta(hours=hours)).isoformat(), stores=["S1"])
        await world.head_office.db.write(service.publish_due, world.clock.now() + timedelta(days=1))
        node = Catalogue(tmp_path / "node")
        await follow(world, box, node)
        node.close()

    assert [promotion.name for promotion in node.pack.promotions] == ["late"]


async def test_a_damaged_pack_goes_to_nobody_and_holds_up_no_other(tmp_path: Path) -> None:
    async with open_world(tmp_path / "office") as world:
        tenants = [await world.tenant(name) for name in ("first", "second")]
        boxes = []
        soon = (world.clock.now() + timedelta(hours=1)).isoformat()
        for number, tenant in enumerate(tenants):
            store = await tenant.open_store()
            boxes.append(await tenant.enrol(store["id"]))
            await written(tenant, easy(f"P{number}"))
            told = await publish(tenant, starts_at=soon)
            if number == 0:
                await world.change(TAMPER)
        await world.head_office.db.write(service.publish_due, world.clock.now() + timedelta(days=1))
        nodes = []
        for number, box in enumerate(boxes):
            node = Catalogue(tmp_path / f"node{number}")
            await follow(world, box, node)
            nodes.append([promotion.id for promotion in node.pack.promotions])
            node.close()
        (waiting,) = (await tenants[0].see("/api/promotions/packs"))["packs"]
        gone = await tenants[0].knock("DELETE", f"/api/promotions/packs/{waiting['number']}")

    assert nodes == [[], ["P1"]]
    assert waiting["published_at"] is None
    assert gone.status == 204
    assert told["version"] != waiting["version"]


async def test_publishing_again_mends_a_damaged_copy(tmp_path: Path) -> None:
    async with open_world(tmp_path / "office") as world:
        tenant, box, pack = await a_shop(world, [easy()])
        await world.change(TAMPER)
        order = priced(box, 1, [basket_line(2, 600)], pack)
        await deliver(world, box, order)
        refused = await tenant.knock("GET", f"/api/orders/{order.id}/pricing")
        again = await publish(tenant)
        why = await tenant.see(f"/api/orders/{order.id}/pricing")
        node = await whole(world, box, tmp_path / "node")

    assert (refused.status, refused.body["code"]) == (404, "unknown-pack")
    assert again["version"] == node == pack.version
    assert why["same"] is True


@pytest.mark.parametrize("skew", [timedelta(days=-400), timedelta(hours=-3), timedelta(days=3_000)])
async def test_a_box_with_a_wrong_clock_is_priced_again_by_its_own(tmp_path: Path, skew: timedelta) -> None:
    offers = [easy(gate={"from": "2026-03-02", "to": "2026-03-02"}), easy("P2", gate={"hours": [0, 12]})]
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, offers)
        around = Context(now=MONDAY + skew, store="S1", channel="kiosk")
        await deliver(world, box, priced(box, 1, [basket_line(2, 600)], pack, around))
        found = await alarms(tenant)

    assert found == []
