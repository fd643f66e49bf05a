"""A node that is retired never comes back, and its series is never given again; what it sold is taken all the same."""

import json
from pathlib import Path

from cloud.fleet import service as fleet
from cloud.fleet.storage import nodes
from tests.cloud.boxes import Box
from tests.cloud.world import Tenant, World, knock_as, open_world, send


async def retired(world: World) -> tuple[Tenant, Box]:
    tenant = await world.tenant()
    store = await tenant.open_store()
    box = await tenant.enrol(store["id"])
    answer = await tenant.knock("POST", f"/api/nodes/{box.id}/retirement")
    assert answer.status == 200, answer.body
    return tenant, box


async def test_a_retired_series_is_never_given_again_but_its_name_is_free(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await retired(world)
        path = f"/api/stores/{box.store_id}/nodes"
        same = await tenant.knock("POST", path, json={"name": "kiosk", "series": "S1K1"})
        other = await tenant.knock("POST", path, json={"name": "kiosk", "series": "S1K2"})
        [store] = (await tenant.see("/api/office"))["stores"]

    assert (same.status, same.body["code"]) == (409, "series-taken")
    assert other.status == 201
    assert [(node["name"], node["retired_at"] is not None) for node in store["nodes"]] == [
        ("kiosk", False),
        ("kiosk (S1K1)", True),
    ]


async def test_retiring_twice_changes_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await retired(world)
        world.clock.pass_by(hours=1)
        again = await tenant.knock("POST", f"/api/nodes/{box.id}/retirement")

    assert (again.body["retired_at"], again.body["name"]) == ("2026-03-02T09:00:00Z", "kiosk (S1K1)")


async def test_what_a_retired_box_still_sends_is_taken_with_an_alarm(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await retired(world)
        quiet = (await tenant.see("/api/alarms"))["alarms"]
        box.sold(1)
        answer = await send(world, box)
        for _ in range(3):
            await knock_as(world, box, "POST", "/api/contacts", json={"unsent": 0})
        await world.projected()
        totals = await tenant.totals()
        [alarm] = (await tenant.see("/api/alarms"))["alarms"]

    assert quiet == []
    assert (answer.status, totals["orders"]) == (200, 1)
    assert (alarm["kind"], alarm["count"], alarm["node_name"]) == ("retired", 1, "kiosk (S1K1)")


async def test_the_code_of_a_retired_node_enrols_nobody(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        prepared = await tenant.prepare(store["id"])
        await tenant.knock("POST", f"/api/nodes/{prepared['id']}/retirement")
        body = {"code": prepared["enrolment_code"], "public_key": Box(world.clock).public_key}
        answer = await world.knock("POST", "/api/enrolments", json=body)

    assert (answer.status, answer.body["code"]) == (409, "node-retired")


async def test_nobody_retires_another_tenants_node(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        box = await tenant.enrol(store["id"])
        stranger = await world.tenant("Strangers")
        answer = await stranger.knock("POST", f"/api/nodes/{box.id}/retirement")
        [kept] = await world.rows("select name, retired_at from nodes")

    assert (answer.status, kept) == (404, ("kiosk", None))


async def neighbours_told(world: World, box: Box) -> list[str]:
    """Return which nodes a box knows after it took the whole feed, in the feed's order."""
    page = await knock_as(world, box, "GET", "/api/feed?cursor=0")
    return [row["key"] for row in page.body["rows"] if row["kind"] == "node" and not row["gone"]]


async def test_a_retired_box_is_nobodys_neighbour_and_what_was_copied_of_it_still_counts(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        dead, gateway = await tenant.enrol(store["id"]), await tenant.enrol(store["id"], "gateway", "S1K2")
        dead.sold(1)
        await tenant.knock("POST", f"/api/nodes/{dead.id}/retirement")

        told = await neighbours_told(world, gateway)
        held = await knock_as(world, gateway, "GET", f"/api/journal/copies/{dead.id}")
        delivery = {"node_id": dead.id, "batch": dead.batch().model_dump(mode="json")}
        delivered = await knock_as(world, gateway, "POST", "/api/journal/copies", data=json.dumps(delivery))
        await world.projected()
        totals = await tenant.totals()

    assert told == [gateway.id]
    assert (held.status, delivered.body["seq"], totals["orders"]) == (200, 1, 1)


async def test_who_was_retired_by_an_earlier_version_is_taken_from_the_neighbours_at_the_start(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        dead, gateway = await tenant.enrol(store["id"]), await tenant.enrol(store["id"], "gateway", "S1K2")
        retire = nodes.update().where(nodes.c.id == dead.id).values(retired_at=world.clock.now())
        await world.head_office.db.write(lambda tx: tx.execute(retire).rowcount)
        before = await neighbours_told(world, gateway)
        await world.head_office.db.write(fleet.publish_all_neighbours)

        assert (before, await neighbours_told(world, gateway)) == ([dead.id, gateway.id], [gateway.id])
