"""What a shop sold comes to the same here, or somebody hears of it; the order itself is never held up."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared import ids
from shared.events.orders import OrderCompleted
from shared.model.order import Order
from shared.promotions.gate import Context
from shared.promotions.pack import EMPTY, Pack
from shared.protocol.batch import BATCH_ENTRIES_MAX
from tests.builders import basket_line
from tests.cloud.boxes import Box
from tests.cloud.promotions.offers import easy
from tests.cloud.promotions.pricing import KIOSK, MONDAY, lines, priced, promotions
from tests.cloud.world import Tenant, World, open_world, send

ORDERS = 1_000


async def a_shop(world: World, offers: list[dict[str, Any]]) -> tuple[Tenant, Box, Pack]:
    """Open a shop with a published pack, as its box reads it."""
    tenant = await world.tenant()
    box = await tenant.enrol((await tenant.open_store())["id"])
    answer = await tenant.knock("PUT", "/api/promotions", json={"promotions": offers})
    assert answer.status == 200, answer.body
    rows = await world.rows("select body from feed_rows where kind = 'promotion'")
    pack = Pack.from_text(json.dumps([json.loads(body) for (body,) in rows]))
    assert pack.version == answer.body["version"]
    return tenant, box, pack


async def deliver(world: World, box: Box, *orders: Order) -> None:
    box.write(*(OrderCompleted(order=order) for order in orders))
    for first in range(1, len(box.entries) + 1, BATCH_ENTRIES_MAX):
        await send(world, box, first, min(first + BATCH_ENTRIES_MAX - 1, len(box.entries)))
    await world.projected()


async def alarms(tenant: Tenant) -> list[dict[str, Any]]:
    return (await tenant.see("/api/promotions/alarms"))["alarms"]


async def test_a_thousand_orders_come_to_the_same_bytes_here(tmp_path: Path) -> None:
    chance = ids.seeded(20260302)
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, promotions())
        orders = []
        for number in range(1, ORDERS + 1):
            coupons = frozenset(chance.sample(["CLEAN", "OTHER"], chance.randint(0, 2)))
            tags = frozenset({"gold"} if chance.random() < 0.2 else ())
            hour = chance.randint(0, 23)
            around = Context(MONDAY.replace(hour=hour), coupons, tags, store="S1", channel="kiosk")
            orders.append(priced(box, number, lines(chance), pack, around))
        await deliver(world, box, *orders)
        found = await alarms(tenant)
        totals = await tenant.totals()

    assert (totals["orders"], totals["quarantined"]) == (ORDERS, 0)
    assert found == []
    assert len({use.promotion_id for order in orders for use in order.applications}) == len(promotions()) - 1


async def test_a_box_that_sells_with_a_tampered_pack_raises_an_alarm(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, [easy()])
        cheap = Pack.from_text(pack.text().replace("1000", "9000"))
        honest = priced(box, 1, [basket_line(2, 600)], pack)
        own_name = priced(box, 2, [basket_line(2, 600)], cheap)
        borrowed_name = priced(box, 3, [basket_line(2, 600)], cheap).model_copy(update={"pack_version": pack.version})
        await deliver(world, box, honest, own_name, borrowed_name)
        found = await alarms(tenant)
        totals = await tenant.totals()
        office = await tenant.see("/api/office")

    assert [(one["order_id"], one["reason"]) for one in found] == [
        (borrowed_name.id, "different"),
        (own_name.id, "unknown_pack"),
    ]
    assert found[0]["edge_log"]["applications"][0]["discount_minor"] == 1080
    assert found[0]["our_log"]["applications"][0]["discount_minor"] == 120
    assert found[1]["our_log"] is None
    assert (totals["orders"], totals["quarantined"]) == (3, 0)
    assert office["promotion_alarms"] == 2


async def test_a_pack_that_was_changed_in_our_own_books_raises_an_alarm(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, [easy()])
        await world.change("update packs set promotions = replace(promotions, '1000', '2000')")
        await deliver(world, box, priced(box, 1, [basket_line(2, 600)], pack))
        found = await alarms(tenant)

    assert [one["reason"] for one in found] == ["unknown_pack"]


def with_less(order: Order) -> Order:
    (use,) = order.applications
    return order.model_copy(update={"applications": (replace(use, discount_minor=1),)})


def with_pricing(order: Order, **changes: Any) -> Order:
    assert order.pricing is not None
    return order.model_copy(update={"pricing": order.pricing.model_copy(update=changes)})


@pytest.mark.parametrize(
    ("tampered", "reason"),
    [
        (with_less, "different"),
        (lambda order: order.model_copy(update={"applications": ()}), "different"),
        (lambda order: with_pricing(order, digest="0" * 16), "different"),
        (lambda order: with_pricing(order, store="S2"), "different"),
        (lambda order: with_pricing(order, digest="0" * 16, proven=False), "not_proven"),
        (lambda order: with_pricing(order, engine_version=0), "engine_version"),
        (lambda order: with_pricing(order, at="not a time"), "failed"),
        (lambda order: order.model_copy(update={"pricing": None}), None),
        (lambda order: order, None),
    ],
)
async def test_a_tampered_log_raises_an_alarm_and_the_order_stands(tmp_path: Path, tampered: Any, reason: str) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, [easy()])
        await deliver(world, box, tampered(priced(box, 1, [basket_line(2, 600)], pack)))
        found = await alarms(tenant)
        totals = await tenant.totals()

    assert [one["reason"] for one in found] == ([reason] if reason else [])
    assert (totals["orders"], totals["quarantined"]) == (1, 0)


@pytest.mark.parametrize(("code", "reasons"), [("S1", []), ("S2", ["different"])])
async def test_a_box_that_sells_with_another_stores_offers_raises_an_alarm(
    tmp_path: Path, code: str, reasons: list[str]
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        await tenant.open_store(code="S2")
        offers = [easy(gate={"stores": [code]})]
        await tenant.knock("PUT", "/api/promotions", json={"promotions": offers})
        pack = Pack.from_text(json.dumps(offers))
        order = priced(box, 1, [basket_line(2, 600)], pack, Context(MONDAY, store=code, channel="kiosk"))
        await deliver(world, box, order)
        found = await alarms(tenant)
        why = await tenant.see(f"/api/orders/{order.id}/pricing")

    assert order.discount_minor == 120
    assert [one["reason"] for one in found] == reasons
    assert (why["same"], why["discount_minor"]) == (not reasons, 0 if reasons else 120)  # the page says the same


async def test_a_shop_without_promotions_is_no_alarm(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        await deliver(world, box, priced(box, 1, [basket_line(2, 600)], EMPTY))
        found = await alarms(tenant)

    assert found == []


async def test_alarms_are_listed_page_by_page_and_acknowledged_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, [easy()])
        orders = [with_less(priced(box, number, [basket_line(2, 600)], pack)) for number in (1, 2, 3)]
        await deliver(world, box, *orders)
        first = await tenant.see("/api/promotions/alarms?limit=2")
        second = await tenant.see(f"/api/promotions/alarms?limit=2&cursor={first['next']}")
        path = f"/api/promotions/alarms/{orders[1].id}/acknowledgement"
        done = await tenant.knock("POST", path)
        world.clock.pass_by(hours=1)
        again = await tenant.knock("POST", path)
        left = await tenant.see("/api/promotions/alarms?waiting=true")
        never = await tenant.knock("POST", path.replace(orders[1].id, box.id))

    assert [one["number"] for one in [*first["alarms"], *second["alarms"]]] == [3, 2, 1]
    assert (first["waiting"], second["next"]) == (3, None)
    assert done.body["acknowledged_at"] is not None
    assert done.body["acknowledged_at"] == again.body["acknowledged_at"]
    assert [one["order_id"] for one in left["alarms"]] == [orders[2].id, orders[0].id]
    assert left["waiting"] == 2
    assert never.status == 404


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Took 1.80 GBP off (3 ×).", "It had not begun yet.", "2 more of its products would have been"]),
        ("el", ["Αφαίρεσε 1,80 GBP (3 ×).", "Δεν είχε αρχίσει ακόμη.", "Χρειάζονταν άλλα 2"]),
        ("he", ["הפחית 1.80 GBP (3 ×).", "הוא עוד לא התחיל.", "חסרו עוד 2"]),
    ],
)
async def test_an_order_says_why_a_promotion_did_not_apply(tmp_path: Path, language: str, texts: list[str]) -> None:
    bundle = {"id": "L1", "name": "Five", "family": "line_special", "n": 5, "reward": {"kind": "percent", "value": 1}}
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, [easy(), easy("P2", gate={"from": "2026-04-01"}), bundle])
        order = priced(box, 1, [basket_line(3, 600)], pack)
        await deliver(world, box, order)
        found = await tenant.see(f"/api/orders/{order.id}/pricing?language={language}")

    assert found["same"] is True
    assert [(one["promotion_id"], one["applied"]) for one in found["reasons"]] == [
        ("P1", True),
        ("L1", False),
        ("P2", False),
    ]
    said = {one["promotion_id"]: one["text"] for one in found["reasons"]}
    assert all(said[key].startswith(text) for key, text in zip(("P1", "P2", "L1"), texts, strict=True))


async def test_an_order_says_which_coupon_nobody_showed(tmp_path: Path) -> None:
    offers = [easy("P1", gate={"coupon": "SPRING"}), easy("P2", gate={"coupon": "X", "from": "2026-04-01"})]
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, offers)
        order = priced(box, 1, [basket_line(3, 600)], pack)
        await deliver(world, box, order)
        found = await tenant.see(f"/api/orders/{order.id}/pricing")

    assert found["same"] is True
    assert found["evaluation"]["refusals"] == []  # the log is the one that the box wrote
    assert [(one["promotion_id"], one["code"]) for one in found["reasons"]] == [("P1", "coupon")]


@pytest.mark.parametrize(
    ("change", "code"), [({"pricing": None}, "not-told"), ({"pack_version": "0" * 16}, "unknown-pack")]
)
async def test_an_order_that_cannot_be_explained_says_what_is_missing(
    tmp_path: Path, change: dict[str, Any], code: str
) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, pack = await a_shop(world, [easy()])
        order = priced(box, 1, [basket_line(2, 600)], pack, KIOSK).model_copy(update=change)
        await deliver(world, box, order)
        answer = await tenant.knock("GET", f"/api/orders/{order.id}/pricing")

    assert (answer.status, answer.body["code"]) == (404, code)
