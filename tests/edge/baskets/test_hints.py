"""What a shopper is told of promotions that nearly apply."""

import pytest

from tests.edge.small_shop import Till, promotion, publish

PIECES = {"kind": "percent", "value": 10_000}
BASKET_OFFER = {
    "id": "P5",
    "name": "2.00 off from 10.00",
    "family": "basket_threshold",
    "layer": 30,
    "tiers": [{"min_amount": 1_000, "reward": {"kind": "set_amount", "value": 200}}],
}


@pytest.mark.parametrize(("mugs", "missing"), [(1, 2), (2, 1), (3, None)])
async def test_a_line_says_how_many_more_make_an_offer(till: Till, mugs: int, missing: int | None) -> None:
    basket = await till.fill(*["mug"] * mugs)

    hint = basket["lines"][0]["hint"]

    assert (hint and (hint["name"], hint["missing_quantity"])) == (missing and ("Mugs: 3 for 2", missing))


async def test_what_is_far_away_is_not_advertised(till: Till) -> None:
    far = {
        "id": "P4",
        "name": "4 for 3",
        "family": "line_special",
        "target": {"skus": ["soap"]},
        "n": 4,
        "reward": PIECES,
    }
    await publish(till.shop.catalogue, promotion(far))

    basket = await till.fill("soap")

    assert basket["lines"][0]["hint"] is None


async def test_a_basket_says_what_amount_is_missing(till: Till) -> None:
    await publish(till.shop.catalogue, promotion(BASKET_OFFER))

    little, near, there = await till.fill("milk"), await till.fill("mug"), await till.fill("mug")

    assert little["hint"] is None  # 1.15: not half of the way
    assert (near["hint"]["name"], near["hint"]["missing_minor"]) == ("2.00 off from 10.00", 1_000 - 615)
    assert (there["hint"], there["discount_minor"]) == (None, 200)


async def test_a_hint_stands_at_the_newest_line_it_is_about(till: Till) -> None:
    mixed = {"id": "P6", "name": "3 drinks", "family": "group", "target": {"skus": ["oil", "soap"]}, "n": 3}
    await publish(till.shop.catalogue, promotion({**mixed, "reward": {"kind": "set_price", "value": 1_000}}))

    basket = await till.fill("oil", "soap")

    assert [line["hint"] and line["hint"]["missing_quantity"] for line in basket["lines"]] == [None, 1]
