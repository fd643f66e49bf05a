"""A closed day is proven by what head office has applied, figure by figure and number by number."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.events import EVENTS
from shared.events.orders import OrderCompleted
from tests.cloud.boxes import Box, an_id, an_order, raw_entry
from tests.cloud.world import Tenant, World, open_world, send

NEXT_DAY = date(2026, 3, 3)


async def a_box(world: World, name: str = "Corner shops") -> tuple[Tenant, Box]:
    tenant = await world.tenant(name)
    store = await tenant.open_store()
    return tenant, await tenant.enrol(store["id"])


async def delivered(world: World, box: Box) -> None:
    assert (await send(world, box)).status == 200
    await world.checked()


async def days(tenant: Tenant) -> list[tuple[int, str]]:
    """Return (number, state) of closed days, the first first."""
    return [(day["number"], day["state"]) for day in reversed((await tenant.see("/api/days"))["days"])]


async def verdict(tenant: Tenant, box: Box, number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = (await tenant.see(f"/api/days/{box.closings[number - 1].id}"))["verdict"]
    return found


def findings(verdict: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(finding["kind"], finding["first"], finding["last"]) for finding in verdict["findings"]]


def a_day(box: Box) -> None:
    """Sell twice and take one mug back."""
    box.started("1.0")
    order = box.sold(1)
    box.sold(2)
    box.took_back(3, order)


async def test_a_day_whose_figures_and_numbers_agree_is_proven(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        a_day(box)
        closing = box.closed()
        await delivered(world, box)
        page = await tenant.see("/api/days")
        found = await verdict(tenant, box)

    [day] = page["days"]
    assert (day["state"], day["number"], day["business_day"]) == ("proven", 1, "2026-03-02")
    assert (day["orders"], day["refunds"], day["kept_minor"]) == (2, 1, 1500)
    assert page["counts"] == {"due": 0, "proven": 1, "differs": 0, "incomplete": 0}
    assert found["found"] == json.loads(closing.figures.model_dump_json())
    assert (found["findings"], found["differences"], found["entries"]) == ([], [], 4)


async def test_an_open_day_shows_what_it_comes_to_so_far(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        a_day(box)
        await delivered(world, box)
        before = (await tenant.see("/api/days"))["open"]
        box.closed()
        box.sold(4)
        await delivered(world, box)
        [after] = (await tenant.see("/api/days"))["open"]

    assert [(day["orders"], day["refunds"], day["kept_minor"], day["business_day"]) for day in before] == [
        (2, 1, 1500, "2026-03-02")
    ]
    assert (after["orders"], after["refunds"], after["kept_minor"]) == (1, 0, 1000)
    assert (after["first_number"], after["problems"]) == ("S1K1-000004", 0)


@pytest.mark.parametrize(
    ("figures", "fields"),
    [
        ({"total_minor": 2001}, {"total_minor": (2001, 2000)}),
        ({"orders": 3}, {"orders": (3, 2)}),
        ({"last_number": "S1K1-000004"}, {"last_number": ("S1K1-000004", "S1K1-000003")}),
        ({"rounding_minor": -5}, {"rounding_minor": (-5, 0), "all_time_minor": (1495, 1500)}),
    ],
)
async def test_a_figure_that_differs_is_told_with_both_numbers(
    tmp_path: Path, figures: dict[str, Any], fields: dict[str, tuple[Any, Any]]
) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        a_day(box)
        box.closed(figures=figures)
        await delivered(world, box)
        found = await verdict(tenant, box)

    told = {difference["field"]: (difference["told"], difference["found"]) for difference in found["differences"]}
    assert found["state"] == "differs"
    assert fields.items() <= told.items()


async def test_tenders_and_taxes_are_compared_row_by_row(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        a_day(box)
        right = box.closed().figures
        box.closings.clear()
        del box.entries[-1]
        [cash], [tax] = right.tenders, right.taxes
        tender, row = cash.model_copy(update={"kind": "card"}), tax.model_copy(update={"tax_minor": tax.tax_minor + 1})
        box.closed(figures={"tenders": (tender,), "taxes": (row,)})
        await delivered(world, box)
        fields = {difference["field"] for difference in (await verdict(tenant, box))["differences"]}

    assert "taxes.standard.2000.tax_minor" in fields
    assert {"tenders.card.received_minor", "tenders.cash.received_minor"} <= fields


async def test_days_follow_each_other_in_numbers_and_entries(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        a_day(box)
        box.closed()
        box.closed(NEXT_DAY)  # a day without a sale
        box.sold(4, business_day=date(2026, 3, 4))
        box.closed(date(2026, 3, 4))
        await delivered(world, box)
        states = await days(tenant)

    assert states == [(1, "proven"), (2, "proven"), (3, "proven")]


@pytest.mark.parametrize(
    ("changes", "state", "finding"),
    [
        ({"first_seq": 6}, "differs", ("span_gap", "5", None)),
        ({"first_seq": 4}, "differs", ("span_overlap", "1", None)),
        ({"number": 3}, "incomplete", ("previous_missing", "2", None)),
        ({"last_seq": 99}, "incomplete", ("not_held", "9", "99")),
    ],
)
async def test_a_closing_that_does_not_follow_the_one_before_is_told(
    tmp_path: Path, changes: dict[str, Any], state: str, finding: tuple[str, str, str | None]
) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        a_day(box)
        box.closed()  # entry 5 is the closing
        box.started("1.0")
        box.sold(4, business_day=NEXT_DAY)
        box.closed(NEXT_DAY, **changes)
        await delivered(world, box)
        found = await verdict(tenant, box, 2)

    assert (found["state"], findings(found)[0]) == (state, finding)


@pytest.mark.parametrize(
    ("numbers", "finding"),
    [
        ((1, 2, 4), ("missing", "S1K1-000003", None)),
        ((1, 9, 10), ("missing", "S1K1-000002", "S1K1-000008")),
        ((2, 3, 4), ("missing", "S1K1-000001", None)),
    ],
)
async def test_numbers_that_are_missing_are_told(
    tmp_path: Path, numbers: tuple[int, ...], finding: tuple[str, str, str | None]
) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        for number in numbers:
            box.sold(number)
        box.closed()
        await delivered(world, box)
        found = await verdict(tenant, box)

    assert (found["state"], findings(found)) == ("differs", [finding])


async def test_a_number_missing_between_two_days_is_told_by_the_later_one(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        box.closed()
        box.closed(NEXT_DAY)
        box.sold(3, business_day=date(2026, 3, 4))
        box.closed(date(2026, 3, 4))
        await delivered(world, box)
        states, found = await days(tenant), await verdict(tenant, box, 3)

    assert states == [(1, "proven"), (2, "proven"), (3, "differs")]
    assert findings(found) == [("missing", "S1K1-000002", None)]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"receipt_number": "S9K9-000003"}, "foreign_series"),
        ({"receipt_number": "S1K1-x"}, "foreign_series"),
        ({"currency": "EUR"}, "foreign_currency"),
    ],
)
async def test_a_strange_number_or_currency_is_told(tmp_path: Path, changes: dict[str, Any], kind: str) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        box.sold(2)
        box.sold(3, **changes)
        box.closed()
        await delivered(world, box)
        found = await verdict(tenant, box)

    assert found["state"] == "differs"
    assert [told for told, _, _ in findings(found)] == [kind]


async def test_an_order_and_a_refund_with_one_number_are_told(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        order = box.sold(1)
        box.took_back(2, order, receipt_number=order.receipt_number)
        box.closed()
        await delivered(world, box)
        found = await verdict(tenant, box)

    assert found["state"] == "differs"
    assert ("repeated", "S1K1-000001", None) in findings(found)


async def test_an_order_that_is_not_here_though_it_was_sent_is_told(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        a_day(box)
        await send(world, box)
        await world.projected()
        await world.change("delete from orders where receipt_number = 'S1K1-000002'", "delete from open_days")
    async with open_world(tmp_path, world.clock) as again:  # which begins its sums anew
        tenant.world = again
        box.closed()
        await delivered(again, box)
        found = await verdict(tenant, box)

    assert (found["state"], findings(found)) == ("differs", [("absent", "S1K1-000002", None)])


async def test_a_poisoned_entry_leaves_its_day_incomplete_until_it_is_corrected(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        good = an_order(box, 2)
        body = json.loads(OrderCompleted(order=good).model_dump_json())
        text = json.dumps({"order": {**body["order"], "lane": ""}})
        box.entries.append(raw_entry(2, f'"name": "order.completed", "version": 1, "body": {text}'))
        box.facts[2] = OrderCompleted(order=good)  # as the box counts it
        box.sold(3)
        box.closed()
        await delivered(world, box)
        before = await verdict(tenant, box)
        asked = {"author": "Ada", "reason": "The lane was missing", "body": body}
        await tenant.knock("POST", f"/api/quarantine/{box.id}/2/correction", json=asked)
        await world.checked()
        after = await verdict(tenant, box)

    assert (before["state"], findings(before)[0]) == ("incomplete", ("waiting", "2", None))
    assert ("missing", "S1K1-000002", None) in findings(before)
    assert {"field": "total_minor", "told": 3000, "found": 2000} in before["differences"]
    assert (after["state"], after["findings"], after["corrected"]) == ("proven", [], [2])


async def test_a_settled_entry_leaves_a_difference_that_says_so(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        box.sold(2, node_id=an_id(99))
        box.closed()
        await delivered(world, box)
        asked = {"author": "Ada", "note": "Entered by hand"}
        await tenant.knock("POST", f"/api/quarantine/{box.id}/2/settlement", json=asked)
        await world.checked()
        found = await verdict(tenant, box)

    assert (found["state"], findings(found)) == ("differs", [("settled", "2", None)])
    assert {"field": "orders", "told": 2, "found": 1} in found["differences"]


async def test_after_an_upgrade_a_day_is_proven_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {key: EVENTS[key] for key in (("order.refunded", 1), ("day.closed", 1))}
    for key in known:
        monkeypatch.delitem(EVENTS, key)
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        a_day(box)
        box.closed()
        await delivered(world, box)
        before = await days(tenant)
    for key, kind in known.items():
        monkeypatch.setitem(EVENTS, key, kind)
    async with open_world(tmp_path, world.clock) as upgraded:
        tenant.world = upgraded
        await upgraded.repaired(waiting=0)
        await upgraded.checked()
        after = await days(tenant)

    assert (before, after) == ([], [(1, "proven")])


async def test_a_closing_that_comes_late_lets_the_next_one_be_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        closed = EVENTS.pop(("day.closed", 1))
        a_day(box)
        box.closed()
        await send(world, box)
        await world.projected()
        EVENTS["day.closed", 1] = closed
        box.sold(4, business_day=NEXT_DAY)
        box.closed(NEXT_DAY)
        await delivered(world, box)
        before = await days(tenant)
        await tenant.knock("POST", "/api/quarantine/replays", json={"author": "Ada"})
        await world.checked()
        after = await days(tenant)

    assert before == [(2, "incomplete")]
    assert after == [(1, "proven"), (2, "proven")]


async def test_a_check_that_was_cut_short_by_a_crash_is_done_after_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        a_day(box)
        box.closed()
        await delivered(world, box)
        await world.change("update closings set state = 'due', verdict = null", "delete from open_days")
    async with open_world(tmp_path, world.clock) as again:
        tenant.world = again
        await again.checked()
        states = await days(tenant)

    assert states == [(1, "proven")]


async def test_sums_beyond_all_money_are_told_and_hold_nobody_up(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        for number in (1, 2):
            box.sold(number, total_minor=9 * 10**12, gross_minor=9 * 10**12)
        box.facts.clear()
        box.closed()
        neighbour = await tenant.enrol(box.store_id, "till", "S1T1")
        neighbour.sold(1, id=an_id(50))
        neighbour.closed(id=an_id(77))
        await delivered(world, box)
        await delivered(world, neighbour)
        page = await tenant.see("/api/days")
        found = await verdict(tenant, box)

    assert found["state"] == "differs"
    assert ("not_summed", "1", None) in findings(found)
    assert sorted(day["state"] for day in page["days"]) == ["differs", "proven"]


async def test_pages_of_days_go_on_where_the_last_one_ended(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        for day in range(2, 9):
            box.closed(date(2026, 3, day))
        await delivered(world, box)
        first = await tenant.see("/api/days?limit=5")
        second = await tenant.see(f"/api/days?limit=5&cursor={first['next']}")
        differing = await tenant.see("/api/days?state=differs")

    assert [day["number"] for day in [*first["days"], *second["days"]]] == [7, 6, 5, 4, 3, 2, 1]
    assert (second["next"], second["open"], differing["days"]) == (None, [], [])


@pytest.mark.parametrize("day", ["2024-99-99", "2024-02-30", "0000-01-01", "٢٠٢٤-٠١-٠١", "20240101"])
async def test_a_cursor_that_names_no_day_is_refused(tmp_path: Path, day: str) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        answer = await tenant.knock("GET", "/api/days", params={"cursor": f"{day}.{an_id(1)}"})

    assert answer.status == 400
