"""What cannot be interpreted is set aside with a reason; what stands behind it flows on."""

import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from cloud.app import handlers_by_fact
from cloud.database import StorageFailed, Transaction
from cloud.sync import intake
from cloud.sync.projector import attempt
from cloud.sync.quarantine import REASON_MAX, reason_of
from shared.events.days import DayClosed
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.basket import LINES_MAX
from shared.model.order import OPENERS_MAX, PROMOTION_USES_MAX, VOUCHERS_MAX
from shared.model.special import CODES_PER_ORDER_MAX, COUPONS_MAX, DRAWS_MAX, OPERATOR_DISCOUNTS_MAX
from shared.promotions.evaluation import ENGINE_VERSION
from tests.cloud.boxes import Box, a_refund, an_id, an_order, raw_entry
from tests.cloud.world import Tenant, World, open_world, send


async def a_box(world: World) -> tuple[Tenant, Box]:
    tenant = await world.tenant()
    store = await tenant.open_store()
    return tenant, await tenant.enrol(store["id"])


async def quarantined(world: World) -> list[tuple[Any, ...]]:
    return await world.rows("select seq, reason from quarantine order by node_id, seq")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('"name": "order.teleported", "version": 1, "body": {}', "unknown event order.teleported version 1"),
        ('"name": "order.completed", "version": 2, "body": {}', "unknown event order.completed version 2"),
        ('"name": "order.completed", "version": 1, "body": {"order": {}}', "Field required"),
        ('"name": "order.completed", "version": 1, "body": {"order": null}', "should be an object"),
        ('"name": "node.started", "version": 1, "body": {"software_version": 1}', "valid string"),
        ('"name": "node.started", "version": 1, "body": {"software_version": "1", "x": NaN}', "not permitted"),
        ('"name": "node.started", "version": 0, "body": {}', "greater than or equal to 1"),
        ('"name": "node.started", "version": 1', "Field required"),
        ('"name": "node.started", "version": 1, "body": {', "EOF"),
    ],
)
async def test_an_entry_that_cannot_be_read_is_set_aside(tmp_path: Path, content: str, reason: str) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        box.entries.append(raw_entry(2, content))
        order = box.sold(3)
        answer = await send(world, box)
        await world.projected()
        [(seq, told)] = await quarantined(world)
        totals = await tenant.totals()
        behind = await tenant.see(f"/api/orders/{order.id}")

    assert answer.body["seq"] == 3
    assert seq == 2
    assert reason in told
    assert (totals["orders"], totals["quarantined"]) == (2, 1)
    assert behind["order"]["id"] == order.id


@pytest.mark.parametrize("content", ["", "{}", "null", "[]", "not json", "\u0000", '{"seq": 1e999}'])
async def test_head_office_takes_even_what_is_no_entry_at_all(tmp_path: Path, content: str) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.entries.append(content.encode())
        box.sold(2)
        answer = await send(world, box)
        await world.projected()
        totals = await tenant.totals()

    assert (answer.status, answer.body["seq"]) == (200, 2)
    assert (totals["orders"], totals["quarantined"]) == (1, 1)


async def test_an_order_and_a_refund_of_another_node_are_set_aside(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        foreign = an_order(box, 1, node_id=an_id(99))
        box.write(OrderCompleted(order=foreign), OrderRefunded(refund=a_refund(box, 2, foreign, node_id=an_id(99))))
        order = box.sold(3)
        await send(world, box)
        await world.projected()
        reasons = await quarantined(world)
        listed = (await tenant.see("/api/orders"))["orders"]

    assert [seq for seq, _ in reasons] == [1, 2]
    assert all(f"names node {an_id(99)}" in reason for _, reason in reasons)
    assert [row["id"] for row in listed] == [order.id]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"receipt_number": "S1K1-000099"},
            f"another order with the id {an_id(1)} already, with the receipt number S1K1-000001.",
        ),
        ({"id": an_id(99)}, "The receipt number S1K1-000001 is taken by another order of this box."),
    ],
)
async def test_a_second_order_with_the_id_or_receipt_number_of_a_first_is_an_alarm(
    tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        first = box.sold(1)
        box.sold(1, **changes)
        box.sold(3)
        await send(world, box)
        await world.projected()
        [(seq, reason)] = await quarantined(world)
        listed = (await tenant.see("/api/orders"))["orders"]

    assert seq == 2
    assert says in reason
    assert "settle this" in reason
    assert [row["id"] for row in listed] == [an_id(3), first.id]


async def test_a_second_refund_and_a_second_closing_are_told_in_words(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        order = box.sold(1)
        refund = box.took_back(2, order)
        another = refund.model_copy(update={"id": an_id(99)})
        box.write(OrderRefunded(refund=refund), OrderRefunded(refund=another))
        closing = box.closed()
        box.write(DayClosed(closing=closing))
        await send(world, box)
        await world.projected()
        reasons = [reason for _, reason in await quarantined(world)]

    assert [reason.partition(".")[0] for reason in reasons] == [
        f"There is another refund with the id {refund.id} already, with the receipt number S1K1-000002",
        "The receipt number S1K1-000002 is taken by another refund of this box",
        f"There is another closing with the id {closing.id} already, with the number 1",
    ]


async def test_a_database_that_is_damaged_sets_nothing_aside(tmp_path: Path) -> None:
    def apply(tx: Transaction, now: datetime) -> None:
        attempt(tx, handlers_by_fact(), intake.head_of(tx, tenant.id, box.id), box.entries[1].decode(), now)

    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        await send(world, box)
        await world.projected()
        [(page,)] = await world.rows("select rootpage from sqlite_master where name = 'orders'")
        [(size,)] = await world.rows("select * from pragma_page_size")
        box.sold(2)
    path = tmp_path / "head-office.db"
    whole = path.read_bytes()
    first = (page - 1) * size
    path.write_bytes(whole[:first] + b"\xff" * size + whole[first + size :])
    async with open_world(tmp_path, world.clock) as damaged:
        taken = await send(damaged, box, 2)
        with pytest.raises(StorageFailed, match="malformed"):
            await damaged.head_office.db.write(apply, damaged.clock.now())
        aside = await quarantined(damaged)
        [(applied,)] = await damaged.rows("select projected_seq from journal_heads")
        shown = await damaged.knock("GET", "/api/orders", key=tenant.key)

    assert (taken.status, aside, applied) == (200, [], 1)
    assert shown.status == 503


def test_what_nobody_foresaw_is_told_with_a_next_step_and_not_in_the_databases_words_alone() -> None:
    unique = IntegrityError("insert", {}, sqlite3.IntegrityError("UNIQUE constraint failed: orders.tenant_id"))

    for error in (unique, KeyError("x" * 10_000), OverflowError("Python int too large")):
        told = reason_of(error)
        assert told.startswith("This entry could not be applied, and nobody foresaw why (")
        assert told.endswith("can be applied once more after an update.")
        assert len(told) <= REASON_MAX
    assert "IntegrityError: UNIQUE constraint failed" in reason_of(unique)


async def test_one_nodes_trouble_is_not_its_neighbours(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        neighbour = await tenant.enrol(box.store_id, "till", "S1T1")
        box.entries.append(b"broken")
        neighbour.sold(5)
        for one in (box, neighbour):
            await send(world, one)
        await world.projected()
        totals = await tenant.totals()

    assert (totals["orders"], totals["quarantined"]) == (1, 1)


async def test_a_nodes_version_is_what_it_last_started_with(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.started("1.0", "1.1")
        await send(world, box)
        await world.projected()
        [store] = (await tenant.see("/api/office"))["stores"]

    assert store["nodes"][0]["software_version"] == "1.1"
    assert store["nodes"][0]["journal_seq"] == 2


async def test_facts_are_applied_once_over_restarts(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        for number in range(1, 4):
            box.sold(number)
        await send(world, box, 1, 2)
    async with open_world(tmp_path, world.clock) as again:
        await send(again, box, 1, 3)
    async with open_world(tmp_path, world.clock) as last:
        await send(last, box)
        await last.projected()
        totals = await Tenant(last, tenant.id, tenant.key).totals()

    assert (totals["orders"], totals["total_minor"], totals["quarantined"]) == (3, 3000, 0)


async def test_what_was_taken_before_a_crash_is_interpreted_after_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        order = box.sold(1)
        await send(world, box)
        await world.projected()
        # As after a crash between taking and interpreting: the journal is held, nothing was applied.
        await world.change("delete from orders", "update journal_heads set projected_seq = 0")
    async with open_world(tmp_path, world.clock) as again:
        await again.projected()
        listed = (await Tenant(again, tenant.id, tenant.key).see("/api/orders"))["orders"]

    assert [row["id"] for row in listed] == [order.id]


MADE = {
    "id": "voucher:1",
    "name": "V",
    "family": "special",
    "exclusive": "basket",
    "reward": {"kind": "percent", "value": 1},
}
DISCOUNT = {"operator": "ann", "reason": "Late", "promotion": MADE, "at": "2026-03-02T08:30:00Z"}
COUPON = {"campaign": "SPRING", "digest": None, "grant": "free"}
DRAW = {"lottery": "L", "name": "L", "due": 1, "codes": [{"number": 1, "code": "A"}]}
PRICING = {"engine_version": ENGINE_VERSION, "at": None, "digest": "0" * 16}


@pytest.mark.parametrize(
    ("name", "one", "most"),
    [
        ("lines", None, LINES_MAX),
        ("coupons", COUPON, COUPONS_MAX),
        ("promotion_uses", {"promotion": "P1", "grant": "leased"}, PROMOTION_USES_MAX),
        ("draws", DRAW, DRAWS_MAX),
        ("operator_discounts", DISCOUNT, OPERATOR_DISCOUNTS_MAX),
        ("vouchers", MADE, VOUCHERS_MAX),
        ("pricing.coupons", "SPRING", COUPONS_MAX),
        ("pricing.member_tags", "gold", OPENERS_MAX),
        ("draws.0.codes", {"number": 1, "code": "A"}, CODES_PER_ORDER_MAX),
    ],
)
async def test_an_order_with_more_of_something_than_any_box_makes_is_set_aside(
    tmp_path: Path, name: str, one: Any, most: int
) -> None:
    """What head office does with an order grows with these, and everybody waits for it."""
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        honest = an_order(box, 1).model_dump(mode="json") | {"pricing": PRICING, "draws": [DRAW]}
        for number, many in ((1, most), (2, most + 1), (3, 1)):
            written = json.loads(json.dumps(honest)) | {"id": an_id(number), "receipt_number": f"S1K1-{number:06}"}
            *path, last = name.split(".")
            inner: Any = written
            for step in path:
                inner = inner[int(step) if step.isdecimal() else step]
            inner[last] = [one or {**honest["lines"][0], "number": at} for at in range(many)]
            event = {"name": "order.completed", "version": 1, "body": {"order": written}}
            box.entries.append(raw_entry(number, json.dumps(event)[1:-1]))
        await send(world, box)
        await world.projected()
        totals = await tenant.totals()
        [(seq, reason)] = await quarantined(world)

    assert (totals["orders"], totals["quarantined"]) == (2, 1)
    assert seq == 2
    assert f"at most {most} item" in reason


async def test_an_order_of_another_store_is_set_aside_and_the_next_one_arrives(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1, store_id=an_id(7))
        good = box.sold(2)
        await send(world, box)
        await world.projected()
        totals = await tenant.totals()
        listed = (await tenant.see("/api/orders"))["orders"]

    assert totals["quarantined"] == 1
    assert [row["id"] for row in listed] == [good.id]
