"""A node's neighbour may deliver for it: what the node signed, to the same place, and nothing else."""

import json
from pathlib import Path

import pytest

from shared.protocol.batch import Batch
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
