"""Which units a promotion is about: by product, by price, by what is left out."""

import pytest
from hypothesis import given

from shared.promotions.pack import BadPromotion
from shared.promotions.selector import Selector
from tests.shared.promotions.examples import (
    FREE,
    Json,
    amount,
    by_line,
    line,
    offer,
    percent,
    priced,
    reasons,
    set_amount,
)
from tests.shared.promotions.strategies import SKUS, selectors

SHELF = [
    line("cola", 200, category="drinks", brand="Fizz", tags=("sweet", "cold")),
    line("water", 100, category="drinks", brand="Spring", tags=("cold",)),
    line("soap", 300),
]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, [1, 1, 1]),
        ({"skus": ["cola", "soap"]}, [1, 0, 1]),
        ({"categories": ["drinks"]}, [1, 1, 0]),
        ({"brands": ["Spring"]}, [0, 1, 0]),
        ({"tags": ["sweet"]}, [1, 0, 0]),
        ({"tags": ["sweet", "cold"]}, [1, 1, 0]),  # any of them
        ({"skus": ["cola", "soap"], "tags": ["cold"]}, [1, 0, 0]),  # both fields
        ({"not_skus": ["cola"]}, [0, 1, 1]),
        ({"not_categories": ["drinks"]}, [0, 0, 1]),
        ({"not_brands": ["Fizz"]}, [0, 1, 1]),
        ({"not_tags": ["cold"]}, [0, 0, 1]),
        ({"tags": ["cold"], "not_tags": ["sweet"]}, [0, 1, 0]),
        ({"min_unit_price": 200}, [1, 0, 1]),  # inclusive
        ({"max_unit_price": 200}, [1, 1, 0]),
        ({"min_unit_price": 101, "max_unit_price": 299}, [1, 0, 0]),
        ({"skus": None}, [1, 1, 1]),
        ({"skus": []}, [0, 0, 0]),  # a group that lost its last product is not the whole shop
        ({"categories": []}, [0, 0, 0]),
        ({"brands": []}, [0, 0, 0]),
        ({"tags": []}, [0, 0, 0]),
        ({"skus": [], "tags": ["cold"]}, [0, 0, 0]),
        ({"not_skus": [], "not_tags": []}, [1, 1, 1]),
    ],
)
def test_a_selector_takes_what_all_its_fields_agree_on(target: Json, expected: list[int]) -> None:
    assert by_line(priced(SHELF, offer("each", "easy", target=target, reward=amount(1))), 3) == expected


@pytest.mark.parametrize(
    ("target", "discount_minor"),
    [({"min_unit_price": 300}, 27), ({"max_unit_price": 299}, 0), ({"not_discounted": True}, 0)],
)
def test_price_ranges_ask_the_shelf_and_not_discounted_asks_the_layers(target: Json, discount_minor: int) -> None:
    tenth = offer("tenth", "easy", layer=1, reward=percent(1_000))
    again = offer("again", "easy", layer=2, target=target, reward=percent(1_000))

    assert priced([line("soap", 300)], tenth, again).discount_minor == 30 + discount_minor


def test_what_was_consumed_at_full_price_is_not_discounted() -> None:
    free = offer("free", "line_special", layer=1, n=2, reward=FREE)
    rest = offer("rest", "easy", layer=2, target={"not_discounted": True}, reward=percent(1_000))

    assert priced([line("soap", 300, 3)], free, rest).discount_minor == 300 + 60


def test_a_promotion_that_knows_no_line_is_not_told_of() -> None:
    evaluation = priced(SHELF, offer("a", "easy", target={"skus": ["tea"]}, reward=FREE))

    assert (evaluation.applications, evaluation.refusals) == ((), ())


def test_a_line_that_turns_up_in_two_slots_is_told_once() -> None:
    pair = offer("pair", "combo", slots=[{}, {"select": {"tags": ["cold"]}}], reward=set_amount(1))

    evaluation = priced(SHELF[:1], pair)

    assert reasons(evaluation) == {"pair": "short"}
    assert evaluation.refusals[0].line_numbers == (1,)


@pytest.mark.parametrize("field", ["sku", "not_sku", "price"])
def test_a_selector_refuses_what_it_does_not_know(field: str) -> None:
    with pytest.raises(BadPromotion, match=field):
        offer("a", "easy", target={field: ["cola"]}, reward=FREE)


@given(selectors)
def test_a_selector_narrows_with_each_field_and_never_takes_what_it_takes_away(target: Selector) -> None:
    for sku in SKUS:
        for tags in ((), ("p",), ("p", "q")):
            taken = target.takes(sku, "x", None, tags, 100)

            assert not (taken and (sku in target.not_skus or target.not_tags & set(tags)))
            assert not taken or Selector(skus=target.skus).takes(sku, None, None, (), 0)
