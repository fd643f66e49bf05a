"""A store's time is head office's, also where the box's own clock is dead, wrong or set back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge import journal
from edge.store_clock import LastTrust, StoreClock
from edge.sync.client import Told
from edge.sync.push import take_time
from shared.protocol import entry
from tests.edge.small_shop import HandClock, open_small_shop, open_till

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DEAD_BATTERY = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_before_head_office_ever_spoke_the_boxs_clock_is_all_there_is() -> None:
    device = HandClock(NOON)
    clock = StoreClock.opened(device, None, NOON + HOUR)

    device.at = NOON - HOUR

    assert clock.now() == NOON - HOUR


def test_a_wrong_clock_is_set_right_and_runs_on() -> None:
    device = HandClock(DEAD_BATTERY)
    clock = StoreClock(device)

    clock.hear(NOON)
    device.passed_s += 60

    assert clock.now() == NOON + timedelta(minutes=1)


def test_what_is_set_at_the_box_meanwhile_changes_nothing() -> None:
    device = HandClock(NOON)
    clock = StoreClock(device)
    clock.hear(NOON)

    device.at = datetime(2099, 1, 1, tzinfo=UTC)

    assert clock.now() == NOON


@pytest.mark.parametrize("off_s", [-1.9, 0, 1.9])
def test_a_moment_more_or_less_moves_no_time(off_s: float) -> None:
    clock = StoreClock(HandClock(NOON))

    clock.hear(NOON + timedelta(seconds=off_s))

    assert clock.now() == NOON


def test_the_skew_is_known_at_the_next_start() -> None:
    slow = HandClock(NOON - HOUR)
    trust = StoreClock(slow).hear(NOON)
    slow.at += timedelta(days=1)

    assert StoreClock.opened(slow, trust, None).now() == NOON + timedelta(days=1)


def test_a_box_that_forgot_the_time_goes_on_from_its_last_entry() -> None:
    trust = LastTrust(NOON, timedelta(0))
    device = HandClock(DEAD_BATTERY)
    clock = StoreClock.opened(device, trust, NOON + HOUR)

    device.passed_s += 5

    assert clock.now() == NOON + HOUR + timedelta(seconds=5)


def test_an_entry_of_the_year_2099_does_not_hold_the_clock_there() -> None:
    trust = LastTrust(NOON, timedelta(0))

    clock = StoreClock.opened(HandClock(NOON + HOUR), trust, datetime(2099, 1, 1, tzinfo=UTC))

    assert clock.now() == NOON + HOUR


async def test_a_correction_is_written_down_and_counts_for_what_follows(tmp_path: Path) -> None:
    device = HandClock(datetime(2026, 3, 1, 23, 0, tzinfo=UTC))
    async with open_small_shop(tmp_path, device) as shop, open_till(shop) as till:
        before = await till.sell("milk")
        await take_time(shop, Told(NOON, shop.clock.monotonic_s()))
        await take_time(shop, Told(NOON, shop.clock.monotonic_s()))
        after = await till.sell("milk")
        entries = [
            entry.read(text) for (text,) in await shop.db.transact(lambda tx: tx.rows("select entry from journal"))
        ]

    assert [before["business_day"], after["business_day"]] == ["2026-03-01", "2026-03-02"]
    assert [found.body["after"] for found in entries if found.name == "node.clock_set"] == ["2026-03-02T12:00:00Z"]


async def test_a_dead_battery_moves_no_business_day(tmp_path: Path) -> None:
    device = HandClock(NOON)
    async with open_small_shop(tmp_path, device) as shop, open_till(shop) as till:
        await take_time(shop, Told(NOON, shop.clock.monotonic_s()))
        await till.sell("milk")
    async with open_small_shop(tmp_path, HandClock(DEAD_BATTERY)) as shop, open_till(shop) as till:
        order = await till.sell("milk")

    assert order["business_day"] == "2026-03-02"


async def test_two_head_offices_that_differ_do_not_fill_the_journal(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path, HandClock(NOON)) as shop:
        for number in range(20):
            await take_time(shop, Told(NOON + number % 2 * HOUR, shop.clock.monotonic_s()))
        entries = await shop.db.transact(journal.entries_after, 0, 100)
        last = shop.clock.now()

    assert [entry.read(text).name for _, text in entries].count("node.clock_set") == 1
    assert last >= NOON + HOUR
