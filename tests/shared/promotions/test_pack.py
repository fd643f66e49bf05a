"""A pack is the same pack whoever made it, and refuses by name what it does not understand."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.promotions.families import Promotion
from shared.promotions.pack import EMPTY, BadPromotion, Pack, parse
from shared.promotions.reward import Amount, Percent
from shared.promotions.selector import Selector
from tests.builders import easy, line_special
from tests.shared.promotions.strategies import CATEGORIES, SKUS, TAGS, promotions, selectors

FIELDS = {
    "family": "line_special",
    "id": "3for2",
    "name": "3 for 2",
    "target": {"skus": ["milk"]},
    "n": 3,
    "m": 1,
    "reward": {"kind": "percent", "value": 10_000},
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
    ],
)
def test_another_content_is_another_version(other: Promotion) -> None:
    assert len({Pack.of([easy("a")]).version, Pack.of([other]).version, Pack.of([easy("a"), easy("c")]).version}) == 3


def test_a_version_is_short_and_even_an_empty_pack_has_one() -> None:
    assert len(EMPTY.version) == 16
    assert EMPTY.version == Pack.of([]).version


@given(
    promotions(),
    st.sampled_from([*SKUS, "other"]),
    st.sampled_from([None, "", *CATEGORIES]),
    st.frozensets(st.sampled_from(TAGS)),
)
def test_the_index_finds_what_looking_through_all_would_find(
    offers: list[Promotion], sku: str, category: str | None, tags: frozenset[str]
) -> None:
    pack = Pack.of(offers)

    found = pack.candidates(sku, category, tags)

    assert found == [offer for offer in pack.promotions if offer.target.takes(sku, category, tags)]


@given(selectors)
def test_a_selector_narrows_with_each_field_and_never_takes_what_it_takes_away(target: Selector) -> None:
    for sku in SKUS:
        for tags in ((), ("p",), ("p", "q")):
            taken = target.takes(sku, "x", tags)

            assert not (taken and (sku in target.not_skus or target.not_tags & set(tags)))
            assert not taken or Selector(skus=target.skus).takes(sku, None, ())


def test_an_empty_selector_is_everything() -> None:
    assert Selector().takes("anything", None, ())


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
