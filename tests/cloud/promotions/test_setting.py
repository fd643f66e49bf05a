"""The promotions that hold are those that were set last."""

from pathlib import Path
from typing import Any

import pytest

from shared.promotions.pack import Pack, parse
from tests.cloud.world import Answer, Tenant, open_world

EASY = {"id": "P1", "name": "10 % off", "family": "easy", "reward": {"kind": "percent", "value": 1000}}
SPECIAL = {**EASY, "id": "P2", "name": "3 for 2", "family": "line_special", "n": 3, "m": 1}


async def put(tenant: Tenant, *promotions: Any) -> Answer:
    return await tenant.knock("PUT", "/api/promotions", json={"promotions": promotions})


async def test_promotions_are_set_replaced_and_ended(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        first = (await put(tenant, EASY, SPECIAL)).body
        same = (await put(tenant, SPECIAL, EASY)).body
        changed = (await put(tenant, {**EASY, "name": "Less"})).body
        none = (await put(tenant)).body
        rows = await world.rows("select key, gone from feed_rows where kind = 'promotion' order by key")

    def counts(report: dict[str, Any]) -> tuple[int, ...]:
        return tuple(report[name] for name in ("promotions", "added", "changed", "ended"))

    assert counts(first) == (2, 2, 0, 0)
    assert counts(same) == (2, 0, 0, 0)
    assert counts(changed) == (1, 0, 1, 1)
    assert counts(none) == (0, 0, 0, 1)
    assert rows == [("P1", 1), ("P2", 1)]


async def test_the_version_told_is_that_of_what_stores_get(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        told = (await put(tenant, SPECIAL, EASY)).body["version"]
        bodies = await world.rows("select body from feed_rows where kind = 'promotion'")

    assert told == Pack.of(parse(body) for (body,) in bodies).version


@pytest.mark.parametrize(
    ("promotion", "named"),
    [
        ({**EASY, "family": "bogof"}, "bogof"),
        ({key: EASY[key] for key in ("id", "name", "reward")}, "family"),
        ({**EASY, "colour": "red"}, "colour"),
        ({**EASY, "target": {"colours": ["red"]}}, "target.colours"),
        ({**EASY, "reward": {"kind": "free"}}, "reward"),
        ({**EASY, "reward": {"kind": "percent", "value": 10_001}}, "value"),
        ({**SPECIAL, "m": 4}, "m must not exceed n"),
        ({**SPECIAL, "n": 0}, "n"),
        ({**EASY, "id": ""}, "id"),
    ],
)
async def test_a_promotion_that_cannot_be_is_refused_by_name_and_nothing_changes(
    tmp_path: Path, promotion: dict[str, Any], named: str
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await put(tenant, EASY)
        answer = await put(tenant, SPECIAL, promotion)
        rows = await world.rows("select key, gone from feed_rows where kind = 'promotion'")

    assert answer.status == 400
    assert named in answer.body["title"]
    assert "promotions.1" in answer.body["title"]
    assert rows == [("P1", 0)]


async def test_two_promotions_never_share_an_id(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        answer = await put(tenant, EASY, {**SPECIAL, "id": "P1"})
        rows = await world.rows("select 1 from feed_rows where kind = 'promotion'")

    assert answer.status == 400
    assert "'P1'" in answer.body["title"]
    assert rows == []
