"""A file of promotions changes everything that it says, or nothing."""

from pathlib import Path
from typing import Any

import pytest

from tests.cloud.promotions.offers import easy, publish, written
from tests.cloud.world import Answer, Tenant, open_world

HEAD = "change,id,name,family,skus,n,m,reward,value,to\n"
TEA = "add,T1,Tea 3 for 2,line_special,111|222,3,1,percent,100%,2026-11-30\n"
MUG = "add,M1,Mugs,easy,333,,,amount,0.50,\n"
BAD = "add,B1,Broken,easy,333,,,percent,150%,\n"
XML = """
<promotions>
  <promotion id="X1" name="X" family="easy" reward="percent" value="10%"><target><sku>1</sku></target></promotion>
</promotions>
"""
ASC = '"P",1,"A1",,"Ten off",easy,,,,,,,percent,10%' + "," * 19 + "\n" + '"G",1,"A1",target,,,,skus,111\n'


async def send(tenant: Tenant, content: str, kind: str = "text/csv", **query: str) -> Answer:
    params = {"currency": "GBP", **query}
    headers = {"Content-Type": kind}
    return await tenant.knock("POST", "/api/promotions/imports", data=content.encode(), params=params, headers=headers)


async def commit(tenant: Tenant, content: str, **query: str) -> dict[str, Any]:
    answer = await send(tenant, HEAD + content, dry_run="false", **query)
    assert answer.status == 200, answer.body
    return answer.body


def counts(report: dict[str, Any]) -> dict[str, int]:
    return {name: report[name] for name in ("added", "changed", "ended", "unchanged", "rejected") if report[name]}


async def states(tenant: Tenant) -> dict[str, str]:
    page = await tenant.see("/api/promotions")
    return {row["id"]: row["state"] for row in page["promotions"]}


async def test_a_dry_run_tells_and_keeps_nothing_and_a_second_run_keeps_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        told = (await send(tenant, HEAD + TEA + MUG)).body
        before = await states(tenant)
        kept = await commit(tenant, TEA + MUG)
        after = await states(tenant)
        again = await commit(tenant, TEA + MUG)

    assert (told["committed"], kept["committed"]) == (False, True)
    assert counts(told) == counts(kept) == {"added": 2}
    assert (before, after) == ({}, {"T1": "active", "M1": "active"})
    assert counts(again) == {"unchanged": 2}


async def test_a_change_is_told_field_by_field_and_its_line(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await commit(tenant, TEA)
        report = await commit(tenant, "modify,T1,,,333|111,4,,,,2026-12-31\n")
        found = (await tenant.see("/api/promotions/T1"))["promotion"]

    (change,) = report["changes"]
    assert (change["line"], change["outcome"]) == (2, "changed")
    assert [(one["field"], one["before"], one["after"]) for one in change["fields"]] == [
        ("gate.to", '"2026-11-30"', '"2026-12-31"'),
        ("n", "3", "4"),
        ("target.skus", '["111", "222"]', '["111", "333"]'),
    ]
    assert (found["n"], found["m"], found["name"]) == (4, 1, "Tea 3 for 2")


async def test_one_bad_row_keeps_everything_as_it_was_unless_it_may_be_skipped(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await written(tenant, easy("B1"))
        refused = await commit(tenant, TEA + BAD)
        before = await states(tenant)
        skipped = await commit(tenant, TEA + BAD, skip_bad="true", mode="replace")
        after = await states(tenant)

    assert (refused["committed"], counts(refused)) == (False, {"added": 1, "rejected": 1})
    assert before == {"B1": "active"}
    (problem,) = refused["problems"]
    assert (problem["line"], problem["promotion_id"], problem["field"]) == (3, "B1", "value")
    assert problem["hint"]
    assert skipped["committed"]
    assert after == {"B1": "active", "T1": "active"}


async def test_merging_leaves_the_others_and_replacing_ends_them(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await commit(tenant, TEA)
        await written(tenant, easy("D1"), state="draft")
        merged = await commit(tenant, MUG)
        both = await states(tenant)
        replaced = await commit(tenant, MUG, mode="replace")
        one = await states(tenant)

    assert (counts(merged), counts(replaced)) == ({"added": 1}, {"ended": 1, "unchanged": 1})
    assert both == {"D1": "draft", "M1": "active", "T1": "active"}
    assert one == {"D1": "draft", "M1": "active", "T1": "ended"}
    assert [(change["line"], change["promotion_id"]) for change in replaced["changes"]] == [(0, "T1")]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("modify,Z9,,,,,,,,2026-12-31\n", "unknown-promotion"),
        ("delete,Z9,,,,,,,,\n", "unknown-promotion"),
        ("modify,T1,,,-,,,,,\n", "missing"),
        ("modify,T1,,,,,4,,,\n", "too-many-rewarded"),
        ("add,alarms,No,easy,1,,,percent,1%,\n", "reserved-id"),
        ("add,voucher:1,No,easy,1,,,percent,1%,\n", "made-id"),
    ],
)
async def test_what_cannot_work_with_what_is_there_is_a_row_that_is_bad(tmp_path: Path, rows: str, code: str) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await commit(tenant, TEA)
        report = await commit(tenant, rows)

    assert [problem["code"] for problem in report["problems"]] == [code]
    assert not report["committed"]


async def test_delete_all_ends_what_the_rows_after_it_do_not_add_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await commit(tenant, TEA + MUG)
        report = await commit(tenant, "modify,T1,Other,,,,,,,\ndelete_all,,,,,,,,,\n" + MUG)

    assert counts(report) == {"ended": 1, "unchanged": 1}


@pytest.mark.parametrize(
    ("content", "kind", "query", "added"),
    [
        (HEAD + TEA, "text/csv", {}, "T1"),
        (XML, "application/xml", {}, "X1"),
        (ASC, "text/plain", {}, "A1"),
        (ASC, "application/octet-stream", {"format": "asc"}, "A1"),
        (HEAD + TEA, "text/plain", {"format": "csv"}, "T1"),
    ],
)
async def test_each_kind_of_file_is_taken(
    tmp_path: Path, content: str, kind: str, query: dict[str, str], added: str
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        answer = await send(tenant, content, kind, dry_run="false", **query)
        found = await states(tenant)

    assert answer.body["problems"] == []
    assert found == {added: "active"}


@pytest.mark.parametrize(
    ("content", "kind", "query", "status", "code"),
    [
        ("x", "image/png", {}, 400, "unknown-format"),
        ("", "text/csv", {}, 400, "bad-promotion-file"),
        (HEAD, "text/csv", {"currency": "EUR"}, 409, "other-currency"),
        (HEAD, "text/csv", {"mode": "all"}, 400, "bad-request"),
        ("<x/>", "text/xml", {"format": "price-law", "currency": "ILS"}, 400, "bad-promotion-file"),
    ],
)
async def test_a_file_that_cannot_be_meant_is_refused(
    tmp_path: Path, content: str, kind: str, query: dict[str, str], status: int, code: str
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await tenant.open_store()
        answer = await send(tenant, content, kind, **query)

    assert (answer.status, answer.body["code"]) == (status, code)


async def test_stores_keep_the_old_pack_until_the_new_one_is_whole(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await commit(tenant, TEA)
        first = await publish(tenant)
        await commit(tenant, MUG + BAD, publish="true")
        still = (await tenant.see("/api/promotions/packs"))["packs"]
        done = await commit(tenant, MUG, publish="true")
        rows = await world.rows("select key from feed_rows where kind = 'promotion' and not gone order by key")

    assert [pack["version"] for pack in still] == [first["version"]]
    assert done["published"] not in {None, first["version"]}
    assert rows == [("M1",), ("T1",)]
