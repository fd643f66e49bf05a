"""What one promotion leaves to the next: layers, exclusiveness, ties, floors, limits and who carries a discount."""

from typing import Any

import pytest

from shared.promotions.evaluation import Evaluation
from tests.shared.promotions.examples import (
    FREE,
    Json,
    amount,
    by_line,
    line,
    offer,
    parts,
    percent,
    priced,
    reasons,
    set_amount,
    set_price,
    skus,
    unit_price,
    uses,
)


def test_layers_run_in_ascending_order_each_on_what_is_left() -> None:
    offers = [offer(f"in{layer}", "easy", layer=layer, reward=percent(5_000)) for layer in (30, 9, 10)]

    assert uses(priced([line("tea", 800)], *offers)) == [("in9", 1, 400), ("in10", 1, 200), ("in30", 1, 100)]


def test_a_later_layer_sees_each_unit_at_its_own_price() -> None:
    free = offer("free", "line_special", layer=1, n=3, reward=percent(5_000))
    cap = offer("cap", "easy", layer=2, reward=unit_price(80))

    evaluation = priced([line("tea", 100, 5)], free, cap)

    assert uses(evaluation) == [("free", 1, 50), ("cap", 4, 80)]  # the unit at 50 is cheap enough
    assert [part.net_minor for part in evaluation.applications[1].parts] == [100]


def test_what_an_earlier_layer_chose_is_not_weighed_against_later_ones() -> None:
    less, more = (
        offer("less", "easy", layer=1, reward=amount(10)),
        offer("more", "easy", layer=2, reward=unit_price(50)),
    )

    assert uses(priced([line("tea", 100)], less, more)) == [("less", 1, 10), ("more", 1, 40)]


@pytest.mark.parametrize(("exclusive", "expected"), [(None, [190, 30]), ("no", [190, 30]), ("unit", [100, 30])])
def test_exclusive_units_are_closed_to_later_layers(exclusive: str | None, expected: list[int]) -> None:
    tea = offer("tea", "easy", layer=1, target=skus("tea"), exclusive=exclusive, reward=percent(1_000))
    rest = offer("rest", "easy", layer=2, reward=percent(1_000))

    assert by_line(priced([line("tea", 1_000), line("bun", 300)], tea, rest), 2) == expected


def test_exclusive_closes_what_was_consumed_at_full_price_too() -> None:
    free = offer("free", "line_special", layer=1, n=2, exclusive="unit", reward=FREE)
    tenth = offer("tenth", "easy", layer=2, reward=percent(1_000))

    assert uses(priced([line("tea", 100, 3)], free, tenth)) == [("free", 1, 100), ("tenth", 1, 10)]


def test_closed_units_are_still_measured() -> None:
    tea = offer("tea", "easy", layer=1, target=skus("tea"), exclusive="unit", reward=percent(1_000))
    big = offer("big", "basket_threshold", layer=2, tiers=[{"min_amount": 1_200, "reward": percent(1_000)}])

    assert by_line(priced([line("tea", 1_000), line("bun", 300)], tea, big), 2) == [100, 30]  # of 900 + 300


@pytest.mark.parametrize(("alone_minor", "alone_wins"), [(60, True), (59, True), (58, False)])
def test_what_stands_alone_is_tried_against_all_others_together(alone_minor: int, alone_wins: bool) -> None:
    a = offer("a", "easy", reward=amount(50))
    b = offer("b", "special", layer=2, reward=set_amount(9))
    alone = offer("alone", "special", layer=2, exclusive="basket", reward=set_amount(alone_minor))

    evaluation = priced([line("tea", 100)], a, b, alone)

    if alone_wins:  # also with 59: as much, with fewer applications
        assert uses(evaluation) == [("alone", 1, alone_minor)]
        assert reasons(evaluation) == {"a": "exclusive", "b": "exclusive"}
    else:
        assert uses(evaluation) == [("a", 1, 50), ("b", 1, 9)]
        assert reasons(evaluation) == {"alone": "exclusive"}


def test_the_greatest_of_several_that_stand_alone_wins() -> None:
    offers = [offer(name, "easy", exclusive="basket", reward=amount(minor)) for name, minor in (("a", 5), ("b", 7))]

    assert uses(priced([line("tea", 100)], *offers)) == [("b", 1, 7)]


def test_a_tie_goes_to_fewer_applications_then_to_priority_then_to_the_lower_id() -> None:
    half, pair = offer("a", "easy", priority=9, reward=amount(50)), offer("b", "line_special", n=2, reward=FREE)
    ranked = [offer(name, "easy", priority=priority, reward=amount(9)) for name, priority in (("a", 0), ("b", 1))]
    numbered = [offer(name, "easy", reward=amount(9)) for name in ("P10", "P2")]

    assert uses(priced([line("tea", 100, 4)], half, pair)) == [("b", 2, 200)]
    assert uses(priced([line("tea", 100)], *ranked)) == [("b", 1, 9)]
    assert uses(priced([line("tea", 100)], *numbered)) == [("P2", 1, 9)]


def test_a_tie_goes_to_the_earlier_line() -> None:
    lines = [line("b", 100), line("a", 100), line("c", 100)]

    assert by_line(priced(lines, offer("one", "easy", limits={"max_units": 1}, reward=FREE)), 3) == [100, 0, 0]


@pytest.mark.parametrize(
    ("family", "fields", "expected"),
    [
        ("easy", {"reward": percent(2_000)}, [5, 20, 0]),
        ("easy", {"reward": unit_price(0)}, [5, 100, 0]),
        ("group", {"n": 3, "reward": set_price(250)}, [5, 45, 0]),  # the third is at its floor, the first near it
        ("group", {"n": 2, "reward": percent(4_000)}, [5, 75, 0]),
        ("special", {"reward": set_amount(60)}, [5, 55, 0]),
        ("special", {"reward": set_amount(900)}, [5, 100, 0]),  # all that the floors leave
        ("line_special", {"n": 3, "reward": FREE}, [0, 100, 0]),
    ],
)
def test_what_a_floor_stops_falls_on_the_others(family: str, fields: dict[str, Any], expected: list[int]) -> None:
    lines = [line("a", 100, floor_price_minor=95), line("b", 100), line("c", 100, floor_price_minor=100)]

    assert by_line(priced(lines, offer("deal", family, **fields)), 3) == expected


@pytest.mark.parametrize(("free_units", "fixed_units", "sets"), [(1, 1, 1), (4, 2, 2), (2, 4, 2), (1, 5, 1)])
def test_of_units_that_cost_the_same_those_without_a_floor_are_free(
    free_units: int, fixed_units: int, sets: int
) -> None:
    deal = offer("deal", "line_special", n=min(3, free_units + fixed_units), reward=FREE)
    lines = [line("free", 180, free_units), line("fixed", 180, fixed_units, floor_price_minor=180)]

    assert by_line(priced(lines, deal), 2) == [180 * sets, 0]
    assert by_line(priced(lines[::-1], deal), 2) == [0, 180 * sets]


def test_a_floor_above_the_price_stops_everything() -> None:
    evaluation = priced([line("a", 100, 2, floor_price_minor=150)], offer("a", "easy", reward=percent(5_000)))

    assert (evaluation.discount_minor, reasons(evaluation)) == (0, {"a": "no_gain"})


def test_an_undiscountable_line_is_neither_rewarded_nor_consumed() -> None:
    lines = [line("gift", 900, 5, discountable=False), line("tea", 100, 2)]
    free = offer("free", "line_special", n=3, reward=FREE)
    bogo = offer("bogo", "requisite_target", requisites=[{"select": skus("gift")}], targets=[{}], reward=FREE)

    assert priced(lines, free, bogo).applications == ()


THREE = [line("a", 300, 2), line("b", 200, 2), line("c", 100, 2)]


@pytest.mark.parametrize(
    ("limits", "family", "fields", "expected"),
    [
        ({"max_units": 3}, "easy", {"reward": percent(1_000)}, [60, 20, 0]),  # the units that gain most
        ({"max_units_per_line": 1}, "easy", {"reward": percent(1_000)}, [30, 20, 10]),
        ({"max_units": 2, "max_units_per_line": 1}, "easy", {"reward": percent(1_000)}, [30, 20, 0]),
        ({"max_applications": 1}, "easy", {"reward": percent(1_000)}, [30, 0, 0]),
        ({"max_discount": 75}, "easy", {"reward": percent(1_000)}, None),
        ({"max_units": 0}, "easy", {"reward": percent(1_000)}, [0, 0, 0]),
        ({"max_applications": 1}, "line_special", {"n": 2, "reward": FREE}, [300, 0, 0]),
        ({"max_units": 5}, "line_special", {"n": 2, "reward": FREE}, [300, 200, 0]),  # a third pair is a sixth unit
        ({"max_units_per_line": 1}, "line_special", {"n": 2, "reward": FREE}, [0, 200, 0]),
        ({"max_discount": 350}, "line_special", {"n": 2, "reward": FREE}, None),
        ({"max_applications": 1}, "group", {"n": 2, "reward": set_price(450)}, None),
        ({"max_units": 4}, "group", {"n": 2, "reward": percent(1_000)}, [60, 40, 0]),
        ({"max_discount": 90}, "special", {"reward": set_amount(100)}, [45, 30, 15]),
        ({"max_units": 5}, "special", {"reward": set_amount(100)}, [0, 0, 0]),  # its whole target or nothing
        ({"max_units": 4}, "easy_plus", {"tiers": [{"min_qty": 4, "reward": percent(1_000)}]}, [60, 40, 0]),
        ({"max_units": 3}, "easy_plus", {"tiers": [{"min_qty": 4, "reward": percent(1_000)}]}, [0, 0, 0]),
        ({"max_units_per_line": 1}, "easy_plus", {"tiers": [{"min_qty": 3, "reward": amount(9)}]}, [9, 9, 9]),
    ],
)
def test_each_limit_holds(limits: Json, family: str, fields: dict[str, Any], expected: list[int] | None) -> None:
    evaluation = priced(THREE, offer("deal", family, limits=limits, **fields))

    if expected is None:
        expected_minor = {"easy": 75, "line_special": 350, "group": 150}[family]
        assert evaluation.discount_minor == expected_minor
    else:
        assert by_line(evaluation, 3) == expected


def test_a_limit_on_a_line_knows_lines_that_cost_the_same() -> None:
    each = offer("each", "easy", limits={"max_units_per_line": 2}, reward=percent(1_000))

    assert by_line(priced([line("a", 100, 3), line("b", 100), line("c", 100, 3)], each), 3) == [20, 10, 20]


def test_a_limit_on_units_counts_all_that_is_consumed() -> None:
    wine = [{"select": skus("wine"), "min_amount": 1_000}]
    glass: dict[str, Any] = {"requisites": wine, "targets": [{"select": skus("glass")}], "reward": FREE}
    lines = [line("wine", 250, 8), line("glass", 500, 2)]

    def within(units: int) -> Evaluation:
        return priced(lines, offer("glass", "requisite_target", **glass, limits={"max_units": units}))

    assert [within(units).discount_minor for units in (4, 5, 9, 10)] == [0, 500, 500, 1_000]


@pytest.mark.parametrize(("most", "times"), [(None, 5), (2, 2), (9, 5), (0, 0)])
def test_a_limit_on_applications_counts_repeats(most: int | None, times: int) -> None:
    each = offer(
        "each",
        "basket_threshold",
        repeat=True,
        limits={"max_applications": most},
        tiers=[{"min_amount": 1_000, "reward": set_amount(100)}],
    )

    assert uses(priced([line("ham", 1_000, 5)], each)) == ([("each", times, 100 * times)] if times else [])


@pytest.mark.parametrize(
    ("allocate", "expected"),
    [
        ("rewarded", [(1, "full", 1, 0), (2, "rewarded", 1, 500)]),
        ("all", [(1, "full", 1, 333), (2, "rewarded", 1, 167)]),  # 10.00 and 5.00 share 5.00
    ],
)
def test_rewarded_units_carry_the_discount_or_all_that_were_consumed(
    allocate: str, expected: list[tuple[int, str, int, int]]
) -> None:
    ink = offer(
        "ink",
        "requisite_target",
        requisites=[{"select": skus("printer")}],
        targets=[{"select": skus("ink")}],
        allocate=allocate,
        reward=FREE,
    )

    assert parts(priced([line("printer", 1_000), line("ink", 500)], ink)) == expected


def test_a_discount_on_all_units_respects_the_floor_of_each() -> None:
    free = offer("free", "line_special", n=2, allocate="all", reward=FREE)

    assert by_line(priced([line("a", 300, floor_price_minor=290), line("b", 200)], free), 2) == [10, 190]
