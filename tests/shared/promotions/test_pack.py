"""A pack is the same pack whoever made it, and refuses by name what it does not understand."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.basket import BasketLine
from shared.promotions.families import Promotion
from shared.promotions.pack import EMPTY, BadPromotion, Pack, Taker, body, natural, parse
from shared.promotions.reward import Amount, Percent
from shared.promotions.selector import Selector
from tests.builders import easy, line_special
from tests.shared.promotions.examples import FREE, Json, line, offer, percent, set_amount, set_price, unit_price
from tests.shared.promotions.strategies import COUPONS, products, promotions

FIELDS = {
    "family": "line_special",
    "id": "3for2",
    "name": "3 for 2",
    "target": {"skus": ["milk"]},
    "n": 3,
    "m": 1,
    "reward": FREE,
}


def test_a_promotion_is_read_from_json() -> None:
    target = Selector(skus=frozenset({"milk"}))

    expected = line_special("3for2", 3, target=target).model_copy(update={"name": "3 for 2"})
    assert parse(json.dumps(FIELDS)) == expected


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"family": "threshold"}, "'threshold'"),
        ({"m": 4}, "m must not exceed n"),
        ({"n": 0}, "line_special.n: "),
        ({"n": "3"}, "line_special.n: "),
        ({"n": 3.0}, "line_special.n: "),
        ({"limit": 1}, "line_special.limit: "),
        ({"target": {"sku": ["milk"]}}, "line_special.target.sku: "),
        ({"target": {"skus": [1]}}, "line_special.target.skus.0: "),
        ({"reward": {"kind": "gift", "value": 1}}, "'gift'"),
        ({"reward": {"kind": "percent", "value": 10_001}}, "line_special.reward.percent.value: "),
        ({"reward": {"kind": "amount", "value": -1}}, "line_special.reward.amount.value: "),
        ({"name": ""}, "line_special.name: "),
    ],
)
def test_what_is_not_understood_is_refused_by_name(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadPromotion) as caught:
        parse(json.dumps({**FIELDS, **changes}))

    assert caught.value.facts["promotion"] == "3for2"
    assert problem in str(caught.value.facts["problem"])


OF_OTHERS: list[tuple[Json, str]] = [
    ({"family": "easy_plus", "tiers": []}, "easy_plus.tiers: "),
    ({"family": "easy_plus", "tiers": [{"reward": FREE}]}, "give min_qty or min_amount"),
    ({"family": "easy_plus", "tiers": [{"min_qty": 1, "reward": set_price(1)}]}, "'set_price'"),
    ({"family": "combo", "slots": [], "reward": FREE}, "combo.slots: "),
    ({"family": "combo", "slots": [{"qty": 0}], "reward": FREE}, "combo.slots.0.qty: "),
    ({"family": "combo", "slots": [{}], "reward": unit_price(1)}, "'unit_price'"),
    ({"family": "group", "n": 10_000, "reward": FREE}, "group.n: "),
    (
        {"family": "requisite_target", "requisites": [], "targets": [{}], "reward": FREE},
        "requisite_target.requisites: ",
    ),
    ({"family": "requisite_target", "requisites": [{}], "targets": [], "reward": FREE}, "requisite_target.targets: "),
    (
        {"family": "requisite_target", "requisites": [{"qty": 1, "min_amount": 1}], "targets": [{}], "reward": FREE},
        "both",
    ),
    ({"family": "basket_threshold", "tiers": []}, "basket_threshold.tiers: "),
    ({"family": "basket_threshold", "tiers": [{"reward": FREE}], "basis": "tax"}, "basket_threshold.basis: "),
    ({"family": "basket_threshold", "tiers": [{"max_qty": 1, "reward": FREE}]}, "tiers.0.max_qty: "),
    ({"family": "special", "set_scope": True, "reward": unit_price(1)}, "set_scope goes with percent"),
    ({"family": "easy", "reward": set_amount(1)}, "'set_amount'"),
    ({"family": "easy", "reward": FREE, "allocate": "none"}, "easy.allocate: "),
    ({"family": "easy", "reward": FREE, "layer": 100}, "easy.layer: "),
    ({"family": "easy", "reward": FREE, "limits": {"max_units": -1}}, "easy.limits.max_units: "),
]


@pytest.mark.parametrize(("fields", "problem"), OF_OTHERS)
def test_each_family_refuses_what_it_cannot_do(fields: Json, problem: str) -> None:
    with pytest.raises(BadPromotion) as caught:
        parse(json.dumps({"id": "p", **fields}))

    assert problem in str(caught.value.facts["problem"])


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "5", "null", '{"family": "easy"}', b"\xff"])
def test_what_is_no_promotion_at_all_is_refused(text: str | bytes) -> None:
    with pytest.raises(BadPromotion) as caught:
        parse(text)

    assert caught.value.facts["promotion"] == "?"


@given(promotions(), st.randoms(use_true_random=False))
def test_the_version_does_not_know_the_order(offers: list[Promotion], chance: Random) -> None:
    shuffled = list(offers)
    chance.shuffle(shuffled)

    assert Pack.of(shuffled).version == Pack.of(offers).version
    assert Pack.of(shuffled) == Pack.of(offers)


@pytest.mark.parametrize(
    "other",
    [
        easy("b"),
        easy("a", Percent(value=1_001)),
        easy("a", Amount(value=1_000)),
        easy("a", target=Selector(skus=frozenset({"milk"}))),
        easy("a", target=Selector(not_skus=frozenset({"milk"}))),
        line_special("a", 1, reward=Percent(value=1_000)),
        easy("a").model_copy(update={"name": "Other"}),
        easy("a").model_copy(update={"layer": 2}),
        offer("a", "easy", name="Offer a", gate={"coupon": "C1"}, reward=percent(1_000)),
        offer("a", "easy", name="Offer a", target={"skus": []}, reward=percent(1_000)),
    ],
)
def test_another_content_is_another_version(other: Promotion) -> None:
    assert len({Pack.of([easy("a")]).version, Pack.of([other]).version, Pack.of([easy("a"), easy("c")]).version}) == 3


def test_a_version_is_short_and_even_an_empty_pack_has_one() -> None:
    assert len(EMPTY.version) == 16
    assert EMPTY.version == Pack.of([]).version


def looked_through(pack: Pack, product: BasketLine, coupons: Sequence[str | None]) -> list[Taker]:
    """Return what looking through all promotions would find."""
    return [
        (place, slot)
        for place, promotion in enumerate(pack.promotions)
        if promotion.gate.coupon in coupons
        for slot, selector in enumerate(promotion.selectors)
        if selector.takes(product.sku, product.category, product.brand, product.tags, product.unit_price_minor)
    ]


@given(promotions(), st.lists(products, max_size=4))
def test_the_index_finds_what_looking_through_all_would_find(offers: list[Promotion], lines: list[BasketLine]) -> None:
    pack = Pack.of(offers)

    for product in [*lines, *lines]:  # the second time it remembers
        assert list(pack.takers(product)) == looked_through(pack, product, [None])
        for coupons in ([], [COUPONS[0]], [*COUPONS]):
            assert list(pack.coupon_takers(product, coupons)) == looked_through(pack, product, coupons)


def test_a_product_is_remembered_as_it_was() -> None:
    pack = Pack.of([offer("a", "easy", target={"brands": ["M"], "max_unit_price": 100}, reward=FREE)])
    known = line("tea", 100, brand="M")

    assert pack.takers(known) == ((0, 0),)
    assert pack.takers(line("tea", 101, brand="M")) == ()
    assert pack.takers(line("tea", 100)) == ()
    assert pack.takers(known) == ((0, 0),)


def test_preference_is_priority_and_then_the_id_as_people_count() -> None:
    offers = [easy(name) for name in ("P10", "P2", "Q1", "P2a", "p1")]
    offers.append(easy("Z").model_copy(update={"priority": 1}))

    assert [promotion.id for promotion in Pack.of(offers).promotions] == ["Z", "P2", "P2a", "P10", "Q1", "p1"]
    assert natural("P010") > natural("P9")


@given(promotions())
def test_a_promotion_is_written_as_it_was_read(offers: list[Promotion]) -> None:
    assert [parse(promotion.model_dump_json()) for promotion in offers] == offers


def test_a_pack_has_the_same_version_in_every_process() -> None:
    program = (
        "from shared.promotions.pack import Pack, parse\n"
        'text = \'{"family": "easy", "id": "a", "name": "A", "target": {"skus": ["a", "b", "c", "d"]},'
        ' "reward": {"kind": "percent", "value": 1000}}\'\n'
        "print(Pack.of([parse(text)]).version)"
    )
    versions = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": str(seed), "PATH": ""},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(3)
    }

    assert len(versions) == 1


def test_a_pack_is_written_without_what_says_only_its_default() -> None:
    """A field that a later version adds changes no version, and older stores still read what does not use it."""
    promotion = parse(json.dumps(FIELDS))

    told = body(promotion)

    assert told == {key: value for key, value in FIELDS.items() if key != "m"}  # 1 is the default
    assert parse(json.dumps(told)) == promotion
    assert Pack.from_text(Pack.of([promotion]).text()).version == Pack.of([promotion]).version


@pytest.mark.parametrize("text", ["", "[", "5", "{}", "null", '"[]"', "[5]", "[{}]", "[" * 100_000, "[NaN]"])
def test_a_pack_that_is_none_is_one_error(text: str) -> None:
    with pytest.raises(BadPromotion):
        Pack.from_text(text)
