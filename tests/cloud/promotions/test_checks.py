"""A buyer hears at the desk what would never happen at the tills."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloud.promotions import checks, matching
from cloud.promotions.checks import Shops
from shared.promotions.pack import parse
from tests.cloud.promotions.offers import easy, group, write, written
from tests.cloud.world import open_world

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONES = {"BER": "Europe/Berlin", "NYC": "America/New_York", "KOL": "Asia/Kolkata"}
PRICES = {"tea": 100, "mug": 500}
TIERS = [{"min_amount": 3_000, "reward": {"kind": "percent", "value": 1000}}]
MEAL = [{"select": {"skus": ["tea"]}, "qty": 2}, {"select": {"skus": ["mug"]}}]
HALF = {"kind": "percent", "value": 5000}


def told(promotion: dict[str, Any], zones: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    around = Shops(zones=ZONES if zones is None else zones, prices_minor=PRICES, now=NOW)
    found = checks.findings(parse(json.dumps(promotion)), around)
    return [(finding.severity, finding.field, finding.code) for finding in found]


def gated(**gate: Any) -> dict[str, Any]:
    return easy(gate=gate)


@pytest.mark.parametrize(
    ("gate", "found"),
    [
        ({"from": "2026-11-30", "to": "2026-11-30"}, []),  # a whole day
        ({"from": "2026-11-30T17:00", "to": "2026-11-30"}, []),
        ({"from": "2026-11-30T17:00", "to": "2026-11-30T16:00"}, [("error", "gate.to", "ends-before")]),
        ({"from": "2026-11-30T17:00:30", "to": "2026-11-30 17:00"}, [("error", "gate.to", "ends-before")]),
        ({"from": "20261130", "to": "2026-11-29"}, [("error", "gate.to", "ends-before")]),
        ({"from": "2026-W49-1", "to": "2026-11-30"}, []),  # the same Monday
        ({"from": "2026-12-05", "to": "2026-12-06", "days": [1, 2]}, [("error", "gate.days", "never-open")]),
        ({"from": "2026-12-05", "to": "2026-12-06", "days": [7]}, []),
        ({"from": "2026-12-05T18:00", "to": "2026-12-05T20:00", "hours": [9, 17]},
         [("error", "gate.hours", "never-open")]),
        # Saturday's night goes on into Sunday, which is not a day of its own then.
        ({"from": "2026-12-06", "to": "2026-12-06T03:00", "days": [6], "hours": [22, 4]}, []),
        ({"from": "2026-12-06T05:00", "to": "2026-12-06", "days": [6], "hours": [22, 4]},
         [("error", "gate.days", "never-open")]),
        ({"hours": ["24:00", "00:00"]}, [("error", "gate.hours", "never-open")]),
        ({"to": "2026-03-01"}, [("warning", "gate.to", "over")]),
        ({"to": "2026-03-02"}, []),
        ({"to": "2026-03-02T13:00", "stores": ["KOL"]}, [("warning", "gate.to", "over")]),  # it is 14:30 there
        ({"to": "2026-03-02T13:00"}, []),  # and morning in New York
        ({"from": "2026-03-29T02:00", "to": "2026-03-29T02:59"}, [("warning", "gate.from", "never-open")]),
        ({"from": "2026-03-29", "to": "2026-03-29", "hours": ["02:00", "03:00"]},
         [("warning", "gate.hours", "never-open")]),
        ({"from": "2026-03-29", "to": "2026-03-29", "hours": ["02:00", "03:01"]}, []),
        ({"from": "2026-03-29", "to": "2026-04-05", "hours": ["02:00", "03:00"]}, []),
        ({"from": "2026-10-25T02:00", "to": "2026-10-25T02:59"}, []),  # this hour comes twice
    ],
)  # fmt: skip
def test_a_promotion_that_never_opens_is_told(gate: dict[str, Any], found: list[Any]) -> None:
    assert told(gated(**gate)) == found


def test_without_stores_nobody_knows_what_a_clock_shows() -> None:
    assert told(gated(to="2026-03-01"), zones={}) == []


@pytest.mark.parametrize(
    ("promotion", "found"),
    [
        (group(n=3, price=100, limits={"max_units": 2}), [("error", "limits.max_units", "never-applies")]),
        (group(n=3, price=100, limits={"max_units": 3}), []),
        ({"id": "C", "family": "combo", "slots": MEAL, "reward": {"kind": "percent", "value": 5}, "limits":
          {"max_units": 2}}, [("error", "limits.max_units", "never-applies")]),
        ({"id": "L", "family": "line_special", "n": 3, "same_sku": True, "reward": HALF,
          "limits": {"max_units_per_line": 2}}, [("error", "limits.max_units_per_line", "never-applies")]),
        ({"id": "L", "family": "line_special", "n": 3, "reward": HALF, "limits": {"max_units_per_line": 2}}, []),
        ({"id": "T", "family": "easy_plus", "target": {"skus": ["mug"]}, "tiers": TIERS, "limits": {"max_units": 5}},
         [("warning", "tiers[1]", "unreachable-tier")]),
        ({"id": "T", "family": "easy_plus", "target": {"skus": ["mug"]}, "tiers": TIERS, "limits": {"max_units": 6}},
         []),
        ({"id": "T", "family": "easy_plus", "target": {"skus": ["mug", "unpriced"]}, "tiers": TIERS,
          "limits": {"max_units": 5}}, []),
        ({"id": "T", "family": "easy_plus", "tiers": [{"min_qty": 3, "reward": {"kind": "amount", "value": 0}}]},
         [("warning", "tiers[1].reward.value", "gives-nothing")]),
        ({"id": "C", "family": "combo", "slots": MEAL, "reward": {"kind": "set_price", "value": 700}},
         [("warning", "reward.value", "never-gains")]),
        ({"id": "C", "family": "combo", "slots": MEAL, "reward": {"kind": "set_price", "value": 699}}, []),
        (easy(target={"max_unit_price": 300}, reward={"kind": "unit_price", "value": 300}),
         [("warning", "reward.value", "never-gains")]),
        (easy(target={"skus": ["tea", "mug"]}, reward={"kind": "unit_price", "value": 300}),
         [("warning", "reward.value", "no-gain")]),
        # What must be bought beside it may cost what it likes.
        ({"id": "R", "family": "requisite_target", "requisites": [{"select": {"skus": ["tea"]}, "qty": 1}],
          "targets": [{"select": {"skus": ["mug"]}}], "reward": {"kind": "unit_price", "value": 300}}, []),
        (easy(target={"skus": [f"s{number}" for number in range(2_001)]}),
         [("warning", "target.skus", "many-products")]),
    ],
)  # fmt: skip
def test_what_can_never_gain_is_told(promotion: dict[str, Any], found: list[Any]) -> None:
    assert told({"name": "N", **promotion}) == found


CATALOGUE = (
    "sku,name,barcode,price,tax_class,category,tags\n"
    "tea,Tea,,1.00,standard,drinks,hot\nmug,Mug,,5.00,standard,kitchen,\nvase,Vase,,,standard,rare,\n"
)


@pytest.mark.parametrize(
    ("promotion", "found"),
    [
        (easy(target={"tags": ["hot"]}), []),
        (easy(target={"tags": ["cold"]}), [("target", "no-products")]),
        (easy(target={"tags": ["hot"], "categories": ["kitchen"]}), [("target", "no-products")]),
        (easy(target={"tags": ["hot"], "min_unit_price": 101}), [("target", "no-products")]),
        (easy(target={"categories": ["rare"]}), [("target", "no-products")]),  # it has no price
        (easy(target={"skus": ["tea", "coffee"]}), [("target.skus", "unknown-products")]),
        (easy(target={"skus": ["coffee"]}), [("target", "no-products")]),
        (easy(), []),
        ({"id": "C", "family": "combo", "name": "C", "reward": HALF,
          "slots": [{"select": {"skus": ["tea"]}}, {"select": {"brands": ["None"]}}]}, [("slots[2]", "no-products")]),
    ],
)  # fmt: skip
async def test_what_the_catalogue_has_not_is_told(tmp_path: Path, promotion: dict[str, Any], found: list[Any]) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await tenant.open_store()
        await written(tenant, easy("P0", target={"skus": ["coffee"]}))  # before there is a catalogue
        before = await tenant.see("/api/promotions/P0")
        await tenant.import_csv(CATALOGUE)
        answer = await write(tenant, promotion)

    assert before["findings"] == []
    assert [(one["field"], one["code"]) for one in answer.body["findings"]] == found
    assert {one["severity"] for one in answer.body["findings"]} <= {"warning"}


@pytest.mark.parametrize(
    ("tag", "most", "unmatched"), [("t1199", 20_000, set()), ("t9999", 20_000, {0}), ("t9999", 1_000, set())]
)
async def test_a_large_catalogue_is_searched_to_its_end_or_not_judged(
    tmp_path: Path, tag: str, most: int, unmatched: set[int]
) -> None:
    rows = "".join(f"s{number:05},N,,1.00,standard,c,t{number}\n" for number in range(1_200))
    promotion = parse(json.dumps(easy(target={"tags": [tag]})))
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await tenant.open_store()
        await tenant.import_csv(CATALOGUE.split("\n", maxsplit=1)[0] + "\n" + rows)
        around = Shops(zones=ZONES, prices_minor={}, now=NOW)
        look = world.head_office.db.read
        found = await look(matching.beside_catalogue, tenant.id, promotion, around, most)

    assert found.unmatched == unmatched


@pytest.mark.parametrize("promotion_id", ["voucher:1", "operator:1"])
async def test_no_promotion_is_named_like_what_tills_make(tmp_path: Path, promotion_id: str) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        alone = await write(tenant, easy(promotion_id))
        together = await tenant.knock("PUT", "/api/promotions", json={"promotions": [easy(promotion_id)]})

    assert told(easy(promotion_id)) == [("error", "id", "made-id")]
    assert [(answer.status, answer.body["code"]) for answer in (alone, together)] == [(400, "promotion-refused")] * 2
    assert told(easy("voucher1")) == []
