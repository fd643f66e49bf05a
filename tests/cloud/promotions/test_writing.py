"""A promotion that is written is sound; what is not is named in a buyer's words."""

from pathlib import Path
from typing import Any

import pytest

from tests.cloud.promotions.offers import TEN_OFF, easy, group, publish, write, written
from tests.cloud.world import open_world

PLUS = {"id": "P1", "name": "More", "family": "easy_plus", "target": {"tags": ["a"]}}


def tier(reward: int, kind: str = "percent", **threshold: int) -> dict[str, Any]:
    return {**threshold, "reward": {"kind": kind, "value": reward}}


async def test_a_promotion_is_written_read_and_ended(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        first = (await write(tenant, easy())).body
        same = (await write(tenant, easy())).body
        changed = (await write(tenant, easy(name="Other"))).body
        read = await tenant.see("/api/promotions/P1")
        await tenant.knock("DELETE", "/api/promotions/P1")
        ended = await tenant.see("/api/promotions/P1")
        none = await tenant.knock("GET", "/api/promotions/P9")

    assert [found["row"]["revision"] for found in (first, same, changed)] == [1, 1, 2]
    assert read == changed
    assert read["promotion"]["reward"] == TEN_OFF
    assert (ended["row"]["state"], ended["row"]["revision"]) == ("ended", 3)
    assert (none.status, none.body["code"]) == (404, "not-found")


async def test_a_draft_that_is_deleted_is_gone(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await written(tenant, easy(), state="draft")
        await tenant.knock("DELETE", "/api/promotions/P1")
        answer = await tenant.knock("GET", "/api/promotions/P1")

    assert answer.status == 404


async def test_a_list_says_what_the_stores_have_of_each(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await written(tenant, easy("A"), easy("B"), easy("D"))
        await publish(tenant)
        await written(tenant, easy("B", name="Changed"), easy("C"))
        await tenant.knock("DELETE", "/api/promotions/D")
        page = await tenant.see("/api/promotions")

    rows = {row["id"]: (row["state"], row["published"]) for row in page["promotions"]}
    assert rows == {
        "A": ("active", "as_is"),
        "B": ("active", "earlier"),
        "C": ("active", "no"),
        "D": ("ended", "as_is"),
    }
    assert (page["total"], page["unpublished"]) == (4, 3)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["G1", "P1", "P2"]),
        ("family=group", ["G1"]),
        ("state=draft", ["P2"]),
        ("query=offer p", ["P1", "P2"]),
        ("query=3 FOR", ["G1"]),
        ("query=100%25", []),
        ("limit=2", ["G1", "P1"]),
        ("limit=2&cursor=P1", ["P2"]),
    ],
)
async def test_promotions_are_found_by_family_state_and_words(tmp_path: Path, query: str, found: list[str]) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await written(tenant, easy("P1"), group())
        await written(tenant, easy("P2"), state="draft")
        page = await tenant.see(f"/api/promotions?{query}")

    assert [row["id"] for row in page["promotions"]] == found


@pytest.mark.parametrize(
    ("promotion", "words"),
    [
        ({"id": "P1"}, "does not say its 'family'"),
        (easy(reward={"kind": "percent", "value": 10_001}), "the reward's value (reward.value) is a percentage"),
        (easy(reward={"kind": "free"}), "the reward (reward) must be one of 'percent', 'amount', 'unit_price'"),
        (easy(colour="red"), "colour (colour) is not known in this family"),
        (easy(gate={"from": "soon"}), "its first day (gate.from) 'soon' is no date"),
        (easy(gate={"from": "2026-03-02", "to": "2026-03-01"}), "it ends on 2026-03-01, before it begins on"),
        (easy(gate={"hours": [9, 9]}), "never open"),
        (easy(gate={"days": []}), "list of days is empty"),
        (easy(gate={"stores": ["S1", "S9"]}), "no store has the code 'S9'"),
        (easy(gate={"max_uses_total": 0}), "nobody can ever use it"),
        (easy(limits={"max_units": 0}), "never do anything"),
        (easy(target={"skus": []}), "target.skus: its list of skus is empty"),
        (easy(target={"skus": ["a"], "not_skus": ["a"]}), "everything in skus is left out again"),
        (easy(target={"skus": ["a", "b"], "not_skus": ["a"]}), "'a' is both wanted and left out"),
        (easy(target={"min_unit_price": 5, "max_unit_price": 4}), "the least price 5 is above the greatest, 4"),
        (easy("alarms"), "'alarms' is the name of a page"),
        ({**PLUS, "tiers": []}, "its tiers (tiers) needs 1 at least"),
        ({**PLUS, "tiers": [tier(5, min_qty="x")]}, "the least quantity (tiers[1].min_qty) must be a whole number"),
        ({**PLUS, "tiers": [tier(1000, min_qty=3), tier(900, min_qty=6)]}, "tier 2 asks for more than tier 1"),
        ({**PLUS, "tiers": [tier(5, "amount", min_qty=3), tier(5, "amount", min_qty=6)]}, "gives less or the same"),
        ({**PLUS, "tiers": [tier(99, "unit_price", min_qty=3), tier(120, "unit_price", min_qty=6)]}, "gives less"),
        ({**PLUS, "tiers": [tier(5, min_qty=3), tier(6, min_qty=3)]}, "tiers 1 and 2 begin at the same point"),
        ({**PLUS, "tiers": [tier(5, min_qty=9)], "limits": {"max_units": 8}}, "takes 8 at most"),
    ],
)
async def test_what_cannot_work_is_refused_with_its_field_in_a_buyers_words(
    tmp_path: Path, promotion: dict[str, Any], words: str
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await tenant.open_store()
        answer = await write(tenant, promotion)
        kept = await tenant.see("/api/promotions")

    assert answer.status == 400
    assert words in answer.body["title"]
    assert kept["promotions"] == []


async def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        answer = await write(tenant, easy(layer=100, priority="high"))

    assert (
        "its layer (layer) must be 99 at most; its priority (priority) must be a whole number" in answer.body["title"]
    )


@pytest.mark.parametrize(
    ("promotion", "warned"),
    [
        (group(n=3, price=300, target={"skus": ["tea", "mug"]}), ["no-gain"]),
        (group(n=3, price=299, target={"skus": ["tea", "mug"]}), []),
        (group(n=3, price=300), []),
        (easy(target={"skus": ["mug"]}, reward={"kind": "unit_price", "value": 500}), ["never-gains"]),
        (easy(target={"skus": ["tea", "mug"]}, reward={"kind": "unit_price", "value": 100}), ["no-gain"]),
        (easy(reward={"kind": "percent", "value": 0}), ["gives-nothing"]),
    ],
)
async def test_a_fixed_price_that_is_no_gain_is_a_warning(
    tmp_path: Path, promotion: dict[str, Any], warned: list[str]
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await tenant.open_store()
        await tenant.import_csv("sku,name,barcode,price,tax_class\ntea,Tea,,1.00,standard\nmug,Mug,,5.00,standard\n")
        answer = await write(tenant, promotion)

    assert [(one["severity"], one["code"]) for one in answer.body["findings"]] == [("warning", code) for code in warned]


async def test_the_address_and_the_content_name_the_same_promotion(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        answer = await tenant.knock("PUT", "/api/promotions/P2", json={"promotion": easy("P1")})

    assert (answer.status, answer.body["code"]) == (400, "other-promotion")


async def test_setting_all_promotions_checks_them_as_well(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        broken = easy("P2", target={"tags": []})
        answer = await tenant.knock("PUT", "/api/promotions", json={"promotions": [easy(), broken]})
        page = await tenant.see("/api/promotions")

    assert (answer.status, answer.body["code"]) == (400, "promotion-refused")
    assert "P2" in answer.body["title"]
    assert page["promotions"] == []
