"""A sale belongs to the shop's own day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import SystemClock, business_day

MIDNIGHT, FOUR = time(0, 0), time(4, 0)


@pytest.mark.parametrize(
    ("now", "timezone", "cutoff", "day"),
    [
        ("2026-03-14T23:59:59Z", "UTC", MIDNIGHT, "2026-03-14"),
        ("2026-03-15T00:00:00Z", "UTC", MIDNIGHT, "2026-03-15"),
        ("2026-03-15T03:59:59Z", "UTC", FOUR, "2026-03-14"),
        ("2026-03-15T04:00:00Z", "UTC", FOUR, "2026-03-15"),  # the cut-off itself is the new day
        ("2026-01-01T00:30:00Z", "UTC", FOUR, "2025-12-31"),
        ("2026-03-14T16:00:00Z", "Asia/Tokyo", MIDNIGHT, "2026-03-15"),
        ("2026-03-15T03:00:00Z", "America/New_York", MIDNIGHT, "2026-03-14"),
        # London's clocks go forward on 29 March 2026: 00:59 GMT, then 02:00 BST.
        ("2026-03-29T02:59:00Z", "Europe/London", FOUR, "2026-03-28"),
        ("2026-03-29T03:00:00Z", "Europe/London", FOUR, "2026-03-29"),
        # And back on 25 October: 01:59 BST, then 01:00 GMT; four o'clock is four hours after midnight's five.
        ("2026-10-25T03:59:00Z", "Europe/London", FOUR, "2026-10-24"),
        ("2026-10-25T04:00:00Z", "Europe/London", FOUR, "2026-10-25"),
    ],
)
def test_a_sale_before_the_cut_off_is_yesterdays(now: str, timezone: str, cutoff: time, day: str) -> None:
    assert business_day(datetime.fromisoformat(now), timezone, cutoff) == date.fromisoformat(day)


# Cut-offs inside the hour that clocks repeat in autumn are left out: there the day would begin twice.
@given(
    st.integers(1_577_836_800, 1_893_456_000).map(lambda second: datetime.fromtimestamp(second, UTC)),  # 2020 to 2030
    st.timedeltas(timedelta(0), timedelta(days=2)),
    st.sampled_from(["Europe/London", "Europe/Athens", "Asia/Jerusalem", "Asia/Kolkata", "America/New_York"]),
    st.sampled_from([MIDNIGHT, FOUR, time(5, 30)]),
)
def test_days_never_go_back(now: datetime, later: timedelta, timezone: str, cutoff: time) -> None:
    assert business_day(now, timezone, cutoff) <= business_day(now + later, timezone, cutoff)


def test_the_machines_clock_is_aware_and_its_stopwatch_never_goes_back() -> None:
    clock = SystemClock()

    begun_s = clock.monotonic_s()

    assert clock.now().tzinfo is UTC
    assert clock.monotonic_s() >= begun_s


def test_a_business_day_never_goes_back_in_the_hour_that_comes_twice() -> None:
    moments = [datetime(2026, 10, 24, 23, 0, tzinfo=UTC) + timedelta(minutes=15 * step) for step in range(16)]

    days = [business_day(moment, "Europe/Berlin", time(2, 30)) for moment in moments]

    assert days == sorted(days)
