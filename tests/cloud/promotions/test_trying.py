"""Promotions are tried on what was really sold, and nothing is changed by it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cloud.__main__ import promotions
from cloud.promotions.trial import BadPack
from shared.promotions.pack import EMPTY, Pack
from tests.builders import basket_line
from tests.cloud.boxes import Box
from tests.cloud.promotions.offers import easy
from tests.cloud.promotions.pricing import priced
from tests.cloud.promotions.test_recheck import deliver
from tests.cloud.world import Tenant, World, open_world

HALF = easy("H", name="Half", reward={"kind": "percent", "value": 5000}, target={"skus": ["mug"]})
MUGS, MILK = [basket_line(2, 600, sku="mug")], [basket_line(3, 100)]


async def sold(world: World) -> tuple[Tenant, Box]:
    """Sell mugs and milk at 10 % off, and once more at full price."""
    tenant = await world.tenant()
    box = await tenant.enrol((await tenant.open_store())["id"])
    await tenant.knock("PUT", "/api/promotions", json={"promotions": [easy()]})
    pack = Pack.from_text(json.dumps([easy()]))
    orders = [priced(box, 1, MUGS, pack), priced(box, 2, MILK, pack), priced(box, 3, MUGS, EMPTY)]
    await deliver(world, box, *orders)
    return tenant, box


async def trial(tenant: Tenant, *promotions: dict[str, Any], **options: Any) -> dict[str, Any]:
    answer = await tenant.knock("POST", "/api/promotions/try", json={"promotions": promotions, **options})
    assert answer.status == 200, answer.body
    return answer.body


async def test_a_trial_says_what_it_would_have_cost_for_each_promotion_and_where_most(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, _ = await sold(world)
        found = await trial(tenant, HALF)
        alarms = await tenant.see("/api/promotions/alarms")

    (pounds,) = found["currencies"]
    assert (found["orders"], pounds["orders"], pounds["different"]) == (3, 3, 3)
    assert (pounds["gross_minor"], pounds["discount_before_minor"], pounds["discount_after_minor"]) == (2700, 150, 1200)
    assert pounds["promotions"] == [
        {
            "promotion_id": "H",
            "name": "Half",
            "before": {"orders": 0, "applications": 0, "discount_minor": 0},
            "after": {"orders": 2, "applications": 4, "discount_minor": 1200},
        },
        {
            "promotion_id": "P1",
            "name": "Offer P1",
            "before": {"orders": 2, "applications": 5, "discount_minor": 150},
            "after": {"orders": 0, "applications": 0, "discount_minor": 0},
        },
    ]
    assert [(one["receipt_number"][-1], one["discount_after_minor"]) for one in pounds["biggest"]] == [
        ("3", 600),
        ("1", 600),
        ("2", 0),
    ]
    assert alarms["alarms"] == []


@pytest.mark.parametrize(
    ("options", "orders", "discount"),
    [
        ({}, 3, 1200),
        ({"dates": True}, 3, 0),
        ({"orders": 1}, 1, 600),
        ({"since": "2026-03-02"}, 3, 1200),
        ({"since": "2026-03-03"}, 0, 0),
    ],
)
async def test_a_draft_of_next_month_is_tried_as_if_it_held_already(
    tmp_path: Path, options: dict[str, Any], orders: int, discount: int
) -> None:
    async with open_world(tmp_path) as world:
        tenant, _ = await sold(world)
        found = await trial(
            tenant, {**HALF, "gate": {"from": "2026-04-01", "hours": [8, 9], "stores": ["S1"]}}, **options
        )

    assert found["orders"] == orders
    assert sum(pounds["discount_after_minor"] for pounds in found["currencies"]) == discount


async def test_the_command_reads_beside_the_running_service(tmp_path: Path) -> None:
    settings = tmp_path / "cloud.toml"
    settings.write_text('data = "data"\n')
    draft = tmp_path / "draft.json"
    draft.write_text(json.dumps({"promotions": [HALF]}))
    async with open_world(tmp_path / "data") as world:
        tenant, _ = await sold(world)
        version = (await tenant.see("/api/promotions/packs"))["packs"][0]["version"]

        def command(*arguments: str) -> str:
            result = CliRunner().invoke(promotions, ["try", *arguments, "--config", str(settings)])
            if result.exception:
                raise result.exception
            return result.stdout

        table = command(str(draft), "--since", "2026-03-01")
        as_json = json.loads(command(version, "--json", "--tenant", tenant.id))
        with pytest.raises(BadPack) as unknown:
            command("0" * 16)
        draft.write_text("[1]")
        with pytest.raises(BadPack) as broken:
            command(str(draft))

    assert "GBP: discount 1.50 before, 12.00 after (+10.50); 3 of 3 orders differ" in table
    assert any(line.split()[:3] == ["H", "Half", "0"] for line in table.splitlines())
    assert as_json["pack_version"] == version
    assert as_json["currencies"][0]["discount_after_minor"] == 270
    assert "no such file" in unknown.value.title
    assert "cannot be used" in broken.value.title
