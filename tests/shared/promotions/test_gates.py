"""When and for whom a promotion is open. Every gate is tried open and shut."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.promotions.gate import NOWHERE, Context, Gate
from shared.promotions.pack import BadPromotion
from tests.shared.promotions.examples import FREE, Json, line, offer, priced, reasons, uses

FRIDAY = "2026-03-06"


def gate(**fields: Any) -> Gate:
    return Gate.model_validate_json(json.dumps(fields))


def shut(told: Json, around: Context) -> str | None:
    return gate(**told).shut("p", around)


def at(now: str, told: Json) -> str | None:
    """Say why a gate is shut at a moment."""
    return shut(told, Context(now=datetime.fromisoformat(now)))


@pytest.mark.parametrize(
    ("told", "around", "reason"),
    [
        ({}, NOWHERE, None),
        ({"coupon": "C1"}, Context(coupons=frozenset({"C1", "C2"})), None),
        ({"coupon": "C1"}, Context(coupons=frozenset({"C2"})), "coupon"),
        ({"coupon": "C1"}, NOWHERE, "coupon"),
        ({"coupon": "C1"}, Context(coupons=frozenset({"c1"})), "coupon"),
        ({"member_tag": "gold"}, Context(member_tags=frozenset({"gold"})), None),
        ({"member_tag": "gold"}, Context(member_tags=frozenset({"club"})), "member"),
        ({"stores": ["LON1", "LON2"]}, Context(store="LON2"), None),
        ({"stores": ["LON1"]}, Context(store="LON2"), "store"),
        ({"stores": ["LON1"]}, NOWHERE, "store"),
        ({"stores": []}, Context(store="LON1"), "store"),
        ({"channels": ["kiosk"]}, Context(channel="kiosk"), None),
        ({"channels": ["kiosk"]}, Context(channel="till"), "channel"),
        ({"max_uses_per_customer": 2}, Context(uses={"p": 1, "q": 9}), None),
        ({"max_uses_per_customer": 2}, Context(uses={"p": 2}), "used_by_customer"),
        ({"max_uses_per_customer": 1}, NOWHERE, None),
        ({"max_uses_per_customer": 0}, NOWHERE, "used_by_customer"),
        ({"max_uses_total": 100}, Context(uses_total={"p": 99}), None),
        ({"max_uses_total": 100}, Context(uses_total={"p": 100}), "used_up"),
        ({"max_uses_total": 100}, Context(uses={"p": 100}), None),
    ],
)
def test_who_may_pass(told: Json, around: Context, reason: str | None) -> None:
    assert shut(told, around) == reason


@pytest.mark.parametrize(
    ("now", "told", "reason"),
    [
        (f"{FRIDAY}T00:00", {"from": FRIDAY}, None),
        ("2026-03-05T23:59:59", {"from": FRIDAY}, "not_yet"),
        (f"{FRIDAY}T10:00", {"from": f"{FRIDAY}T10:00"}, None),
        (f"{FRIDAY}T09:59:59", {"from": f"{FRIDAY}T10:00"}, "not_yet"),
        (f"{FRIDAY}T23:59:59.999999", {"to": FRIDAY}, None),  # the whole day
        ("2026-03-07T00:00", {"to": FRIDAY}, "over"),
        (f"{FRIDAY}T17:00:00", {"to": f"{FRIDAY}T17:00"}, None),  # inclusive
        (f"{FRIDAY}T17:00:01", {"to": f"{FRIDAY}T17:00"}, "over"),
        (f"{FRIDAY}T17:00:00", {"to": f"{FRIDAY} 17:00"}, None),
        (f"{FRIDAY}T17:00:01", {"to": f"{FRIDAY} 17:00"}, "over"),
        (f"{FRIDAY}T17:00:01", {"to": f"{FRIDAY}t17:00"}, "over"),
        (f"{FRIDAY}T12:00", {"from": FRIDAY, "to": FRIDAY}, None),
        (f"{FRIDAY}T12:00", {"from": "2026-03-07", "to": "2026-03-01"}, "not_yet"),
        (f"{FRIDAY}T12:00", {"from": "0001-01-01", "to": "9999-12-31"}, None),  # how some write "always"
    ],
)
def test_days_and_moments_are_inclusive(now: str, told: Json, reason: str | None) -> None:
    assert at(now, told) == reason


@pytest.mark.parametrize(
    ("time", "hours", "reason"),
    [
        ("09:59:59", [10, 12], "hour"),
        ("10:00:00", [10, 12], None),
        ("11:59:59", ["10:00", "12:00"], None),
        ("12:00:00", ["10:00", "12:00"], "hour"),
        ("10:29", ["10:30", 12], "hour"),
        ("10:30", ["10:30", 12], None),
        ("23:59:59", [0, 24], None),
        ("00:00", [0, 24], None),
        ("12:00", [12, 12], "hour"),  # no time at all
        ("23:00", [22, 2], None),
        ("01:59", [22, 2], None),
        ("02:00", [22, 2], "hour"),
        ("21:59", [22, 2], "hour"),
        ("00:00", [22, 0], "hour"),
        ("23:59", [22, 0], None),
    ],
)
def test_hours_begin_at_the_first_and_end_before_the_last(time: str, hours: list[Any], reason: str | None) -> None:
    assert at(f"{FRIDAY}T{time}", {"hours": hours}) == reason


@pytest.mark.parametrize(
    ("day", "days", "reason"), [(6, [5], None), (7, [5], "day"), (8, [1, 7], None), (6, [], "day")]
)
def test_days_count_from_monday(day: int, days: list[int], reason: str | None) -> None:
    assert at(f"2026-03-{day:02d}T12:00", {"days": days}) == reason


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2026-03-06T21:59", "hour"),
        ("2026-03-06T22:00", None),
        ("2026-03-07T01:59", None),  # Saturday, but Friday's night
        ("2026-03-07T02:00", "hour"),
        ("2026-03-07T22:00", "day"),
        ("2026-03-06T01:00", "day"),  # Friday, but Thursday's night
    ],
)
def test_hours_past_midnight_belong_to_the_day_on_which_they_began(now: str, reason: str | None) -> None:
    assert at(now, {"days": [5], "hours": ["22:00", "02:00"]}) == reason


@pytest.mark.parametrize(
    "told", [{"from": FRIDAY}, {"to": FRIDAY}, {"days": [1, 2, 3, 4, 5, 6, 7]}, {"hours": [0, 24]}]
)
def test_without_a_clock_no_time_is_right(told: Json) -> None:
    assert shut(told, NOWHERE) == "no_clock"


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"from": "tomorrow"}, "'tomorrow' is no date like 2026-11-30"),
        ({"to": "2026-02-30"}, "'2026-02-30' is no date"),
        ({"to": ""}, "'' is no date"),
        ({"to": "2026-03-06T25:00"}, "is no date"),
        ({"from": "2026-03-06T10:00Z"}, "names a zone; give the store's local time"),
        ({"to": "2026-03-06T10:00+02:00"}, "names a zone; give the store's local time"),
        ({"hours": [10]}, "hours"),
        ({"hours": [10, 25]}, "25 is not between 00:00 and 24:00"),
        ({"hours": ["24:01", 3]}, "'24:01' is not between 00:00 and 24:00"),
        ({"hours": ["10:60", 12]}, "'10:60' is not between"),
        ({"hours": ["ten", 12]}, "'ten' is no hour like 17 or 17:30"),
        ({"hours": [-1, 12]}, "-1 is no hour"),
        ({"hours": [10.5, 12]}, "10.5 is no hour"),
        ({"hours": [True, 12]}, "True is no hour"),
        ({"hours": ["", 12]}, "'' is no hour"),
        ({"days": [0]}, "days.0"),
        ({"days": [8]}, "days.0"),
        ({"days": ["1"]}, "days.0"),
        ({"days": [1] * 8}, "days"),
        ({"max_uses_total": -1}, "max_uses_total"),
        ({"coupon": ""}, "coupon"),
        ({"until": FRIDAY}, "gate.until"),
    ],
)
def test_a_gate_that_nobody_can_read_is_refused(told: Json, problem: str) -> None:
    with pytest.raises(BadPromotion) as caught:
        offer("p", "easy", gate=told, reward=FREE)

    assert caught.value.facts["promotion"] == "p"
    assert problem in str(caught.value.facts["problem"])


def test_the_first_condition_that_fails_is_told() -> None:
    evening = offer("p", "easy", gate={"member_tag": "gold", "hours": [18, 20]}, reward=FREE)
    noon, member = datetime.fromisoformat(f"{FRIDAY}T12:00"), frozenset({"gold"})

    def told(around: Context) -> dict[str, str]:
        return reasons(priced([line("tea", 100)], evening, around=around))

    assert told(Context(now=noon)) == {"p": "member"}
    assert told(Context(now=noon, member_tags=member)) == {"p": "hour"}
    assert told(Context(member_tags=member)) == {"p": "no_clock"}
    assert told(Context(now=noon.replace(hour=19), member_tags=member)) == {}


def test_a_coupon_opens_only_its_own_promotions() -> None:
    offers = [
        offer(f"for{coupon}", "easy", layer=layer, gate={"coupon": coupon}, reward={"kind": "amount", "value": 9})
        for layer, coupon in enumerate(("C1", "C2", "C3"), 1)
    ]

    evaluation = priced([line("tea", 100)], *offers, around=Context(coupons=frozenset({"C3", "C1", "C9"})))

    assert uses(evaluation) == [("forC1", 1, 9), ("forC3", 1, 9)]
    assert [use.opened_by for use in evaluation.applications] == ["C1", "C3"]


def test_a_gate_is_written_as_it_was_read() -> None:
    told = {"from": FRIDAY, "to": "2026-03-08T17:00", "days": [5, 6], "hours": ["22:00", "02:30"], "coupon": "C1"}

    assert gate(**told).model_dump(mode="json", exclude_none=True) == told
    assert gate(hours=[9, "17"]).hours == ("09:00", "17:00")


MOMENTS = st.integers(0, 12 * 24 * 3600).map(
    lambda second: datetime.fromisoformat("2026-03-02") + timedelta(seconds=second)
)
HOURS = st.sampled_from(["00:00", "01:30", "09:00", "17:00", "23:59", "24:00"])


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "from": st.one_of(MOMENTS.map(datetime.isoformat), MOMENTS.map(lambda at: at.date().isoformat())),
            "to": st.one_of(MOMENTS.map(datetime.isoformat), MOMENTS.map(lambda at: at.date().isoformat())),
            "days": st.lists(st.integers(1, 7), max_size=3),
            "hours": st.tuples(HOURS, HOURS),
        },
    ),
    MOMENTS,
)
def test_openings_are_the_moments_at_which_the_clock_shuts_nothing(told: Json, now: datetime) -> None:
    """Head office says by these that a promotion never opens; they must be what a box looks at."""
    whole = {"from": "2026-03-02T00:00", **told}  # so that all of it lies in the two weeks that are told

    is_open = shut(whole, Context(now=now)) is None

    assert is_open == any(first <= now <= last for first, last in gate(**whole).openings())


@pytest.mark.parametrize(
    "told",
    [{}, {"to": "0001-01-01"}, {"from": "9999-12-31"}, {"days": [7], "hours": ["24:00", "23:00"]}, {"hours": [22, 4]}],
)
def test_openings_at_the_ends_of_the_calendar_are_told_as_well(told: Json) -> None:
    assert all(first <= last for first, last in gate(**told).openings())
