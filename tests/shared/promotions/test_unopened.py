"""Who asks why hears of coupons that nobody showed; who scans pays nothing for them."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from shared.promotions import engine
from shared.promotions.gate import Context
from shared.promotions.pack import Pack, parse
from shared.promotions.unopened import ASKED_MAX, unopened
from tests.builders import basket_line

NOON = Context(now=datetime.fromisoformat("2026-03-02T12:00"), store="S1")
TEA = (basket_line(2, 300, sku="tea"), basket_line(1, 500, number=2, sku="mug"))
TEN_OFF = {"kind": "percent", "value": 1000}


def coupon(promotion_id: str, code: str = "C1", **fields: Any) -> dict[str, Any]:
    gate = {"coupon": code, **fields.pop("gate", {})}
    return {"id": promotion_id, "family": "easy", "reward": TEN_OFF, "gate": gate, **fields}


def pack(*offers: dict[str, Any]) -> Pack:
    return Pack.of(parse(json.dumps(offer)) for offer in offers)


@pytest.mark.parametrize(
    ("offer", "numbers"),
    [
        (coupon("P"), (1, 2)),
        (coupon("P", target={"skus": ["mug"]}), (2,)),
        (coupon("P", target={"skus": ["vase"]}), None),
        (coupon("P", gate={"hours": [11, 13]}), (1, 2)),
        (coupon("P", gate={"hours": [13, 14]}), None),
        (coupon("P", gate={"stores": ["S2"]}), None),
        (coupon("P", gate={"member_tag": "gold"}), None),
        (coupon("P", family="line_special", n=3), (1, 2)),
        (coupon("P", family="line_special", n=4), None),  # one is missing besides
        (coupon("P", reward={"kind": "unit_price", "value": 500}), None),
        ({"id": "P", "family": "easy", "reward": TEN_OFF}, None),
    ],
)
def test_what_fits_but_for_its_coupon_is_told(offer: dict[str, Any], numbers: tuple[int, ...] | None) -> None:
    refusals = unopened(TEA, pack(offer), NOON)

    assert [(one.reason, one.line_numbers) for one in refusals] == ([] if numbers is None else [("coupon", numbers)])


def test_a_coupon_that_was_shown_is_in_the_log_instead() -> None:
    offers = pack(coupon("A", "C1"), coupon("B", "C2"))
    shown = replace(NOON, coupons=frozenset({"C1"}))

    assert [use.promotion_id for use in engine.evaluate(TEA, offers, shown).applications] == ["A"]
    assert [one.promotion_id for one in unopened(TEA, offers, shown)] == ["B"]


def test_thousands_of_coupons_are_not_all_tried() -> None:
    offers = pack(*(coupon(f"P{number}", f"C{number}", layer=2) for number in range(1_000)), coupon("first", "C"))

    refusals = unopened(TEA, offers, NOON)

    assert len(refusals) == ASKED_MAX
    assert refusals[0].promotion_id == "first"


def test_the_log_of_a_scan_does_not_know_of_them() -> None:
    before = engine.evaluate(TEA, pack(), NOON)
    after = engine.evaluate(TEA, pack(coupon("P")), NOON)

    assert (after.applications, after.refusals) == (before.applications, before.refusals)
