"""What each family takes and gives, in numbers small enough to work out by hand."""

from typing import Any

import pytest

from shared.promotions.gate import Context
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
    set_amount,
    set_price,
    skus,
    tags,
    unit_price,
    uses,
)


@pytest.mark.parametrize(
    ("reward", "discount_minor"),
    [
        (percent(2_000), 150),
        (percent(1_250), 94),  # 93.75
        (percent(10_000), 750),
        (percent(0), 0),
        (amount(100), 300),
        (amount(9_999), 750),  # at most the price
        (unit_price(199), 153),
        (unit_price(250), 0),
        (unit_price(300), 0),  # never raises one
        (unit_price(0), 750),
    ],
)
@pytest.mark.parametrize("family", ["easy", "special"])
def test_easy_and_special_reward_every_unit(family: str, reward: Json, discount_minor: int) -> None:
    expected = [("each", 3, discount_minor)] if discount_minor else []

    assert uses(priced([line("bag", 250, 3)], offer("each", family, reward=reward))) == expected


@pytest.mark.parametrize(
    ("quantity", "price", "discount_minor"),
    [(1, 1, 1), (3, 1, 2), (3, 33, 50), (2, 33, 33), (1, 33, 17)],  # a half goes up, but only once for a line
)
def test_easy_rounds_once_for_each_line(quantity: int, price: int, discount_minor: int) -> None:
    half = offer("half", "easy", reward=percent(5_000))

    assert by_line(priced([line("a", price, quantity)], half), 1) == [discount_minor]
    assert by_line(priced([line("a", 33), line("b", 33)], half), 2) == [17, 17]


def test_discounts_are_compared_before_they_are_rounded() -> None:
    less, more = offer("a", "easy", reward=percent(1_000)), offer("b", "easy", reward=percent(1_001))

    assert uses(priced([line("nut", 10)], less, more)) == [("b", 1, 1)]  # both round to 1


@pytest.mark.parametrize(
    ("quantity", "expected"), [(2, []), (3, [("more", 1, 30)]), (5, [("more", 1, 50)]), (6, [("more", 1, 120)])]
)
def test_easy_plus_rewards_at_the_best_tier_that_is_reached(
    quantity: int, expected: list[tuple[str, int, int]]
) -> None:
    tiers = [{"min_qty": 3, "reward": percent(1_000)}, {"min_qty": 6, "reward": percent(2_000)}]

    assert uses(priced([line("pen", 100, quantity)], offer("more", "easy_plus", tiers=tiers))) == expected


@pytest.mark.parametrize(("quantity", "discount_minor"), [(3, 0), (4, 200), (5, 250), (8, 800)])
def test_easy_plus_counts_what_is_taken_in_money(quantity: int, discount_minor: int) -> None:
    tiers = [{"min_amount": 1_000, "reward": amount(50)}, {"min_amount": 2_400, "reward": amount(100)}]

    assert (
        priced([line("jam", 300, quantity)], offer("rich", "easy_plus", tiers=tiers)).discount_minor == discount_minor
    )


def test_easy_plus_leaves_a_unit_that_another_promotion_makes_more_of() -> None:
    lines = [line("milk", 100, 3), line("cheese", 1_000)]
    more = offer("more", "easy_plus", tiers=[{"min_qty": 3, "reward": percent(1_000)}])
    fifth = offer("fifth", "easy", target=skus("cheese"), reward=percent(2_000))

    assert uses(priced(lines, more, fifth)) == [("fifth", 1, 200), ("more", 1, 30)]


def test_easy_plus_takes_a_unit_that_gains_nothing_when_the_tier_needs_it() -> None:
    cap = offer("cap", "easy_plus", tiers=[{"min_qty": 3, "reward": unit_price(100)}])

    evaluation = priced([line("a", 150, 2), line("b", 80), line("c", 70)], cap)

    assert evaluation.discount_minor == 100
    assert sum(units for _, _, units, _ in parts(evaluation)) == 3


@pytest.mark.parametrize(
    ("prices", "rewarded"),
    [
        ([500, 400], []),
        ([500, 400, 300], [300]),
        ([100, 500, 300, 200, 400], [300]),  # the three dearest make the set
        ([500, 400, 300, 200, 100, 100], [100, 300]),
    ],
)
def test_line_special_frees_the_cheapest_of_each_set(prices: list[int], rewarded: list[int]) -> None:
    lines = [line(f"book{price}", price) for price in sorted(set(prices), reverse=True)]
    lines = [book.model_copy(update={"quantity": prices.count(book.unit_price_minor)}) for book in lines]

    evaluation = priced(lines, offer("3for2", "line_special", n=3, reward=FREE))

    assert sorted(off for _, role, _, off in parts(evaluation) if role == "rewarded") == rewarded
    assert evaluation.discount_minor == sum(rewarded)


@pytest.mark.parametrize(("same_sku", "discount_minor"), [(False, 500), (True, 200)])
def test_line_special_may_keep_products_apart(same_sku: bool, discount_minor: int) -> None:
    lines = [line("a", 300, 2), line("b", 500), line("c", 200, 3)]

    deal = offer("3for2", "line_special", n=3, same_sku=same_sku, reward=FREE)

    assert priced(lines, deal).discount_minor == discount_minor


def test_line_special_keeps_products_apart_that_cost_the_same() -> None:
    lines = [line("a", 300, 2), line("b", 300), line("c", 300, 3)]
    deal = offer("3for2", "line_special", n=3, same_sku=True, reward=FREE)

    assert uses(priced(lines[:2], deal)) == []
    assert by_line(priced(lines, deal), 3) == [0, 0, 300]


def test_line_special_of_one_product_spans_its_lines() -> None:
    lines = [line("a", 300), line("a", 300), line("a", 280)]  # priced at different times

    assert by_line(priced(lines, offer("3for2", "line_special", n=3, same_sku=True, reward=FREE)), 3) == [0, 0, 280]


@pytest.mark.parametrize(
    ("prices", "m", "reward", "discount_minor"),
    [
        ([300, 200], 1, percent(5_000), 100),  # the second at half price
        ([300, 200], 1, unit_price(1), 199),  # the second for a cent
        ([300, 200], 1, amount(30), 30),
        ([300, 250, 200], 2, percent(1_000), 45),  # 25 + 20
        ([300, 250, 200], 3, percent(1_000), 75),
    ],
)
def test_line_special_rewards_m_of_n(prices: list[int], m: int, reward: Json, discount_minor: int) -> None:
    lines = [line(f"toy{price}", price) for price in prices]

    assert (
        priced(lines, offer("deal", "line_special", n=len(prices), m=m, reward=reward)).discount_minor == discount_minor
    )


MENU: dict[str, Any] = {
    "slots": [{"select": tags("main")}, {"select": tags("drink")}, {"select": tags("snack"), "qty": 2}]
}


def menu(mains: int = 1, drinks: int = 1, snacks: int = 2) -> list[Any]:
    names = (("main", 350, mains), ("drink", 180, drinks), ("snack", 60, snacks))
    return [line(name, price, quantity, tags=(name,)) for name, price, quantity in names]


@pytest.mark.parametrize(
    ("reward", "counts", "times", "discount_minor"),
    [
        (set_price(450), (1, 1, 2), 1, 200),  # 650
        (set_price(450), (2, 3, 5), 2, 400),
        (set_price(450), (2, 2, 3), 1, 200),  # a snack is missing
        (set_amount(99), (2, 2, 4), 2, 198),
        (percent(1_050), (1, 1, 2), 1, 68),  # 68.25
        (percent(1_050), (2, 2, 4), 2, 137),  # 136.5: rounded once for the promotion
    ],
)
def test_a_combo_fills_every_slot(reward: Json, counts: tuple[int, int, int], times: int, discount_minor: int) -> None:
    assert uses(priced(menu(*counts), offer("meal", "combo", **MENU, reward=reward))) == [
        ("meal", times, discount_minor)
    ]


def test_a_combo_takes_the_dearest_and_never_raises_a_price() -> None:
    lines = [*menu(), line("wine", 900, tags=("drink",))]

    assert by_line(priced(lines, offer("meal", "combo", **MENU, reward=set_price(1_000))), 4)[1] == 0
    assert priced(lines, offer("meal", "combo", **MENU, reward=set_price(1_000))).discount_minor == 370
    assert uses(priced(menu(), offer("meal", "combo", **MENU, reward=set_price(650)))) == []


def test_a_group_splits_its_price_over_what_was_mixed() -> None:
    lines = [line("cola", 200), line("soda", 190), line("water", 180)]

    evaluation = priced(lines, offer("mix", "group", n=3, reward=set_price(500)))

    assert by_line(evaluation, 3) == [
        25,
        23,
        22,
    ]  # of 70: 24.56, 23.33 and 22.10; the spare one to the largest remainder


def test_equal_remainders_go_to_the_earlier_line() -> None:
    two = offer("two", "group", n=2, reward=set_amount(2))

    assert by_line(priced([line("a", 100), line("b", 300)], two), 2) == [1, 1]  # of 0.5 and 1.5
    assert by_line(priced([line("a", 300), line("b", 100)], two), 2) == [2, 0]


@pytest.mark.parametrize(
    ("reward", "times", "discount_minor"),
    [(set_price(500), 2, 200), (set_amount(50), 2, 100), (percent(2_500), 2, 300), (set_price(700), 0, 0)],
)
def test_a_group_takes_whole_sets(reward: Json, times: int, discount_minor: int) -> None:
    expected = [("mix", times, discount_minor)] if times else []

    assert uses(priced([line("cola", 200, 7)], offer("mix", "group", n=3, reward=reward))) == expected


PRINTER_INK: dict[str, Any] = {
    "requisites": [{"select": skus("printer"), "qty": 1}],
    "targets": [{"select": skus("ink"), "qty": 2}],
}


@pytest.mark.parametrize(
    ("printers", "inks", "times"), [(1, 1, 0), (1, 2, 1), (1, 5, 1), (2, 3, 1), (2, 4, 2), (5, 4, 2)]
)
def test_a_requisite_is_consumed_for_each_set_of_targets(printers: int, inks: int, times: int) -> None:
    lines = [line("printer", 9_000, printers), line("ink", 250, inks)]

    evaluation = priced(lines, offer("ink", "requisite_target", **PRINTER_INK, reward=percent(5_000)))

    assert uses(evaluation) == ([("ink", times, times * 250)] if times else [])
    assert parts(evaluation) == ([(1, "full", times, 0), (2, "rewarded", 2 * times, 250 * times)] if times else [])


@pytest.mark.parametrize(("bottles", "expected"), [(3, []), (4, [("glass", 1, 400)]), (8, [("glass", 2, 800)])])
def test_a_requisite_may_be_an_amount(bottles: int, expected: list[tuple[str, int, int]]) -> None:
    requisites = [{"select": skus("wine"), "min_amount": 2_000}]
    glass = offer("glass", "requisite_target", requisites=requisites, targets=[{"select": skus("glass")}], reward=FREE)

    assert uses(priced([line("wine", 500, bottles), line("glass", 400, 2)], glass)) == expected


@pytest.mark.parametrize(
    ("lesser_value", "prices", "discount_minor"),
    [
        (False, [500, 300], 500),
        (True, [500, 300], 300),
        (True, [500, 500], 500),  # equal is well
        (False, [500, 400, 300, 200], 900),
        (True, [500, 400, 300, 200], 600),
        (True, [200, 300, 400], 300),
    ],
)
def test_a_target_may_have_to_be_of_equal_or_lesser_value(
    lesser_value: bool, prices: list[int], discount_minor: int
) -> None:
    bogo = offer(
        "bogo",
        "requisite_target",
        requisites=[{"qty": 1}],
        targets=[{"qty": 1}],
        reward=FREE,
        lesser_value=lesser_value,
    )

    lines = [line(f"toy{number}", price) for number, price in enumerate(prices)]

    assert priced(lines, bogo).discount_minor == discount_minor


FROM_5000 = [{"min_amount": 5_000, "reward": set_amount(500)}]
OVER_5000 = [{"over_amount": 5_000, "reward": set_amount(500)}]
RISING = [{"min_amount": 1_000, "reward": percent(500)}, {"min_amount": 4_000, "reward": percent(1_000)}]


@pytest.mark.parametrize(
    ("tiers", "price", "discount_minor"),
    [
        (FROM_5000, 4_999, 0),
        (FROM_5000, 5_000, 500),
        (OVER_5000, 5_000, 0),
        (OVER_5000, 5_001, 500),
        (RISING, 999, 0),
        (RISING, 3_999, 200),  # 199.95
        (RISING, 4_000, 400),
        ([*reversed(RISING)], 4_000, 400),
        ([{"min_qty": 2, "reward": percent(500)}], 5_000, 0),
        ([{"min_qty": 1, "min_amount": 6_000, "reward": percent(500)}], 5_000, 0),  # both
        ([{"reward": percent(500)}], 10, 1),  # neither
    ],
)
def test_a_threshold_opens_its_highest_tier(tiers: list[Json], price: int, discount_minor: int) -> None:
    assert priced([line("ham", price)], offer("big", "basket_threshold", tiers=tiers)).discount_minor == discount_minor


@pytest.mark.parametrize(("basis", "expected"), [("net", []), ("gross", [("big", 1, 500)])])
def test_a_threshold_measures_what_is_left_or_what_the_shelf_says(
    basis: str, expected: list[tuple[str, int, int]]
) -> None:
    tenth = offer("tenth", "easy", reward=percent(1_000))
    big = offer("big", "basket_threshold", layer=2, basis=basis, tiers=FROM_5000)

    assert uses(priced([line("ham", 5_000)], tenth, big)) == [("tenth", 1, 500), *expected]


@pytest.mark.parametrize(
    ("tiers", "times"),
    [
        ([{"min_amount": 2_000, "reward": set_amount(100)}], 3),
        ([{"min_qty": 2, "reward": set_amount(100)}], 2),
        ([{"over_amount": 3_250, "reward": set_amount(100)}], 1),  # twice 32.50 is not above 65.00
    ],
)
def test_a_threshold_may_repeat(tiers: list[Json], times: int) -> None:
    each = offer("each", "basket_threshold", tiers=tiers, repeat=True)

    assert uses(priced([line("ham", 1_300, 5)], each)) == [("each", times, 100 * times)]


@pytest.mark.parametrize(
    ("qualify", "discount_minor"), [({}, 400), (skus("ham", "gift"), 400), ({"not_skus": ["gift"]}, 0)]
)
def test_a_threshold_measures_what_it_may_not_discount(qualify: Json, discount_minor: int) -> None:
    lines = [line("ham", 4_000), line("gift", 1_000, discountable=False)]
    big = offer("big", "basket_threshold", qualify=qualify, tiers=[{"min_amount": 5_000, "reward": percent(1_000)}])

    assert by_line(priced(lines, big), 2) == [discount_minor, 0]


def test_a_threshold_measures_without_consuming() -> None:
    tiers = [{"min_qty": 3, "reward": percent(1_000)}]
    bread = offer("bread", "basket_threshold", qualify=skus("milk"), target=skus("bread"), tiers=tiers)
    free = offer("free", "line_special", target=skus("milk"), n=3, reward=FREE)

    assert uses(priced([line("milk", 100, 3), line("bread", 300)], bread, free)) == [("bread", 1, 30), ("free", 1, 100)]


def test_a_threshold_takes_its_whole_target_or_nothing() -> None:
    whole = offer("whole", "basket_threshold", tiers=[{"reward": set_amount(100)}])
    cake = offer("cake", "easy", target=skus("cake"), reward=amount(120))

    assert uses(priced([line("cake", 500), line("tea", 300)], whole, cake)) == [("cake", 1, 120)]


def test_a_special_on_the_whole_target_is_at_most_what_it_costs() -> None:
    voucher = offer("voucher", "special", gate={"coupon": "V10"}, reward=set_amount(1_000))
    opened = Context(coupons=frozenset({"V10"}))

    assert uses(priced([line("tea", 300, 2), line("bun", 199)], voucher, around=opened)) == [("voucher", 1, 799)]
    assert uses(priced([line("tea", 300, 2)], voucher)) == []


@pytest.mark.parametrize(("set_scope", "expected"), [(False, [17, 17]), (True, [17, 16])])
@pytest.mark.parametrize("family", ["easy", "special"])
def test_a_percentage_of_a_set_is_rounded_once(family: str, set_scope: bool, expected: list[int]) -> None:
    half = offer("half", family, set_scope=set_scope, reward=percent(5_000))

    assert by_line(priced([line("a", 33), line("b", 33)], half), 2) == expected
