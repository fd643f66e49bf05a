"""The greatest discount, exactly; the same whoever asks and in whatever order."""

import time
from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.basket import BasketLine
from shared.model.strict import QUANTITY_MAX
from shared.promotions.engine import evaluate
from shared.promotions.evaluation import Evaluation
from shared.promotions.families import Promotion
from shared.promotions.families.easy import Easy
from shared.promotions.pack import EMPTY, Pack
from shared.promotions.reward import Amount, Percent, Reward, UnitPrice
from shared.promotions.selector import Selector
from tests.builders import basket_line, easy, line_special
from tests.shared.promotions.strategies import CATEGORIES, SKUS, TAGS, promotions

HALF = Percent(value=5_000)
everything = st.just(Selector())


@st.composite
def baskets(draw: st.DrawFn) -> list[BasketLine]:
    skus = draw(st.lists(st.sampled_from(SKUS), unique=True, max_size=3))
    return [
        basket_line(
            draw(st.integers(1, 6)),
            draw(st.integers(0, 400)),
            number=number,
            sku=sku,
            category=draw(st.sampled_from([None, *CATEGORIES])),
            tags=tuple(draw(st.frozensets(st.sampled_from(TAGS)))),
            discountable=draw(st.booleans()),
        )
        for number, sku in enumerate(skus, 1)
    ]


def discounts(evaluation: Evaluation) -> list[tuple[str, int, int]]:
    return [(use.promotion_id, use.times, use.discount_minor) for use in evaluation.applications]


def one_line(quantity: int, unit_price_minor: int, *offers: Promotion) -> list[tuple[str, int, int]]:
    return discounts(evaluate([basket_line(quantity, unit_price_minor)], Pack.of(offers)))


# The oracle: what one use is worth, written anew from the meaning of the words, and every way of using them.


def worth(promotion: Promotion, price: int) -> tuple[int, Fraction]:
    """Return (units, exact discount) of one use."""
    reward = promotion.reward
    if isinstance(reward, Percent):
        off = Fraction(price * reward.value, 10_000)
    else:
        off = Fraction(min(reward.value, price) if isinstance(reward, Amount) else max(price - reward.value, 0))
    return (1, off) if isinstance(promotion, Easy) else (promotion.n, promotion.m * off)


def takes(promotion: Promotion, line: BasketLine) -> bool:
    wanted, tags = promotion.target, set(line.tags)
    return (
        line.discountable
        and (not wanted.skus or line.sku in wanted.skus)
        and (not wanted.categories or line.category in wanted.categories)
        and (not wanted.tags or bool(wanted.tags & tags))
        and line.sku not in wanted.not_skus
        and not wanted.not_tags & tags
    )


def greatest(line: BasketLine, offers: Sequence[Promotion]) -> tuple[Fraction, int]:
    """Return the greatest discount on one line, and the fewest uses that reach it."""
    deals = [worth(offer, line.unit_price_minor) for offer in offers if takes(offer, line)]
    best = (Fraction(0), 0)
    for counts in product(*(range(line.quantity // units + 1) for units, _ in deals)):
        if sum(count * units for count, (units, _) in zip(counts, deals, strict=True)) <= line.quantity:
            value = sum((count * off for count, (_, off) in zip(counts, deals, strict=True)), Fraction(0))
            best = max(best, (value, -sum(counts)))
    return best[0], -best[1]


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


@given(baskets(), promotions())
def test_no_way_of_using_the_promotions_takes_more_off(lines: list[BasketLine], offers: list[Promotion]) -> None:
    by_id = {offer.id: offer for offer in offers}

    evaluation = evaluate(lines, Pack.of(offers))

    for line in lines:
        uses = [use for use in evaluation.applications if use.line_number == line.number]
        worths = [worth(by_id[use.promotion_id], line.unit_price_minor) for use in uses]
        assert all(takes(by_id[use.promotion_id], line) for use in uses)
        assert [use.units for use in uses] == [use.times * units for use, (units, _) in zip(uses, worths, strict=True)]
        assert sum(use.units for use in uses) <= line.quantity
        exact = [use.times * off for use, (_, off) in zip(uses, worths, strict=True)]
        assert [use.discount_minor for use in uses] == [half_up(value) for value in exact]
        lost_to_rounding = Fraction(len(offers), 2)  # uses that are worth less than half a cent are not told
        value, _ = greatest(line, offers)
        assert value - lost_to_rounding <= sum(exact) <= value


@given(st.integers(1, 6), st.integers(100, 400), promotions(everything))
def test_of_equal_discounts_the_one_with_fewer_uses_is_taken(
    quantity: int, price: int, offers: list[Promotion]
) -> None:
    offers = [offer for offer in offers if worth(offer, price)[1] >= 1]  # each use shows
    line = basket_line(quantity, price)

    evaluation = evaluate([line], Pack.of(offers))

    value, fewest = greatest(line, offers)
    by_id = {offer.id: worth(offer, price)[1] for offer in offers}
    assert sum(use.times * by_id[use.promotion_id] for use in evaluation.applications) == value
    assert sum(use.times for use in evaluation.applications) == fewest


@given(baskets(), promotions())
def test_no_order_changes_the_result(lines: list[BasketLine], offers: list[Promotion]) -> None:
    evaluation = evaluate(lines, Pack.of(offers))

    for other_lines in permutations(lines):
        assert evaluate(other_lines, Pack.of(offers[::-1])) == evaluation


@given(baskets(), baskets(), promotions())
def test_a_pack_that_priced_other_baskets_prices_as_a_fresh_one(
    before: list[BasketLine], lines: list[BasketLine], offers: list[Promotion]
) -> None:
    used = Pack.of(offers)
    evaluate(before, used)

    assert evaluate(lines, used) == evaluate(lines, Pack.of(offers))


def test_applications_stand_in_order_of_lines_and_then_of_promotions() -> None:
    lines = [basket_line(5, 100, number=number, sku=sku) for number, sku in ((2, "a"), (1, "b"))]

    uses = evaluate(lines, Pack.of([line_special("z", 3), easy("b")])).applications

    assert [(use.line_number, use.promotion_id) for use in uses] == [(1, "b"), (1, "z"), (2, "b"), (2, "z")]


@given(baskets(), promotions())
def test_nothing_ever_costs_less_than_nothing(lines: list[BasketLine], offers: list[Promotion]) -> None:
    evaluation = evaluate(lines, Pack.of(offers))

    assert all(0 <= evaluation.line_discount_minor(line.number) <= line.gross_minor for line in lines)
    assert evaluation.discount_minor == sum(evaluation.line_discount_minor(line.number) for line in lines)


@pytest.mark.parametrize(
    ("reward", "discount_minor"),
    [
        (Percent(value=2_000), 150),
        (Percent(value=10_000), 750),
        (Percent(value=0), 0),
        (Amount(value=100), 300),
        (Amount(value=9_999), 750),  # at most the price
        (UnitPrice(value=199), 153),
        (UnitPrice(value=300), 0),  # never raises it
    ],
)
def test_every_unit_gets_the_reward(reward: Reward, discount_minor: int) -> None:
    expected = [("easy", 3, discount_minor)] if discount_minor else []

    assert one_line(3, 250, easy(reward=reward)) == expected


@pytest.mark.parametrize(
    ("quantity", "uses"),
    [(1, []), (2, []), (3, [("3for2", 1, 100)]), (5, [("3for2", 1, 100)]), (6, [("3for2", 2, 200)])],
)
def test_three_for_two_is_about_whole_sets(quantity: int, uses: list[tuple[str, int, int]]) -> None:
    assert one_line(quantity, 100, line_special("3for2", 3)) == uses


def test_units_left_by_one_promotion_are_free_for_another() -> None:
    assert one_line(5, 100, line_special("3for2", 3), easy("tenth")) == [("3for2", 1, 100), ("tenth", 2, 20)]


def test_sets_that_fit_together_beat_the_best_single_set() -> None:
    # Three at 100 and then one left is less than two pairs at 60 each.
    triple, pair = line_special("triple", 3), line_special("pair", 2, reward=Amount(value=60))

    assert one_line(4, 100, triple, pair) == [("pair", 2, 120)]


@pytest.mark.parametrize(
    ("quantity", "price", "discount_minor"),
    [(1, 1, 1), (3, 1, 2), (3, 33, 50), (2, 33, 33), (1, 33, 17)],  # a half goes up, but only once
)
def test_a_half_is_rounded_up_once_per_promotion_and_line(quantity: int, price: int, discount_minor: int) -> None:
    assert one_line(quantity, price, easy("half", HALF)) == [("half", quantity, discount_minor)]


def test_each_line_is_rounded_by_itself() -> None:
    lines = [basket_line(1, 33), basket_line(1, 33, number=2, sku="bread")]

    assert discounts(evaluate(lines, Pack.of([easy("half", HALF)]))) == [("half", 1, 17), ("half", 1, 17)]


def test_discounts_are_compared_before_they_are_rounded() -> None:
    less, more = easy("a", Percent(value=1_000)), easy("b", Percent(value=1_001))  # both round to 1

    assert one_line(1, 10, less, more) == [("b", 1, 1)]


def test_a_tie_goes_to_the_lower_id() -> None:
    assert one_line(4, 100, easy("b"), easy("a"), easy("c")) == [("a", 4, 40)]
    assert one_line(3, 100, line_special("b", 3), line_special("a", 3)) == [("a", 1, 100)]


def test_a_tie_goes_to_fewer_uses_before_ids() -> None:
    one, pair = easy("a", Amount(value=50)), line_special("b", 2)

    assert one_line(4, 100, one, pair) == [("b", 2, 200)]


def test_a_tie_of_as_many_uses_goes_to_the_lower_ids() -> None:
    pair = line_special("a", 2, reward=Amount(value=3))
    single, triple = easy("b", Amount(value=1)), line_special("c", 3, reward=Amount(value=5))

    assert one_line(4, 100, triple, single, pair) == [("a", 2, 6)]  # and not b and c, which are 6 too


def test_a_use_that_takes_nothing_off_is_not_told() -> None:
    assert one_line(4, 1, easy("a", Percent(value=1_000))) == []


@pytest.mark.parametrize("line", [basket_line(3, discountable=False), basket_line(3, 0)])
def test_what_bears_no_discount_gets_none(line: BasketLine) -> None:
    assert evaluate([line], Pack.of([easy(), line_special("free", 2)])).applications == ()


def test_without_promotions_or_lines_there_is_nothing_to_do() -> None:
    assert evaluate([basket_line()], EMPTY).discount_minor == 0
    assert evaluate([], Pack.of([easy()])).applications == ()


def test_the_result_names_the_promotions_that_made_it() -> None:
    pack = Pack.of([easy()])

    assert evaluate([basket_line()], pack).pack_version == pack.version


def test_the_largest_line_with_many_promotions_is_priced_in_no_time() -> None:
    offers = [line_special(f"of{n}", n, reward=Percent(value=9_000 + n)) for n in range(2, 32)]
    begun_s = time.perf_counter()

    uses = one_line(QUANTITY_MAX, 199, *offers)

    assert time.perf_counter() - begun_s < 5  # about 0.1 s; only a solver that explodes takes longer
    assert sum(times for _, times, _ in uses) <= QUANTITY_MAX // 2
    assert ("of2", 4_998, 895_341) in uses
