"""Coupons from head office to the till and back, with the line up and down."""

from pathlib import Path
from typing import Any

from tests.world import ATTENDANT_KEY, PROMOTIONS, World, open_world, until

COUPON = {
    "id": "C1", "name": "Summer coupon", "family": "special", "layer": 40, "gate": {"coupon": "summer"},
    "reward": {"kind": "percent", "value": 2000},
}  # fmt: skip
BATCH = {"name": "Summer", "kind": "batch", "text": "SUN", "size": 100, "max_uses_per_code": 1, "leased_uses": 2}


async def summer(world: World) -> list[str]:
    """Begin a campaign; returns its first codes once the shop knows it and has its lease."""
    await world.call_office("PUT", "/api/promotions", {"promotions": [*PROMOTIONS, COUPON]})
    status, told = await world.call_office("PUT", "/api/coupons/summer", BATCH)
    assert status == 200, told
    catalogue = world.shop.catalogue

    async def known() -> bool:
        ready = "summer" in catalogue.campaigns and "summer" in catalogue.leases
        return ready and any(promotion.id == "C1" for promotion in catalogue.pack.promotions)

    await until(known)
    return (await world.call_office("GET", "/api/coupons/summer/codes?limit=10"))[1]["codes"]


async def pay(world: World, code: str, tender: dict[str, Any] | None = None) -> tuple[int, Any]:
    """Fill a basket with a mug unless one is waiting, put the coupon in, pay."""
    basket = (await world.lane())["basket"] or await world.scan("mug")
    await world.call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": code})
    tender = tender or {"kind": "cash", "tendered_minor": 10_000}
    return await world.call("POST", f"/api/baskets/{basket['id']}/checkout", {"tender": tender})


async def campaign(world: World) -> dict[str, Any]:
    return (await world.call_office("GET", "/api/coupons/summer"))[1]


async def test_a_coupon_from_head_office_takes_its_discount_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        codes = await summer(world)
        await world.scanner.scan(codes[0])  # held before the scanner, like any barcode

        async def scanned() -> bool:
            return (await world.lane())["basket"] is not None

        await until(scanned)
        status, order = await pay_what_is_there(world)
        await world.settle(orders=1)
        await world.printed(1)
        shown = await campaign(world)
        again, problem = await pay(world, codes[0])
        _, alarms = await world.call_office("GET", "/api/promotions/alarms")

    assert (status, order["total_minor"], order["saved_minor"]) == (200, 400, 100)
    assert (shown["used"], shown["reserved"]) == (1, 0)
    assert "Summer coupon" in world.printer.receipts[0].text
    assert (again, problem["total_minor"]) == (200, 500)  # the second basket was paid without it
    assert alarms["alarms"] == []  # head office priced the order again and came to the same


async def pay_what_is_there(world: World) -> tuple[int, Any]:
    basket = await world.scan("mug")
    tender = {"kind": "cash", "tendered_minor": 10_000}
    return await world.call("POST", f"/api/baskets/{basket['id']}/checkout", {"tender": tender})


async def test_while_the_line_is_cut_the_lease_is_spent_and_head_office_hears_of_it_later(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        codes = await summer(world)
        await world.line.cut()
        first, second = [await pay(world, code) for code in codes[:2]]
        refused, problem = await pay(world, codes[2])
        await world.line.mend()
        await world.settle(orders=2)

        async def leased_anew() -> bool:
            return world.shop.catalogue.leases["summer"].nodes[world.shop.identity.node_id] == 4

        await until(leased_anew)
        status, _ = await pay(world, codes[2])
        await world.settle(orders=3)
        shown = await campaign(world)
        _, wrong = await world.call_office("GET", "/api/specials/exceptions")

    assert (first[0], second[0]) == (200, 200)
    assert (refused, problem["code"]) == (409, "coupon-not-checked")
    assert status == 200
    assert (shown["used"], wrong["exceptions"]) == (3, [])


async def test_a_declined_card_gives_the_coupon_back_at_head_office(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        codes = await summer(world)
        refused, _ = await pay(world, codes[0], {"kind": "card", "card": "test-declined"})

        async def given_back() -> bool:
            return (await campaign(world))["reserved"] == 0

        await until(given_back)
        status, order = await pay(world, codes[0], {"kind": "card", "card": "test-approved"})
        await world.settle(orders=1)
        shown = await campaign(world)

    assert (refused, status, order["total_minor"]) == (409, 200, 400)
    assert (shown["used"], shown["reserved"]) == (1, 0)


async def test_head_office_comes_to_the_same_with_an_operators_discount(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        basket = await world.scan("mug", units=2)
        wanted = {"line": 1, "percent_bp": 1000, "reason": "Dented", "operator": "ann"}
        staff = {"Authorization": f"Bearer {ATTENDANT_KEY}"}
        status, _ = await world.call("POST", f"/api/baskets/{basket['id']}/operator-discounts", wanted, **staff)
        order = await world.sell("tea")
        await world.settle(orders=1)
        _, alarms = await world.call_office("GET", "/api/promotions/alarms")
        _, pricing = await world.call_office("GET", f"/api/orders/{order['id']}/pricing")

    assert status == 200
    assert alarms["alarms"] == []
    assert pricing["same"]
    assert "Dented" in [use["name"] for use in pricing["evaluation"]["applications"]]


async def test_a_promotion_for_so_many_orders_ends_with_the_last_and_goes_on_when_one_comes_back(
    tmp_path: Path,
) -> None:
    limited = {
        "id": "L1", "name": "Mugs at half price", "family": "easy", "target": {"skus": ["mug"]},
        "gate": {"max_uses_total": 2}, "reward": {"kind": "percent", "value": 5000},
    }  # fmt: skip
    async with open_world(tmp_path) as world:
        await world.call_office("PUT", "/api/promotions", {"promotions": [limited]})
        catalogue = world.shop.catalogue

        async def known() -> bool:
            return any(promotion.id == "L1" for promotion in catalogue.pack.promotions) and world.shop.line.online

        await until(known)
        orders = [await world.sell("mug") for _ in range(3)]
        staff = {"Authorization": f"Bearer {ATTENDANT_KEY}"}
        path = f"/api/orders/{orders[0]['id']}/refunds/0190a000-0000-7000-8000-000000000101"
        back, _ = await world.call("PUT", path, {"lines": [{"number": 1, "quantity": 1}]}, **staff)
        await world.settle(orders=3)

        async def offered_again() -> bool:
            lease = catalogue.leases.get("promotion:L1")
            return lease is not None and not lease.used_up

        await until(offered_again)
        fourth = await world.sell("mug")
        await world.settle(orders=4)
        _, alarms = await world.call_office("GET", "/api/promotions/alarms")
        _, wrong = await world.call_office("GET", "/api/specials/exceptions")

    assert [order["total_minor"] for order in (*orders, fourth)] == [250, 250, 500, 250]
    assert back == 200
    assert (alarms["alarms"], wrong["exceptions"]) == ([], [])  # priced again with the same counts


async def test_a_voucher_is_spent_bit_by_bit_and_head_office_prices_the_same(tmp_path: Path) -> None:
    gift = {
        "name": "Gift card", "kind": "batch", "text": "GIFT", "size": 10, "leased_uses": 2,
        "voucher": {"currency": "GBP", "worth_minor": 700, "remainder": "stays"},
    }  # fmt: skip
    async with open_world(tmp_path) as world:
        status, told = await world.call_office("PUT", "/api/coupons/gift", gift)
        assert status == 200, told
        catalogue = world.shop.catalogue

        async def known() -> bool:
            return "gift" in catalogue.campaigns and "gift" in catalogue.leases and world.shop.line.online

        await until(known)
        [code, *_] = (await world.call_office("GET", "/api/coupons/gift/codes"))[1]["codes"]
        first = await pay(world, code)
        await world.line.cut()
        second = await pay(world, code)
        await world.line.mend()
        await world.settle(orders=2)
        await world.printed(2)
        _, balance = await world.call_office("GET", f"/api/coupons/gift/balance?code={code}")
        _, alarms = await world.call_office("GET", "/api/promotions/alarms")
        _, wrong = await world.call_office("GET", "/api/specials/exceptions")

    assert [(status, order["total_minor"]) for status, order in (first, second)] == [(200, 0), (200, 300)]
    assert balance["left_minor"] == 0
    assert "Left on Gift card" in world.printer.receipts[0].text
    assert (alarms["alarms"], wrong["exceptions"]) == ([], [])
