"""A buyer hears what is wrong while writing, and what publishing would change before it does."""

from pathlib import Path
from typing import Any

import pytest

from tests.cloud.promotions.offers import easy
from tests.cloud.world import Tenant, open_world

CATALOGUE = "sku,name,barcode,price,tax_class\nmug,Blue mug,,5.00,standard\n"
COMBO = {"id": "C", "family": "combo", "reward": {"kind": "set_price", "value": 450}}


async def checked(tenant: Tenant, promotion: dict[str, Any]) -> dict[str, Any]:
    answer = await tenant.knock("POST", "/api/promotions/check", json={"promotion": promotion})
    assert answer.status == 200, answer.body
    return answer.body


@pytest.mark.parametrize(
    ("promotion", "field", "code"),
    [
        ({"id": "A"}, "", "invalid"),
        (easy(reward={"kind": "percent", "value": "ten"}), "reward.value", "not-a-number"),
        (easy(reward={"kind": "percent", "value": 10_001}), "reward.value", "out-of-range"),
        ({**COMBO, "slots": []}, "slots", "missing"),
        ({**COMBO, "slots": [{"qty": 1}, {"qty": 0}]}, "slots[2].qty", "out-of-range"),
        (easy(gate={"from": "2026-12-02", "to": "2026-12-01"}), "gate.to", "ends-before"),
        (easy(target={"skus": ["cup", "mug"]}), "target.skus", "unknown-products"),
    ],
)
async def test_a_draft_says_what_is_wrong_by_field(
    tmp_path: Path, promotion: dict[str, Any], field: str, code: str
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await tenant.open_store()
        await tenant.import_csv(CATALOGUE)
        found = await checked(tenant, promotion)
        kept = await tenant.see("/api/promotions")

    assert [(one["field"], one["code"]) for one in found["findings"]] == [(field, code)]
    assert kept["total"] == 0


async def test_products_of_a_draft_are_named_even_while_it_is_wrong(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await tenant.open_store()
        await tenant.import_csv(CATALOGUE)
        found = await checked(tenant, {**COMBO, "slots": [{"select": {"skus": ["mug"]}, "qty": "x"}]})

    assert found["products"] == {"mug": "Blue mug"}


async def test_what_a_pack_would_change_is_told_for_the_stores_that_are_chosen(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        for code in ("S1", "S2"):
            await tenant.open_store(code=code)
        await tenant.knock("PUT", "/api/promotions", json={"promotions": [easy("A"), easy("B")]})
        changed = easy("A", reward={"kind": "percent", "value": 2000})
        await tenant.knock("PUT", "/api/promotions/A", json={"promotion": changed})
        await tenant.knock("POST", "/api/promotions/packs", json={"stores": ["S2"]})
        await tenant.knock("PUT", "/api/promotions/C", json={"promotion": easy("C")})
        await tenant.knock("DELETE", "/api/promotions/B")
        to_all, to_one = [
            (await tenant.knock("POST", "/api/promotions/changes", json=asked)).body
            for asked in ({}, {"stores": ["S2"]})
        ]
        unknown = await tenant.knock("POST", "/api/promotions/changes", json={"stores": ["S3"]})

    told = [(one["promotion_id"], one["outcome"], one["stores"]) for one in to_all["changes"]]
    assert told == [("A", "changed", 1), ("B", "ended", 2), ("C", "added", 2)]
    assert (to_all["promotions"], to_all["stores"]) == (2, 2)
    assert to_all["changes"][0]["fields"] == [{"field": "reward.value", "before": "1000", "after": "2000"}]
    assert [(one["promotion_id"], one["outcome"]) for one in to_one["changes"]] == [("B", "ended"), ("C", "added")]
    assert (unknown.status, unknown.body["code"]) == (404, "unknown-store")
