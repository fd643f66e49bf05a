"""Orders at head office: listed, found, shown whole, and added up."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.model.store import Store
from shared.receipts.document import of_order
from shared.receipts.paper import lay_out
from tests.cloud.boxes import Box, an_id
from tests.cloud.world import Tenant, World, open_world, send


async def a_shop(world: World) -> tuple[Tenant, Box]:
    tenant = await world.tenant()
    store = await tenant.open_store()
    return tenant, await tenant.enrol(store["id"])


async def deliver(world: World, box: Box) -> None:
    held = len(await world.rows("select 1 from journal where node_id = :node_id", node_id=box.id))
    assert (await send(world, box, held + 1)).status == 200
    await world.projected()


async def found(tenant: Tenant, query: str) -> list[str]:
    return [row["id"] for row in (await tenant.see(f"/api/orders?{query}"))["orders"]]


async def test_paging_meets_each_order_once_while_new_ones_arrive(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_shop(world)
        orders = [box.sold(number) for number in range(1, 24)]
        await deliver(world, box)
        seen: list[str] = []
        page: dict[str, Any] = {"next": ""}
        while page["next"] is not None:
            page = await tenant.see(f"/api/orders?limit=5&cursor={page['next']}")
            seen += [row["id"] for row in page["orders"]]
            box.sold(100 + len(seen))
            await deliver(world, box)

    assert seen == [order.id for order in reversed(orders)]


async def test_a_full_last_page_is_followed_by_an_empty_one(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_shop(world)
        for number in (1, 2):
            box.sold(number)
        await deliver(world, box)
        full = await tenant.see("/api/orders?limit=2")
        after = await tenant.see(f"/api/orders?limit=2&cursor={full['next']}")

    assert after == {"orders": [], "next": None}


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many", "9" * 30])
async def test_a_page_has_1_to_200_orders(tmp_path: Path, limit: str) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        answer = await tenant.knock("GET", f"/api/orders?limit={limit}")

    assert answer.status == 400
    assert "limit" in answer.body["title"]


async def test_an_order_is_found_by_receipt_number_and_by_id_and_never_by_half(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_shop(world)
        orders = [box.sold(number) for number in (10, 11)]
        await deliver(world, box)
        wanted = orders[0].id
        by_number = [await found(tenant, f"query={text}") for text in ("S1K1-000010", "s1k1-000010", "+S1K1-000010+")]
        by_id = [await found(tenant, f"query={text}") for text in (wanted, wanted.upper())]
        by_half = [await found(tenant, f"query={text}") for text in ("S1K1", "000010", wanted[:8], "%25", "_")]

    assert by_number == [[wanted]] * 3
    assert by_id == [[wanted]] * 2
    assert by_half == [[]] * 5


async def test_orders_can_be_those_of_one_store(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_shop(world)
        other_store = await tenant.open_store(code="S2", name="Other shop")
        other = await tenant.enrol(other_store["id"], "till", "S2T1")
        here, there = box.sold(1), other.sold(2)
        for one in (box, other):
            await deliver(world, one)
        of_each = [await found(tenant, f"store_id={store_id}") for store_id in (box.store_id, other.store_id, an_id(0))]
        both = (await tenant.see("/api/orders"))["orders"]

    assert of_each == [[here.id], [there.id], []]
    assert [(row["store_name"], row["node_name"]) for row in both] == [("Other shop", "till"), ("Corner shop", "kiosk")]


async def test_a_row_tells_what_was_sold_and_what_came_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_shop(world)
        order = box.sold(1)
        box.took_back(2, order)
        box.took_back(3, order, total_minor=123)
        await deliver(world, box)
        [row] = (await tenant.see("/api/orders"))["orders"]

    assert row == {
        "id": order.id, "receipt_number": "S1K1-000001", "store_id": box.store_id, "store_name": "Corner shop",
        "node_name": "kiosk", "placed_at": "2026-03-02T08:30:00Z", "received_at": "2026-03-02T09:00:00Z",
        "currency": "GBP", "exponent": 2, "quantity": 2, "total_minor": 1000, "discount_minor": 200,
        "refunded_minor": 623, "tenders": ["cash"],
    }  # fmt: skip


async def test_an_order_is_shown_whole_with_its_refunds(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_shop(world)
        order, other = box.sold(1), box.sold(2)
        refund = box.took_back(3, order)
        box.took_back(4, other)
        await deliver(world, box)
        shown = await tenant.see(f"/api/orders/{order.id}")

    assert shown["order"] == order.model_dump(mode="json")
    assert shown["refunds"] == [refund.model_dump(mode="json")]
    assert (shown["store_name"], shown["node_name"]) == ("Corner shop", "kiosk")


async def test_a_refund_may_arrive_before_its_order(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_shop(world)
        other = await tenant.enrol(box.store_id, "till", "S1T1")
        order = box.sold(1)
        other.took_back(2, order)
        for one in (other, box):
            await deliver(world, one)
        shown = await tenant.see(f"/api/orders/{order.id}")

    assert [refund["total_minor"] for refund in shown["refunds"]] == [500]


async def test_the_receipt_is_the_one_that_the_store_printed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store(address=["1 High Street"], retailer="gift_shop")
        box = await tenant.enrol(store["id"])
        order = box.sold(1)
        await deliver(world, box)
        shown = await tenant.see(f"/api/orders/{order.id}/receipt")
        printed = of_order(order, Store.model_validate_json(json.dumps(store | {"address": ["1 High Street"]})))

    text = "\n".join(line.text for line in lay_out(printed))
    assert shown == printed.model_dump(mode="json")
    assert (shown["total"], shown["saved"], shown["number"]) == ("10.00", "2.00", "S1K1-000001")
    assert shown["footer"][0] in text
    assert "1 High Street" in text


@pytest.mark.parametrize("path", ["", "/receipt"])
async def test_an_order_that_is_not_there_is_not_found(tmp_path: Path, path: str) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        unknown = await tenant.knock("GET", f"/api/orders/{an_id(1)}{path}")
        garbled = await tenant.knock("GET", f"/api/orders/S1K1-000001{path}")

    assert (unknown.status, unknown.body["code"]) == (404, "not-found")
    assert garbled.status == 400


async def test_totals_add_up_all_orders_and_refunds(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_shop(world)
        nothing = await tenant.totals()
        orders = [box.sold(number) for number in range(1, 4)]
        box.took_back(9, orders[0])
        await deliver(world, box)
        totals = await tenant.totals()

    assert nothing == {"orders": 0, "total_minor": 0, "refunds": 0, "refunded_minor": 0, "quarantined": 0}
    assert totals == {"orders": 3, "total_minor": 3000, "refunds": 1, "refunded_minor": 500, "quarantined": 0}


async def test_a_number_that_another_box_took_locks_nobody_out(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_shop(world)
        thief = await tenant.enrol(box.store_id, "till", "S1T1")
        stolen = thief.sold(1, id=an_id(901), receipt_number="S1K1-000001")
        thief.took_back(2, stolen, id=an_id(902), receipt_number="S1K1-000002")
        await deliver(world, thief)
        await world.checked()
        order = box.sold(1)
        refund = box.took_back(2, order)
        await deliver(world, box)
        await world.checked()
        totals = await tenant.totals()
        both = await found(tenant, "query=S1K1-000001")
        shown = await tenant.see(f"/api/orders/{order.id}")
        raised = [(one["kind"], one["node_name"]) for one in (await tenant.see("/api/alarms"))["alarms"]]

    assert (totals["orders"], totals["refunds"], totals["quarantined"]) == (2, 2, 0)
    assert both == [order.id, stolen.id]
    assert [one["id"] for one in shown["refunds"]] == [refund.id]
    assert sorted(raised) == [("repeat", "kiosk"), ("repeat", "kiosk"), ("series", "till")]


async def test_totals_name_every_currency_in_which_something_moved(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_shop(world)
        order = box.sold(1)
        box.took_back(2, order, currency="EUR")
        await deliver(world, box)
        found = (await tenant.see("/api/totals"))["currencies"]

    assert [(one["currency"], one["orders"], one["refunds"], one["refunded_minor"]) for one in found] == [
        ("EUR", 0, 1, 500),
        ("GBP", 1, 0, 0),
    ]
