"""A box whose software is older sells without what it cannot read, says so by name, and raises no false alarm."""

from pathlib import Path

from shared.events.nodes import LeftOut, PromotionsLeftOut
from shared.model.order import Order
from shared.promotions.pack import Pack
from tests.builders import basket_line
from tests.cloud.boxes import Box
from tests.cloud.promotions.offers import easy, group
from tests.cloud.promotions.pricing import priced
from tests.cloud.promotions.test_recheck import a_shop, alarms, deliver
from tests.cloud.world import Tenant, World, open_world, send

PROBLEM = "it: Input tag 'group' found using 'family' does not match any of the expected tags"


def without(pack: Pack, *names: str) -> Pack:
    return Pack.of(promotion for promotion in pack.promotions if promotion.id not in names)


def tell(box: Box, pack: Pack, *names: str) -> None:
    """Let the box note what it leaves out."""
    left_out = tuple(LeftOut(promotion_id=name, problem=PROBLEM) for name in names)
    box.write(PromotionsLeftOut(pack_version=pack.version, left_out=left_out))


async def left_out(tenant: Tenant) -> list[str]:
    """Return what head office's screen says of the only node."""
    office = await tenant.see("/api/office")
    return [one["promotion_id"] for one in office["stores"][0]["nodes"][0]["left_out"]]


async def sold(world: World, box: Box, pack: Pack) -> Order:
    order = priced(box, len(box.entries) + 1, [basket_line(3, 600)], pack)
    await deliver(world, box, order)
    return order


async def test_orders_of_an_older_box_are_priced_again_with_what_it_can_read(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, [easy(), group("G1", n=3, price=900)])
        older = without(pack, "G1")
        tell(box, older, "G1")
        order = await sold(world, box, older)
        named, found = await left_out(tenant), await alarms(tenant)
        why = await tenant.see(f"/api/orders/{order.id}/pricing")

    assert named == ["G1"]
    assert found == []
    assert (why["same"], why["discount_minor"]) == (True, order.discount_minor)


async def test_what_a_box_leaves_out_of_nothing_that_was_published_is_no_pack(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, [easy(), group()])
        cheap = Pack.from_text(pack.text().replace("1000", "9000"))
        tell(box, without(cheap, "G1"), "G1")
        await sold(world, box, without(cheap, "G1"))
        found = await alarms(tenant)

    assert [one["reason"] for one in found] == ["unknown_pack"]


async def test_a_box_with_new_software_has_nothing_left_out_until_it_says_so(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, [easy(), group(), easy("P2")])
        tell(box, without(pack, "G1", "P2"), "G1", "P2")
        steps = []
        for step in range(3):
            await send(world, box)
            await world.projected()
            steps.append(await left_out(tenant))
            box.started("2.0") if step == 0 else tell(box, without(pack, "P2"), "P2")

    assert steps == [["G1", "P2"], [], ["P2"]]
