"""What could not be applied is seen, applied again, corrected or settled; the entry itself never changes."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.events import EVENTS
from shared.events.orders import OrderCompleted
from tests.cloud.boxes import Box, an_id, an_order, raw_entry
from tests.cloud.world import Answer, Tenant, World, open_world, send

TELEPORTED = '"name": "order.teleported", "version": 1, "body": {}'


async def a_box(world: World, name: str = "Corner shops") -> tuple[Tenant, Box]:
    tenant = await world.tenant(name)
    store = await tenant.open_store()
    return tenant, await tenant.enrol(store["id"])


async def delivered(world: World, box: Box) -> None:
    assert (await send(world, box)).status == 200
    await world.projected()


async def waiting(tenant: Tenant, **query: str) -> list[int]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return [entry["seq"] for entry in (await tenant.see(f"/api/quarantine?{asked}"))["entries"]]


async def act(tenant: Tenant, box: Box, seq: int, what: str, **body: Any) -> Answer:
    return await tenant.knock("POST", f"/api/quarantine/{box.id}/{seq}/{what}", json={"author": "Ada", **body})


def broken(box: Box, number: int) -> None:
    """Write an order whose lane is missing, which a person can put right."""
    body = json.loads(OrderCompleted(order=an_order(box, number)).model_dump_json())
    del body["order"]["lane"]
    text = f'"name": "order.completed", "version": 1, "body": {json.dumps(body)}'
    box.entries.append(raw_entry(len(box.entries) + 1, text))


async def test_a_poisoned_entry_is_listed_shown_and_downloaded_as_it_came(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        box.entries.append(raw_entry(2, TELEPORTED))
        box.sold(3)
        await delivered(world, box)
        [listed] = (await tenant.see("/api/quarantine"))["entries"]
        detail = await tenant.see(f"/api/quarantine/{box.id}/2")
        file = await tenant.knock("GET", f"/api/quarantine/{box.id}/2/entry")
        neighbour = await tenant.knock("GET", f"/api/quarantine/{box.id}/1")

    assert (listed["seq"], listed["node_name"], listed["kind"]) == (2, "kiosk", "unknown")
    assert (listed["event"], listed["version"]) == ("order.teleported", 1)
    assert "unknown event order.teleported" in detail["reason"]
    assert detail["raw"].encode() == file.body == box.entries[1]
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert neighbour.status == 404


async def test_after_an_upgrade_entries_just_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refunded = EVENTS["order.refunded", 1]
    monkeypatch.delitem(EVENTS, ("order.refunded", 1))  # as in the software before refunds were a fact
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        order = box.sold(1)
        box.took_back(2, order)
        box.entries.append(raw_entry(3, TELEPORTED))
        await delivered(world, box)
        before = (await tenant.totals(), await waiting(tenant))
    monkeypatch.setitem(EVENTS, ("order.refunded", 1), refunded)
    async with open_world(tmp_path, world.clock) as upgraded:
        tenant.world = upgraded
        await upgraded.repaired(waiting=1)
        after = (await tenant.totals(), await waiting(tenant))
        [trace] = (await tenant.see(f"/api/quarantine/{box.id}/2"))["repairs"]

    assert (before[0]["refunds"], before[1]) == (0, [2, 3])
    assert (after[0]["refunds"], after[0]["refunded_minor"], after[1]) == (1, 500, [3])
    assert (trace["act"], trace["author"]) == ("replayed", None)


async def test_a_replay_that_works_leaves_who_and_when_and_a_repeat_adds_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1, receipt_number="S1K1-000002")  # its number is taken by the next one's twin
        box.sold(2)
        await delivered(world, box)
        assert await waiting(tenant) == [2]
        await world.change("delete from orders")
        first, again = await act(tenant, box, 2, "replay"), await act(tenant, box, 2, "replay")
        totals = await tenant.totals()

    assert (first.body["state"], again.body["state"]) == ("applied", "applied")
    assert [repair["author"] for repair in again.body["repairs"]] == ["Ada"]
    assert again.body["repairs"][0]["at"] == "2026-03-02T09:00:00Z"
    assert (totals["orders"], totals["quarantined"]) == (1, 0)


async def test_a_replay_that_fails_again_updates_the_reason_and_stays(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.entries.append(raw_entry(1, TELEPORTED))
        await delivered(world, box)
        await world.change("update quarantine set reason = 'of older software'")
        world.clock.pass_by(hours=1)
        detail = (await act(tenant, box, 1, "replay")).body

    assert (detail["state"], detail["tries"], detail["repairs"]) == ("waiting", 2, [])
    assert "unknown event" in detail["reason"]
    assert (detail["at"], detail["tried_at"]) == ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z")


async def test_all_of_a_node_are_replayed_in_order_and_those_of_others_are_left(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        other = await tenant.enrol(box.store_id, "till", "S1T1")
        for number in range(1, 121):
            box.sold(number, receipt_number="S1K1-000001")  # all but the first are refused
        other.entries.append(raw_entry(1, TELEPORTED))
        for one in (box, other):
            for first_seq in range(1, len(one.entries) + 1, 100):
                await send(world, one, first_seq, min(first_seq + 99, len(one.entries)))
        await world.projected()
        await world.change("delete from orders")
        report = (await tenant.knock("POST", "/api/quarantine/replays", json={"author": "Ada", "node_id": box.id})).body
        left = await waiting(tenant, limit="200")
        [kept] = await world.rows("select id from orders")

    assert report == {"applied": 1, "refused": 118}  # the first that waited, then its number was taken again
    assert kept == (an_id(2),)
    assert left == [*range(3, 121), 1]


async def test_a_corrected_body_is_applied_and_the_raw_entry_stays_untouched(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        broken(box, 1)
        box.sold(2)
        await delivered(world, box)
        body = {"order": json.loads(an_order(box, 1).model_dump_json())}
        fixed = await act(tenant, box, 1, "correction", reason="The lane was missing", body=body)
        again = await act(tenant, box, 1, "correction", reason="The lane was missing", body=body)
        other = await act(tenant, box, 1, "correction", reason="Once more", body={"order": {}})
        totals = await tenant.totals()
        [(raw,)] = await world.rows("select entry from journal where seq = 1")

    [repair] = again.body["repairs"]
    assert (fixed.body["state"], repair["act"], repair["author"]) == ("applied", "corrected", "Ada")
    assert (repair["note"], repair["body"]["order"]["lane"]) == ("The lane was missing", "kiosk")
    assert (other.status, other.body["code"]) == (409, "already-applied")
    assert (totals["orders"], totals["quarantined"]) == (2, 0)
    assert raw.encode() == box.entries[0]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"order": {}}, 400, "bad-entry"),
        ({"node_id": an_id(99)}, 409, "still-refused"),
        ({"receipt_number": "S1K1-000002"}, 409, "still-refused"),
    ],
)
async def test_a_correction_that_is_refused_keeps_nothing(
    tmp_path: Path, changes: dict[str, Any], status: int, code: str
) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        broken(box, 1)
        box.sold(2)
        await delivered(world, box)
        order = {} if "order" in changes else json.loads(an_order(box, 1, **changes).model_dump_json())
        answer = await act(tenant, box, 1, "correction", reason="A try", body={"order": order})
        kept = await world.rows("select * from repairs")
        totals = await tenant.totals()

    assert (answer.status, answer.body["code"]) == (status, code)
    assert (kept, totals["orders"], totals["quarantined"]) == ([], 1, 1)


async def test_what_is_no_entry_at_all_can_be_corrected_when_somebody_says_what_it_is(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.entries.append(b"\x00 not json")
        await delivered(world, box)
        body = {"order": json.loads(an_order(box, 1).model_dump_json())}
        silent = await act(tenant, box, 1, "correction", reason="From the paper", body=body)
        named = {"event": "order.completed", "version": 1, "body": body}
        told = await act(tenant, box, 1, "correction", reason="From the paper", **named)

    assert (silent.status, silent.body["code"]) == (400, "event-missing")
    assert told.body["state"] == "applied"


async def test_what_was_settled_waits_no_longer_and_says_why(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.entries.append(raw_entry(1, TELEPORTED))
        await delivered(world, box)
        note = {"note": "Entered by hand in the ledger"}
        await act(tenant, box, 1, "settlement", **note)
        again = (await act(tenant, box, 1, "settlement", **note)).body
        listed = (await waiting(tenant), await waiting(tenant, state="settled"))
        totals = await tenant.totals()
        everything = (await tenant.knock("POST", "/api/quarantine/replays", json={"author": "Ada"})).body

    assert (again["state"], [repair["note"] for repair in again["repairs"]]) == ("settled", [note["note"]])
    assert listed == ([], [1])
    assert totals["quarantined"] == 0
    assert everything == {"applied": 0, "refused": 0}


@pytest.mark.parametrize("what", ["replay", "settlement", "correction"])
async def test_other_tenants_entries_are_never_reached(tmp_path: Path, what: str) -> None:
    bodies = {"settlement": {"note": "mine"}, "correction": {"reason": "mine", "body": {}}}
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        box.entries.append(raw_entry(1, TELEPORTED))
        await delivered(world, box)
        stranger, _ = await a_box(world, "Strangers")
        answer = await act(stranger, box, 1, what, **bodies.get(what, {}))
        everything = await stranger.knock("POST", "/api/quarantine/replays", json={"author": "Eve", "node_id": box.id})
        [kept] = await world.rows("select state, tries from quarantine")

    assert answer.status == 404
    assert everything.body == {"applied": 0, "refused": 0}
    assert kept == ("waiting", 1)
