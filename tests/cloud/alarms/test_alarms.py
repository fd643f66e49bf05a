"""What is wrong with a box raises one alarm that counts up, passes, or is settled by a person."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.alarms import service
from cloud.alarms.models import Bounds
from shared.protocol.batch import Backlog
from tests.cloud.boxes import Box, an_id, raw_entry
from tests.cloud.world import OPENING, Answer, Tenant, World, knock_as, open_world, send
from tests.world import until

BOUNDS = Bounds(
    silent_for=timedelta(minutes=30), unsent_for=timedelta(minutes=60), began_at=OPENING - timedelta(days=1)
)


async def a_box(world: World, name: str = "Corner shops") -> tuple[Tenant, Box]:
    tenant = await world.tenant(name)
    store = await tenant.open_store()
    return tenant, await tenant.enrol(store["id"])


async def alarms(tenant: Tenant, state: str = "open") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await tenant.see(f"/api/alarms?state={state}"))["alarms"]
    return found


async def kinds(tenant: Tenant, state: str = "open") -> list[tuple[str, int]]:
    return [(alarm["kind"], alarm["count"]) for alarm in await alarms(tenant, state)]


async def settle(tenant: Tenant, alarm: dict[str, Any]) -> Answer:
    body = {"author": "Ada", "note": "The box was replaced"}
    return await tenant.knock("POST", f"/api/alarms/{alarm['number']}/settlement", json=body)


async def contact(world: World, box: Box, **backlog: Any) -> None:
    body = Backlog(unsent=0).model_copy(update=backlog).model_dump_json()
    assert (await knock_as(world, box, "POST", "/api/contacts", data=body)).status == 200


async def watched(world: World, bounds: Bounds = BOUNDS) -> None:
    await world.head_office.db.write(service.watch, bounds, world.clock.now())


async def post(world: World, box: Box, batch: Any) -> Answer:
    return await knock_as(world, box, "POST", "/api/journal", data=json.dumps(batch))


async def test_a_box_that_was_set_back_raises_one_alarm_that_counts_up(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.started("1.0", "1.1", "1.2")
        await send(world, box)
        del box.entries[1:]  # an older copy of its disk, on which it went on
        box.started("2.0")
        world.clock.pass_by(minutes=5)
        answers = [(await send(world, box, 2)).status for _ in range(3)]
        [alarm] = await alarms(tenant)
        view = await tenant.see("/api/office")

    assert answers == [409, 409, 409]
    assert (alarm["kind"], alarm["count"], alarm["node_name"]) == ("set_back", 3, "kiosk")
    assert alarm["facts"] == {"seq": 2, "held_seq": 3}
    assert view["alarms"] == 1
    assert view["stores"][0]["nodes"][0]["last_contact_at"] == "2026-03-02T09:05:00Z"  # it was heard of all the same


async def test_two_boxes_that_are_one_node_are_told_once_both_go_on(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        clone = Box(world.clock, key=box.key, id=box.id, store_id=box.store_id, series=box.series)
        for one in (box, clone):
            one.started("1.0")
        await send(world, box)
        await send(world, clone)
        box.started("1.1")
        clone.started("2.0")
        await send(world, box)
        await send(world, clone)
        before = await kinds(tenant)
        box.started("1.2")
        await send(world, box)
        after = await kinds(tenant)
        for alarm in await alarms(tenant):
            await settle(tenant, alarm)
        box.started("1.3")  # the clone is gone
        await send(world, box)
        settled = await kinds(tenant)

    assert before == [("set_back", 1)]
    assert after == [("cloned", 1), ("set_back", 1)]
    assert settled == []


async def test_a_repeat_that_was_under_way_makes_no_two_boxes_of_one(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.started("1.0", "1.1")
        late = json.loads(box.batch().model_dump_json())
        await post(world, box, late)
        del box.entries[1:]
        box.started("2.0")
        refused = await send(world, box)
        repeated = await post(world, box, late)  # the line brings it a second time
        found = await kinds(tenant)

    assert (refused.status, repeated.status) == (409, 200)
    assert found == [("set_back", 1)]


async def test_a_flipped_bit_is_an_alarm_until_the_batch_comes_through(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.started("1.0", "1.1")
        damaged = json.loads(box.batch().model_dump_json())
        damaged["entries"][1] = damaged["entries"][1].replace("1.1", "1.3")
        refused = await post(world, box, damaged)
        [alarm] = await alarms(tenant)
        await send(world, box)
        open_now, [passed] = await alarms(tenant), await alarms(tenant, "settled")

    assert (refused.status, alarm["kind"], alarm["facts"]) == (409, "broken", {"seq": 2, "held_seq": 0})
    assert (open_now, passed["author"], passed["note"]) == ([], None, None)


async def test_a_batch_that_was_cut_short_is_an_alarm(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.started("1.0", "1.1")
        cut = json.loads(box.batch().model_dump_json())
        cut["entries"].pop()
        refused = await post(world, box, cut)
        found = await kinds(tenant)

    assert (refused.status, found) == (403, [("foreign_key", 1)])  # the signature also says how many there are


async def test_a_batch_of_another_box_names_the_one_that_signed_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        till = await tenant.enrol(box.store_id, "till", "S1T1")
        stranger = Box(world.clock, key=Ed25519PrivateKey.generate(), id=an_id(9))
        for one in (till, stranger):
            one.started("1.0")
        statuses = [(await post(world, box, json.loads(one.batch().model_dump_json()))).status for one in (till, till)]
        [named] = await alarms(tenant)
        statuses.append((await post(world, box, json.loads(stranger.batch().model_dump_json()))).status)
        [unnamed] = await alarms(tenant)

    assert statuses == [403, 403, 403]
    assert (named["kind"], named["node_name"], named["facts"]["signer"], named["count"]) == (
        "foreign_key", "kiosk", "till", 2,
    )  # fmt: skip
    assert (unnamed["facts"]["signer"], unnamed["count"]) == (None, 3)


async def test_a_silent_box_raises_an_alarm_that_passes_when_it_is_heard_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await contact(world, box)
        world.clock.pass_by(minutes=29)
        await watched(world)
        quiet = await kinds(tenant)
        world.clock.pass_by(minutes=2)
        for _ in range(3):
            await watched(world)
        silent = await kinds(tenant)
        await contact(world, box)
        await watched(world)
        heard = await kinds(tenant)
        world.clock.pass_by(minutes=31)
        await watched(world)
        again = await kinds(tenant)

    assert (quiet, silent, heard, again) == ([], [("silent", 1)], [], [("silent", 2)])


async def test_a_silence_that_a_person_settled_stays_settled_while_it_lasts(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await contact(world, box)
        world.clock.pass_by(hours=1)
        await watched(world)
        [alarm] = await alarms(tenant)
        first, again = await settle(tenant, alarm), await settle(tenant, alarm)
        world.clock.pass_by(hours=1)
        await watched(world)
        open_now = await kinds(tenant)

    assert (first.body["state"], again.body) == ("settled", first.body)
    assert (first.body["author"], first.body["note"]) == ("Ada", "The box was replaced")
    assert open_now == []


async def test_a_service_that_was_away_takes_no_box_for_silent(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await contact(world, box)
        gone = await tenant.enrol(box.store_id, "till", "S1T1")
        await contact(world, gone)
    clock = world.clock
    clock.pass_by(hours=8)
    async with open_world(tmp_path, clock) as again:
        tenant.world = again
        bounds = replace(BOUNDS, began_at=clock.now())
        for _ in range(2):
            await watched(again, bounds)
            started = await kinds(tenant)
            clock.pass_by(minutes=29)
        await contact(again, box)
        clock.pass_by(minutes=2)
        await watched(again, bounds)
        [silent] = await alarms(tenant)
        await watched(again, replace(BOUNDS, began_at=clock.now()))  # started once more
        kept = await kinds(tenant)

    assert started == []
    assert (silent["kind"], silent["node_name"]) == ("silent", "till")
    assert kept == [("silent", 1)]


async def test_entries_that_are_kept_too_long_are_an_alarm(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        oldest = world.clock.now()
        world.clock.pass_by(minutes=1)
        for _ in range(62):
            await contact(world, box, unsent=7, oldest_unsent_at=oldest)
            await watched(world)
            world.clock.pass_by(minutes=1)
        [alarm] = await alarms(tenant)
        await contact(world, box)
        await watched(world)
        left = await kinds(tenant)

    assert (alarm["kind"], alarm["facts"]) == (
        "unsent",
        {"since": (oldest + timedelta(minutes=1)).isoformat(), "unsent": 7},
    )
    assert left == []


@pytest.mark.parametrize("wrong", [timedelta(days=-40), timedelta(days=40)])
async def test_a_boxs_wrong_clock_neither_raises_nor_hides_that_it_keeps_entries(
    tmp_path: Path, wrong: timedelta
) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        found = []
        for _ in range(2):
            await contact(world, box, unsent=7, oldest_unsent_at=world.clock.now() + wrong)
            await watched(world)
            found.append(await kinds(tenant))
            world.clock.pass_by(minutes=61)
        await contact(world, box, unsent=7, oldest_unsent_at=world.clock.now() + wrong)
        await watched(world)
        found.append(await kinds(tenant))

    assert found == [[], [("unsent", 1)], [("unsent", 1)]]


async def test_a_busy_box_that_always_has_something_on_its_way_raises_no_alarm(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        for _ in range(10):
            await contact(world, box, unsent=1, oldest_unsent_at=world.clock.now())
            await watched(world)
            world.clock.pass_by(minutes=20)
        found = await kinds(tenant)

    assert found == []


async def test_the_service_watches_by_itself(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        await contact(world, box)
        world.clock.pass_by(hours=1)

        async def raised() -> bool:
            return await world.rows("select kind from alarms") == [("silent",)]

        await until(raised)


async def test_numbers_that_are_missing_are_an_alarm_until_the_entry_is_repaired(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        order = box.sold(2, lane="till")
        box.entries[1] = raw_entry(2, '"name": "order.teleported", "version": 1, "body": {}')
        box.sold(3)
        await send(world, box)
        await world.checked()
        [alarm] = await alarms(tenant)
        body = {"author": "Ada", "reason": "A wrong name", "event": "order.completed", "version": 1}
        asked = {**body, "body": {"order": json.loads(order.model_dump_json())}}
        fixed = await tenant.knock("POST", f"/api/quarantine/{box.id}/2/correction", json=asked)
        await world.checked()
        left = await kinds(tenant)

    assert (alarm["kind"], alarm["facts"]["first"], alarm["facts"]["last"]) == ("gap", "S1K1-000002", "S1K1-000002")
    assert (fixed.status, left) == (200, [])


async def test_a_number_of_another_boxes_series_names_that_box(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.enrol(box.store_id, "till", "S1T1")
        box.sold(1, receipt_number="S1T1-000001")
        box.sold(2, receipt_number="S1T1-000002")
        await send(world, box)
        await world.checked()
        [alarm] = await alarms(tenant)

    assert (alarm["kind"], alarm["node_name"]) == ("series", "kiosk")
    assert (alarm["facts"]["series"], alarm["facts"]["holder"]) == ("S1T1", "till")


async def test_a_day_that_differs_is_an_alarm_that_names_its_closing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        closing = box.closed(figures={"total_minor": 999})
        await send(world, box)
        await world.checked()
        [alarm] = await alarms(tenant)

    assert (alarm["kind"], alarm["facts"]["closing_id"], alarm["facts"]["number"]) == ("day", closing.id, 1)


async def test_a_node_that_floods_fills_no_table(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        for number in range(1, 200, 2):  # a hundred gaps
            box.sold(number)
        await send(world, box)
        await world.checked()
        for number in range(30):
            clone = Box(world.clock, key=box.key, id=box.id, store_id=box.store_id, series=box.series)
            clone.started(f"{number}")
            await send(world, clone)
        rows = await world.rows("select kind, count(*), sum(count) from alarms group by kind order by kind")

    assert rows == [("gap", service.SUBJECTS_MAX + 1, 50), ("set_back", 1, 30)]


@pytest.mark.parametrize("way", ["list", "settle"])
async def test_other_tenants_alarms_are_never_reached(tmp_path: Path, way: str) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.started("1.0")
        await send(world, box)
        box.entries.clear()
        box.started("2.0")
        await send(world, box)
        stranger, _ = await a_box(world, "Strangers")
        [alarm] = await alarms(tenant)
        answer = await settle(stranger, alarm) if way == "settle" else None
        seen, kept = await alarms(stranger), await alarms(tenant)

    assert answer is None or answer.status == 404
    assert (seen, len(kept)) == ([], 1)


async def test_a_retired_box_that_was_settled_stays_so_until_it_sends_something(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.knock("POST", f"/api/nodes/{box.id}/retirement")
        await contact(world, box)
        [alarm] = await alarms(tenant)
        await settle(tenant, alarm)
        await contact(world, box)
        settled = await kinds(tenant)
        box.started("1.0")
        await send(world, box)
        sent = await kinds(tenant)

    assert (alarm["kind"], settled) == ("retired", [])
    assert sent == [("retired", 2)]
