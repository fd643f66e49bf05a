"""A hint is a promise: who follows it pays less than before, by what it says or more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.basket import BasketLine
from shared.promotions.engine import evaluate
from shared.promotions.families import Promotion
from shared.promotions.gate import NOWHERE, Context
from shared.promotions.hints import LARGE_LINES, PIECES_MAX, Hint, hints
from shared.promotions.pack import Pack
from tests.shared.promotions.examples import (
    FREE,
    amount,
    basket,
    line,
    offer,
    percent,
    set_amount,
    set_price,
    skus,
    tags,
    unit_price,
)
from tests.shared.promotions.strategies import products, promotions

THREE_FOR_TWO = offer("3for2", "line_special", target=skus("mug"), n=3, reward=FREE)
SAME = offer("same", "line_special", n=3, same_sku=True, reward=FREE)
MIX = offer("mix", "group", target=tags("drink"), n=3, reward=set_price(500))
MEAL = offer("meal", "combo", slots=[{"select": skus("roll")}, {"select": tags("drink")}], reward=set_amount(100))
INK = offer("ink", "requisite_target", requisites=[{"select": skus("printer")}], targets=[{"select": skus("ink")}],
            reward=percent(5_000))  # fmt: skip
FROM_50 = offer("from50", "basket_threshold", layer=30, tiers=[{"min_amount": 5_000, "reward": set_amount(500)}])
PLUS = offer("plus", "easy_plus", target=skus("mug"), tiers=[{"min_qty": 3, "reward": percent(1_000)}])


def hinted(lines: list[BasketLine], *offers: Promotion, around: Context = NOWHERE) -> list[Any]:
    """Return (promotion, line, pieces, amount, gain) of each hint."""
    numbered, pack = basket(*lines), Pack.of(offers)
    found = hints(numbered, evaluate(numbered, pack, around), pack, around)
    return [(one.promotion_id, one.line_number, one.missing_quantity, one.missing_minor, one.gain_minor)
            for one in found]  # fmt: skip


def drink(sku: str, price: int, quantity: int = 1) -> BasketLine:
    return line(sku, price, quantity, tags=("drink",))


@pytest.mark.parametrize(
    ("lines", "offers", "told"),
    [
        ([line("mug", 500, 1)], [THREE_FOR_TWO], [("3for2", 1, 2, 0, 500)]),
        ([line("mug", 500, 2)], [THREE_FOR_TWO], [("3for2", 1, 1, 0, 500)]),
        ([line("mug", 500, 3)], [THREE_FOR_TWO], []),  # nothing is left over: three more would be advertising
        ([line("mug", 500, 4)], [THREE_FOR_TWO], [("3for2", 1, 2, 0, 500)]),
        ([line("mug", 500, 8)], [THREE_FOR_TWO], [("3for2", 1, 1, 0, 500)]),
        # One product's units make a set, not the newest line's.
        ([line("mug", 500, 2), line("tea", 300, 1)], [SAME], [("same", 1, 1, 0, 500), ("same", 2, 2, 0, 300)]),
        ([drink("tea", 200, 4), drink("cola", 250)], [MIX], [("mix", 1, 1, 0, 100)]),
        ([drink("tea", 100, 2)], [MIX], []),  # three cost 3.00, less than the set
        ([line("roll", 400), drink("tea", 200)], [MEAL], []),
        ([line("roll", 400, 2), drink("tea", 200)], [MEAL], [("meal", 2, 1, 0, 100)]),
        ([line("roll", 400)], [MEAL], [("meal", 1, 1, 0, 100)]),  # with any drink, even one for nothing
        ([line("ink", 3_000)], [INK], [("ink", 1, 1, 0, 1_500)]),
        ([line("printer", 9_000)], [INK], []),  # what the ink costs nobody knows here
        ([line("mug", 500, 2)], [PLUS], [("plus", 1, 1, 0, 150)]),
        ([line("mug", 1_000, 4)], [FROM_50], [("from50", None, 0, 1_000, 500)]),
        ([line("mug", 1_000, 2)], [FROM_50], []),  # more than half is missing
    ],
)  # fmt: skip
def test_what_a_little_more_brings(lines: list[BasketLine], offers: list[Promotion], told: list[Any]) -> None:
    assert hinted(lines, *offers) == told


@pytest.mark.parametrize(
    ("lines", "offers"),
    [
        ([line("mug", 500, 2)], [offer("none", "line_special", n=3, reward=percent(0))]),
        ([line("mug", 500, 5, floor_price_minor=500)], [THREE_FOR_TWO]),
        ([line("mug", 500, 2, discountable=False)], [THREE_FOR_TWO]),
        ([line("mug", 500, 4)], [offer("once", "line_special", n=3, reward=FREE, limits={"max_applications": 1})]),
        ([line("mug", 500, 4)], [offer("once", "line_special", n=3, reward=FREE, limits={"max_units": 4})]),
        ([line("mug", 500, 4)], [offer("once", "line_special", n=3, reward=FREE, limits={"max_discount": 500})]),
        ([line("mug", 500, 2)], [THREE_FOR_TWO, offer("all", "easy", reward=unit_price(1))]),
        ([line("mug", 500, 2)], [offer("c", "line_special", n=3, reward=FREE, gate={"coupon": "C"})]),
        ([line("mug", 500, 2)], [THREE_FOR_TWO, offer("a", "easy", exclusive="basket", reward=amount(490))]),
    ],
)  # fmt: skip
def test_what_would_bring_nothing_is_not_told(lines: list[BasketLine], offers: list[Promotion]) -> None:
    assert hinted(lines, *offers) == []


def test_a_better_offer_is_told_though_another_holds_its_units() -> None:
    ten_off = offer("ten", "easy", reward=percent(1_000))

    # Two at 10 % off save 1.00; three for two save 5.00.
    assert hinted([line("mug", 500, 2)], THREE_FOR_TWO, ten_off) == [("3for2", 1, 1, 0, 400)]


def test_a_large_basket_has_one_hint_at_most() -> None:
    lines = [line(f"s{number}", 500, 2) for number in range(LARGE_LINES)]

    assert hinted(lines[:3], SAME) == [("same", number, 1, 0, 500) for number in (3, 2, 1)]
    assert hinted(lines, SAME) == [("same", LARGE_LINES, 1, 0, 500)]


@given(promotions(), st.lists(st.tuples(products, st.integers(1, 5)), min_size=1, max_size=4))
def test_who_follows_a_hint_saves_what_it_says(offers: list[Promotion], rows: list[tuple[BasketLine, int]]) -> None:
    lines = basket(*(product.model_copy(update={"quantity": quantity}) for product, quantity in rows))
    pack = Pack.of(offers)
    before = evaluate(lines, pack)

    for hint in hints(lines, before, pack, NOWHERE):
        assert hint.gain_minor > 0
        assert 0 <= hint.missing_quantity <= PIECES_MAX
        after = [evaluate(more, pack).discount_minor for more in followed(lines, hint)]
        assert max(after, default=0) - before.discount_minor >= hint.gain_minor


def followed(lines: list[BasketLine], hint: Hint) -> list[list[BasketLine]]:
    """Return the baskets of a shopper who adds so many of a product that is there or of one that costs nothing."""
    found = []
    for sku in "abc":
        for category in (None, *"xy"):
            for brand in (None, *"MN"):
                for tag in ((), ("p",), ("q",)):
                    for price in (0, 100, 199, 200):
                        more = line(sku, price, max(hint.missing_quantity, 1), category=category, brand=brand, tags=tag)
                        found.append([*lines, more.model_copy(update={"number": len(lines) + 1})])
    for known in lines:
        more = known.model_copy(update={"quantity": known.quantity + hint.missing_quantity})
        found.append([one if one.number != known.number else more for one in lines])
    return found
