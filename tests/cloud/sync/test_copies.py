"""A node's neighbour may deliver for it: what the node signed, to the same place, and nothing else."""

import json
from pathlib import Path

import pytest

from shared.protocol.batch import Backlog, Batch, sign
from tests.cloud.boxes import Box
from tests.cloud.world import Answer, Tenant, World, knock_as, open_world, send


async def two_boxes(world: World) -> tuple[Tenant, Box, Box]:
    tenant = await world.tenant()
    store = await tenant.open_store()
    return tenant, await tenant.enrol(store["id"]), await tenant.enrol(store["id"], "gateway", "S1K2")


async def deliver(world: World, by: Box, of: Box, batch: Batch | None = None) -> Answer:
    body = {"node_id": of.id, "batch": json.loads((batch or of.batch()).model_dump_json())}
    return await knock_as(world, by, "POST", "/api/journal/copies", data=json.dumps(body))


async def test_what_a_neighbour_brings_counts_as_what_the_node_sent_and_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, dead, gateway = await two_boxes(world)
        dead.sold(1)
        dead.sold(2)
        await send(world, dead, 1, 1)
        held = await knock_as(world, gateway, "GET", f"/api/journal/copies/{dead.id}")
        answers = [await deliver(world, gateway, dead) for _ in range(3)]
        answers.append(await send(world, dead))
        await world.projected()
        totals = await tenant.totals()

    assert held.body["seq"] == 1
    assert {answer.body["seq"] for answer in answers} == {2}
    assert (totals["orders"], totals["quarantined"]) == (2, 0)


async def test_neither_another_store_nor_another_tenant_delivers_or_asks_for_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, node, _ = await two_boxes(world)
        node.sold(1)
        elsewhere = await tenant.open_store(code="T9")
        strangers = [await tenant.enrol(elsewhere["id"], "kiosk", "S9K1")]
        other = await world.tenant("Others")
        strangers.append(await other.enrol((await other.open_store())["id"]))
        answers = [await deliver(world, stranger, node) for stranger in strangers]
        answers += [await knock_as(world, one, "GET", f"/api/journal/copies/{node.id}") for one in strangers]
        kept = await world.rows("select count(*) from journal")

    assert [answer.status for answer in answers] == [404] * 4
    assert kept == [(0,)]


@pytest.mark.parametrize("forged", ["entries", "signature"])
async def test_a_neighbour_cannot_change_what_was_sold(tmp_path: Path, forged: str) -> None:
    async with open_world(tmp_path) as world:
        _, node, gateway = await two_boxes(world)
        node.sold(1)
        batch = node.batch()
        if forged == "entries":
            changed = batch.model_copy(update={"entries": tuple(text.replace("1", "2") for text in batch.entries)})
        else:
            gateway.sold(1)
            changed = batch.model_copy(update={"signature": gateway.batch().signature})
        answer = await deliver(world, gateway, node, changed)
        kept = await world.rows("select count(*) from journal")

    assert answer.status in {403, 409}
    assert kept == [(0,)]


async def test_nodes_of_a_store_are_told_of_each_other(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, first, second = await two_boxes(world)
        feed = await knock_as(world, first, "GET", "/api/feed?cursor=0")

    told = {row["key"]: row["body"]["public_key"] for row in feed.body["rows"] if row["kind"] == "node"}
    assert told == {first.id: first.public_key, second.id: second.public_key}


async def unsent(world: World, box: Box) -> tuple[int, bool]:
    """Return how much a box is said to keep, and whether since some moment."""
    [found] = await world.rows("select unsent, oldest_unsent_at is not null from nodes where id = :id", id=box.id)
    return found[0], bool(found[1])


async def test_what_a_neighbour_brought_of_a_dead_box_is_kept_by_it_no_more(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, dead, gateway = await two_boxes(world)
        for number in range(1, 6):
            dead.sold(number)
        backlog = Backlog(unsent=5, oldest_unsent_at=world.clock.now())
        first = dead.batch(1, 2, backlog).model_dump_json()
        await knock_as(world, dead, "POST", "/api/journal", data=first)  # and then it was destroyed
        kept = [await unsent(world, dead)]
        for last_seq in (4, 5):
            await deliver(world, gateway, dead, dead.batch(1, last_seq, Backlog(unsent=99)))
            kept.append(await unsent(world, dead))

    assert kept == [(3, True), (1, True), (0, False)]


async def test_a_batch_of_which_nothing_was_taken_leaves_its_box_with_all_that_it_keeps(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, _ = await two_boxes(world)
        for number in range(1, 6):
            box.sold(number)
        await send(world, box, 1, 2)
        gap = box.batch(4, 5, Backlog(unsent=2, oldest_unsent_at=world.clock.now()))
        answer = await knock_as(world, box, "POST", "/api/journal", data=gap.model_dump_json())
        kept = [await unsent(world, box)]
        await send(world, box)
        kept.append(await unsent(world, box))
        liar = sign(box.key, box.id, 2**53, box.entries[:1], box.head(1), Backlog(unsent=2**53))
        await knock_as(world, box, "POST", "/api/journal", data=liar.model_dump_json())
        [store] = (await tenant.see("/api/office"))["stores"]

    assert (answer.status, answer.body["seq"]) == (200, 2)
    assert kept == [(3, True), (0, False)]
    assert max(node["unsent"] for node in store["nodes"]) == 2**53 - 5  # a number that browsers can show


async def alarms(tenant: Tenant) -> list[tuple[str, str, str]]:
    """Return (kind, whose it is, who delivered what is wrong, if another) of those that are open."""
    found = (await tenant.see("/api/alarms"))["alarms"]
    return sorted((one["kind"], one["node_name"], one["facts"].get("by", "")) for one in found)


async def test_what_a_neighbour_forged_is_told_with_its_name_beside_what_the_box_did_itself(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, node, gateway = await two_boxes(world)
        node.sold(1)
        sound = node.batch()
        damaged = sound.model_copy(update={"entries": tuple(text.replace("1", "2") for text in sound.entries)})
        forged = sound.model_copy(update={"signature": ""})
        for batch in (damaged, damaged, forged):
            await deliver(world, gateway, node, batch)
        await knock_as(world, node, "POST", "/api/journal", data=damaged.model_dump_json())
        before = await alarms(tenant)
        await deliver(world, gateway, node)
        brought = await alarms(tenant)
        await send(world, node)
        sent = await alarms(tenant)

    assert before == [("broken", "kiosk", ""), ("broken", "kiosk", "gateway"), ("foreign_key", "kiosk", "gateway")]
    assert brought == [("broken", "kiosk", ""), ("foreign_key", "kiosk", "gateway")]
    assert sent == [("foreign_key", "kiosk", "gateway")]
