"""A day is closed at the box, whatever the line, the clock and the queue do; nothing is in two days or in none."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from edge.archive.worker import close_old_day
from shared import ids
from shared.events.fact import Fact
from tests.edge.orders.test_refunds import refund
from tests.edge.small_shop import STAFF, HandClock, Till, open_small_shop, open_till

MONDAY_EVENING = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)


async def read_day(till: Till) -> dict[str, Any]:
    status, report = await till.call("GET", "/api/days/open", **STAFF)
    assert status == 200, report
    return report


async def close(till: Till, key: str | None = None) -> tuple[int, Any]:
    return await till.call("POST", "/api/days/closings", {}, **STAFF, **({"Idempotency-Key": key} if key else {}))


async def test_an_x_report_adds_up_what_was_sold_and_what_came_back(till: Till) -> None:
    sale = await till.sell("mug", "mug", "mug", "milk")
    await refund(till, sale, {2: 1})
    basket = await till.fill("tea")
    await till.pay_by_card(basket["id"])

    figures = (await read_day(till))["figures"]

    assert (figures["orders"], figures["refunds"]) == (2, 1)
    assert (figures["first_number"], figures["last_number"]) == ("T1K1-000001", "T1K1-000003")
    assert (figures["discount_minor"], figures["refunded_minor"]) == (500 + 35, 115)
    assert {tender["kind"]: tender["received_minor"] for tender in figures["tenders"]} == {"card": 314, "cash": 1115}


async def test_reading_closes_nothing_and_knows_what_came_since(till: Till) -> None:
    await till.sell("milk")
    before = await read_day(till)
    await till.sell("milk")
    after = await read_day(till)

    assert [report["figures"]["orders"] for report in (before, after)] == [1, 2]


async def test_closings_are_numbered_and_their_spans_follow_each_other(till: Till, clock: HandClock) -> None:
    closings = []
    for day in range(3):
        for _ in range(day + 1):
            await till.sell("milk")
        closings.append((await close(till))[1])
        clock.at += timedelta(days=1)

    assert [closing["number"] for closing in closings] == [1, 2, 3]
    assert [closing["figures"]["orders"] for closing in closings] == [1, 2, 3]
    assert closings[0]["first_seq"] == 1
    assert [later["first_seq"] for later in closings[1:]] == [earlier["last_seq"] + 1 for earlier in closings[:-1]]
    assert [closing["all_time_minor"] for closing in closings] == [115, 345, 690]


async def test_what_is_sold_after_the_closing_belongs_to_the_next_day(till: Till, clock: HandClock) -> None:
    clock.at = MONDAY_EVENING
    await till.sell("milk")
    _, monday = await close(till)
    late = await till.sell("milk")
    clock.at += timedelta(days=1)
    tuesday_sale = await till.sell("milk")
    _, tuesday = await close(till)

    assert [monday["business_day"], tuesday["business_day"]] == ["2026-03-02", "2026-03-03"]
    assert [late["business_day"], tuesday_sale["business_day"]] == ["2026-03-03", "2026-03-03"]


async def test_a_second_press_closes_no_second_day(till: Till) -> None:
    await till.sell("milk")
    await close(till)
    status, problem = await close(till)

    assert (status, problem["code"]) == (409, "day-not-begun")


async def test_a_repeat_with_the_same_key_is_the_same_closing(till: Till) -> None:
    key = ids.new_id()
    await till.sell("milk")

    first, second = [(await close(till, key))[1] for _ in range(2)]

    assert first == second


async def test_a_repeat_after_a_later_closing_is_answered_with_its_own(till: Till, clock: HandClock) -> None:
    keys = [ids.new_id() for _ in range(2)]
    made = []
    for key in keys:
        await till.sell("milk")
        made.append((await close(till, key))[1])
        clock.at += timedelta(days=1)

    repeated = [(await close(till, key))[1] for key in keys]

    assert repeated == made


async def test_a_repeat_after_later_prints_is_answered_with_its_own(till: Till) -> None:
    order = await till.sell("milk")
    for path in ("/api/days/open/prints", f"/api/orders/{order['id']}/copies"):
        headers = [{**STAFF, "Idempotency-Key": ids.new_id()} for _ in range(2)]

        first, second, again = [(await till.call("POST", path, {}, **headers[turn]))[1] for turn in (0, 1, 0)]

        assert (again == first, again == second) == (True, False)


async def test_a_repeated_request_prints_one_x_report(till: Till) -> None:
    await till.sell("milk")
    headers = {**STAFF, "Idempotency-Key": ids.new_id()}

    jobs = {(await till.call("POST", "/api/days/open/prints", {}, **headers))[1]["job_id"] for _ in range(3)}

    assert len(jobs) == 1


async def test_two_who_close_at_once_close_one_day(till: Till) -> None:
    await till.sell("milk")

    statuses = sorted([status for status, _ in await asyncio.gather(*(close(till) for _ in range(4)))])

    assert statuses == [200, 409, 409, 409]


async def test_a_day_of_days_is_closed_as_the_last_of_them(till: Till, clock: HandClock) -> None:
    await till.sell("milk")
    clock.at += timedelta(days=2)
    last = await till.sell("milk")
    clock.at += timedelta(days=3)

    _, closing = await close(till)

    assert closing["business_day"] == last["business_day"] == "2026-03-04"


async def test_a_closing_in_the_wrong_year_moves_no_later_day(till: Till, clock: HandClock) -> None:
    clock.at = datetime(2099, 1, 1, 12, 0, tzinfo=UTC)
    await till.sell("milk")
    await close(till)
    clock.at = MONDAY_EVENING
    sale = await till.sell("milk")
    status, closing = await close(till)

    assert (status, sale["business_day"], closing["business_day"]) == (200, "2026-03-02", "2026-03-02")


async def test_a_day_with_an_open_basket_is_closed_and_the_basket_goes_on(till: Till, clock: HandClock) -> None:
    basket = await till.fill("milk")
    status, closing = await close(till)
    await till.pay(basket["id"])
    clock.at += timedelta(days=1)

    assert (status, closing["figures"]["orders"]) == (200, 0)
    assert (await close(till))[1]["figures"]["orders"] == 1


async def test_sums_survive_a_restart(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        await till.sell("milk")
        await close(till)
        await till.sell("tea")
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        report = await read_day(till)

    assert (report["figures"]["orders"], report["business_day"]) == (1, "2026-03-03")


async def test_a_long_day_is_read_in_steps_and_whole(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.days.service.READ_MAX", 3)
    for _ in range(10):
        await till.sell("milk")

    _, closing = await close(till)

    assert closing["figures"]["orders"] == 10


class FromTheFuture(Fact):
    """What software of tomorrow wrote down before it was taken off this box again."""

    event_name: ClassVar[str] = "unheard-of"


class TomorrowsOrder(Fact):
    """An order in a shape that is not known here."""

    event_name: ClassVar[str] = "order.completed"
    event_version: ClassVar[int] = 99


async def test_what_newer_software_wrote_down_stops_no_closing(till: Till) -> None:
    await till.sell("milk")
    await till.shop.db.transact(till.shop.record, FromTheFuture())
    await till.sell("milk")

    assert (await close(till))[1]["figures"]["orders"] == 2


async def test_an_order_that_cannot_be_read_is_told_and_not_left_out(till: Till) -> None:
    await till.shop.db.transact(till.shop.record, TomorrowsOrder())
    status, problem = await close(till)

    assert (status, problem["code"]) == (400, "bad-entry")
    assert not await close_old_day(till.shop)


async def test_days_are_for_staff_only(till: Till) -> None:
    doors = [("GET", "/api/days/open"), ("GET", "/api/days/closings"), ("POST", "/api/days/closings")]
    doors.append(("POST", "/api/days/open/prints"))

    statuses = {(await till.call(method, path, {} if method == "POST" else None))[0] for method, path in doors}

    assert statuses == {403}


async def test_closed_days_are_listed_newest_first(till: Till, clock: HandClock) -> None:
    for _ in range(3):
        await close(till)
        clock.at += timedelta(days=1)

    _, page = await till.call("GET", "/api/days/closings?limit=2", **STAFF)
    _, rest = await till.call("GET", f"/api/days/closings?limit=2&cursor={page['next']}", **STAFF)

    assert [closing["number"] for closing in page["closings"] + rest["closings"]] == [3, 2, 1]
    assert rest["next"] is None
