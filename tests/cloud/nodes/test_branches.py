"""What a box sells after its disk was set back arrives beside what is held of it, once."""

import json
from pathlib import Path
from typing import Any

import pytest

from cloud.nodes import branches
from shared.protocol.batch import Batch
from tests.cloud.boxes import Box, an_id
from tests.cloud.world import Answer, Tenant, World, knock_as, open_world, send


async def a_box(world: World) -> tuple[Tenant, Box]:
    tenant = await world.tenant()
    return tenant, await tenant.enrol((await tenant.open_store())["id"])


async def deliver(world: World, box: Box, first_seq: int = 1, last_seq: int | None = None) -> Answer:
    body = box.batch(first_seq, last_seq).model_dump_json()
    return await knock_as(world, box, "POST", "/api/journal/branches", data=body)


def set_back(box: Box, to_seq: int) -> Box:
    """Return the same node's box as an older copy of its disk has it."""
    older = Box(box.clock, key=box.key, id=box.id, tenant_id=box.tenant_id, store_id=box.store_id, series=box.series)
    older.entries = box.entries[:to_seq]
    return older


async def held(world: World) -> dict[str, list[int]]:
    """Return the numbers of the entries that are held, by the name of their node."""
    found: dict[str, list[int]] = {}
    query = "select n.name, j.seq from journal j join nodes n on n.id = j.node_id order by n.name, j.seq"
    for name, seq in await world.rows(query):
        found.setdefault(name, []).append(seq)
    return found


async def alarms(tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await tenant.see("/api/alarms"))["alarms"]
    return found


async def test_the_other_way_is_kept_beside_and_goes_on(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.started("1", "2", "3", "4")
        await send(world, box)
        older = set_back(box, 2)
        older.started("3b")
        first = await deliver(world, older, 2)
        older.started("4b", "5b", "6b")
        again = [await deliver(world, older, first_seq) for first_seq in (2, 4, 3)]  # the answers may be lost
        await world.projected()
        found = await held(world)
        [alarm] = await alarms(tenant)

    assert (first.status, first.body) == (200, {"seq": 3, "head": older.head(3).hex()})
    assert [answer.body["seq"] for answer in again] == [6, 6, 6]
    assert found == {"kiosk": [1, 2, 3, 4], "kiosk (S1K1/2)": [3, 4, 5, 6]}
    assert (alarm["kind"], alarm["facts"]) == ("set_back", {"seq": 3, "held_seq": 4, "branch": "kiosk (S1K1/2)"})


async def test_the_journal_that_was_held_goes_on_by_either_door(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        box.started("1", "2")
        await deliver(world, box)
        older = set_back(box, 1)
        older.started("2b")
        await deliver(world, older, 1)
        box.started("3")
        by_its_own = await send(world, box, 3)
        box.started("4")
        by_the_other = await deliver(world, box, 4)
        found = await held(world)

    assert (by_its_own.status, by_the_other.body["seq"]) == (200, 4)
    assert found == {"kiosk": [1, 2, 3, 4], "kiosk (S1K1/2)": [2]}


async def test_a_branch_is_set_back_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        box.started("1", "2", "3")
        await send(world, box)
        once = set_back(box, 1)
        once.started("2b", "3b", "4b")
        await deliver(world, once)
        twice = set_back(once, 3)
        twice.started("4c", "5c")
        await deliver(world, twice)
        found = await held(world)

    assert found == {"kiosk": [1, 2, 3], "kiosk (S1K1/2)": [2, 3, 4], "kiosk (S1K1/3)": [4, 5]}


async def test_what_it_sold_is_sold_with_an_alarm_for_each_number_that_came_twice(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        box.sold(2)
        await send(world, box)
        await world.checked()
        older = set_back(box, 1)
        again = older.sold(2, id="0190a000-0000-7000-8000-0000000000aa")
        older.sold(3)
        await deliver(world, older)
        await world.checked()
        totals = await tenant.totals()
        both = (await tenant.see(f"/api/orders?query={again.receipt_number}"))["orders"]
        raised = {alarm["kind"]: alarm for alarm in await alarms(tenant)}

    assert (totals["orders"], totals["quarantined"]) == (4, 0)
    assert [(row["id"], row["node_name"]) for row in both] == [(again.id, "kiosk (S1K1/2)"), (an_id(2), "kiosk")]
    assert raised.keys() == {"set_back", "repeat"}
    assert (raised["repeat"]["node_name"], raised["repeat"]["facts"]["first"]) == ("kiosk (S1K1/2)", "S1K1-000002")


async def test_a_basket_that_was_paid_in_both_lives_is_one_order(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        await send(world, box)
        await world.projected()
        older = set_back(box, 0)
        older.sold(1, lane="till")
        await deliver(world, older)
        await world.projected()
        totals = await tenant.totals()

    assert (totals["orders"], totals["quarantined"]) == (1, 1)


async def test_entries_that_continue_nothing_are_refused_so_the_box_begins_with_its_oldest(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        box.started("1", "2", "3")
        await send(world, box)
        older = set_back(box, 1)
        older.started("2b", "3b")
        refused = await deliver(world, older, 3)  # where it parted was lost with the newer data
        beyond = await deliver(world, set_back(older, 3), 3)
        taken = await deliver(world, older)

    assert [(answer.status, answer.body["code"]) for answer in (refused, beyond)] == [(409, "broken-chain")] * 2
    assert taken.body["seq"] == 3


@pytest.mark.parametrize("harm", ["entry", "head", "signature"])
async def test_what_was_damaged_on_its_way_begins_no_branch(tmp_path: Path, harm: str) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        box.started("1", "2")
        await send(world, box)
        box.started("3")
        sound = json.loads(box.batch(2).model_dump_json())
        sound[harm] = {"entry": None, "head": "ab" * 32, "signature": "AA=="}[harm]
        if harm == "entry":
            sound.pop("entry")
            sound["entries"][0] = sound["entries"][0].replace("2", "7", 1)
        body = Batch.model_validate_json(json.dumps(sound)).model_dump_json()
        answer = await knock_as(world, box, "POST", "/api/journal/branches", data=body)
        found = await held(world)

    assert answer.status in {403, 409}
    assert found == {"kiosk": [1, 2]}


async def test_a_box_that_parts_again_and_again_fills_no_table(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        box.started("1", "2")
        await send(world, box)
        statuses = []
        for number in range(branches.BRANCHES_MAX + 5):
            older = set_back(box, 1)
            older.started(f"b{number}")
            statuses.append((await deliver(world, older)).status)
        rows = await world.rows("select count(*) from journal_heads where author_id is not null")

    assert statuses == [200] * branches.BRANCHES_MAX + [409] * 5
    assert rows == [(branches.BRANCHES_MAX,)]


async def test_nobody_calls_as_a_branch(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        box.started("1", "2")
        await send(world, box)
        older = set_back(box, 1)
        older.started("2b")
        await deliver(world, older)
        [(branch_id,)] = await world.rows("select node_id from journal_heads where author_id is not null")
        older.id = branch_id
        answer = await knock_as(world, older, "POST", "/api/contacts", data='{"unsent": 0}')

    assert answer.status == 401
