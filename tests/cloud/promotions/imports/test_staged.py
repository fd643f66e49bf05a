"""What a `modify` makes of a promotion."""

from typing import Any

import pytest

from cloud.promotions.imports.families import faults
from cloud.promotions.imports.staged import merged

BEFORE = {
    "id": "A",
    "name": "Tea",
    "family": "line_special",
    "n": 3,
    "m": 1,
    "target": {"skus": ["1", "2"]},
    "reward": {"kind": "percent", "value": 10_000},
    "gate": {"coupon": "C", "to": "2026-11-30"},
}


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({}, {}),
        ({"n": 4}, {"n": 4}),
        ({"target": {"skus": ["3"]}}, {"target": {"skus": ["3"]}}),
        ({"target": {"not_skus": ["3"]}}, {"target": {"skus": ["1", "2"], "not_skus": ["3"]}}),
        ({"reward": {"kind": "amount", "value": 5}}, {"reward": {"kind": "amount", "value": 5}}),
        ({"gate": {"coupon": None}}, {"gate": {"to": "2026-11-30"}}),
        ({"limits": {"max_units": 2}}, {"limits": {"max_units": 2}}),
        ({"limits": {"max_units": None}}, {}),
    ],
)
def test_what_is_not_named_stays(change: dict[str, Any], after: dict[str, Any]) -> None:
    assert merged(BEFORE, change) == {**BEFORE, **after}


def test_a_gate_that_lost_its_last_condition_is_gone() -> None:
    assert "gate" not in merged(BEFORE, {"gate": {"coupon": None, "to": None}})


def test_a_target_that_lost_its_last_condition_is_missing_and_not_everything() -> None:
    after = merged(BEFORE, {"target": {"skus": None}})

    assert "target" not in after
    assert [name for name, _ in faults(after, is_whole=True)] == ["target"]
    assert list(faults(BEFORE, is_whole=True)) == []


def test_the_promotion_before_is_untouched() -> None:
    merged(BEFORE, {"gate": {"coupon": None}, "target": {"skus": ["9"]}})

    assert BEFORE["gate"] == {"coupon": "C", "to": "2026-11-30"}
    assert BEFORE["target"] == {"skus": ["1", "2"]}
