"""A head office restored from a copy of before a box was enrolled knows the box again by its certificate."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from shared.protocol.enrolment import Certificate, certify
from shared.protocol.snapshot import new_key
from tests.cloud.boxes import Box
from tests.cloud.world import Answer, Tenant, World, knock_as, open_world, send


async def certified(world: World, box: Box) -> str:
    answer = await knock_as(world, box, "GET", "/api/enrolment")
    assert answer.status == 200, answer.body
    certificate: str = answer.body["certificate"]
    return certificate


async def come_back(world: World, box: Box, certificate: str) -> Answer:
    return await knock_as(world, box, "POST", "/api/returns", data=json.dumps({"certificate": certificate}))


async def forgotten(folder: Path, *, prepared: bool = False) -> tuple[Tenant, Box, str]:
    """Copy the data, then enrol a box; returns it with its certificate. prepared: its code was made before the copy."""
    async with open_world(folder) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        node = await tenant.prepare(store["id"]) if prepared else {}
    shutil.copytree(folder, folder.with_name("copy"))
    async with open_world(folder) as world:
        again = Tenant(world, tenant.id, tenant.key)
        node = node or await again.prepare(store["id"])
        box = Box(world.clock)
        body = {"code": node["enrolment_code"], "public_key": box.public_key}
        box.become((await world.knock("POST", "/api/enrolments", json=body)).body)
        return tenant, box, await certified(world, box)


async def kinds(world: World, tenant: Tenant) -> list[tuple[str, int]]:
    page = await Tenant(world, tenant.id, tenant.key).see("/api/alarms")
    return [(alarm["kind"], alarm["count"]) for alarm in page["alarms"]]


@pytest.mark.parametrize("prepared", [False, True])
async def test_a_forgotten_box_is_known_again_and_delivers(tmp_path: Path, *, prepared: bool) -> None:
    tenant, box, certificate = await forgotten(tmp_path / "data", prepared=prepared)
    box.started("1.0")
    async with open_world(tmp_path / "copy") as world:
        refused = await send(world, box)
        answers = [await come_back(world, box, certificate) for _ in range(2)]  # the first answer may be lost
        delivered = await send(world, box)
        neighbours = (await knock_as(world, box, "GET", "/api/feed")).body["rows"]
        alarmed = await kinds(world, tenant)

    assert (refused.status, refused.body["code"]) == (401, "unauthenticated")
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body["node_id"] == box.id
    assert (delivered.status, delivered.body["seq"]) == (200, 1)
    assert box.id in [row["key"] for row in neighbours if row["kind"] == "node"]
    assert alarmed == [("returned", 1)]


async def test_a_box_that_is_known_shows_its_certificate_in_vain(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        answer = await come_back(world, box, await certified(world, box))
        alarmed = await kinds(world, tenant)

    assert answer.status == 200
    assert alarmed == []


async def test_a_name_that_was_given_anew_stays_with_the_other(tmp_path: Path) -> None:
    tenant, box, certificate = await forgotten(tmp_path / "data")
    async with open_world(tmp_path / "copy") as world:
        await Tenant(world, tenant.id, tenant.key).enrol(box.store_id, "kiosk", "S1K9")
        answer = await come_back(world, box, certificate)

    assert (answer.status, answer.body["node_name"]) == (200, "kiosk (S1K1)")


async def test_a_series_that_was_given_anew_is_shared_by_nobody(tmp_path: Path) -> None:
    tenant, box, certificate = await forgotten(tmp_path / "data")
    async with open_world(tmp_path / "copy") as world:
        await Tenant(world, tenant.id, tenant.key).enrol(box.store_id, "till", "S1K1")
        answer = await come_back(world, box, certificate)

    assert (answer.status, answer.body["code"]) == (409, "series-taken")


async def test_a_store_that_was_forgotten_too_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with open_world(folder) as world:
        tenant = await world.tenant()
    shutil.copytree(folder, tmp_path / "copy")
    async with open_world(folder) as world:
        again = Tenant(world, tenant.id, tenant.key)
        box = await again.enrol((await again.open_store())["id"])
        certificate = await certified(world, box)
    async with open_world(tmp_path / "copy") as world:
        answer = await come_back(world, box, certificate)

    assert (answer.status, answer.body["code"]) == (409, "store-forgotten")


async def test_a_retired_box_does_not_come_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        certificate = await certified(world, box)
        await tenant.knock("POST", f"/api/nodes/{box.id}/retirement")
        answer = await come_back(world, box, certificate)

    assert (answer.status, answer.body["code"]) == (409, "node-retired")


def another_key(told: dict[str, Any]) -> str:
    return certify(Certificate.model_validate(told), new_key())


@pytest.mark.parametrize("of_whom", ["another head office", "another box", "nobody", "a snapshot"])
async def test_a_certificate_that_is_not_the_callers_is_worth_nothing(tmp_path: Path, of_whom: str) -> None:
    _, box, certificate = await forgotten(tmp_path / "data")
    stranger = Box(box.clock, id=box.id)
    told = {"node_id": box.id, "node_name": "kiosk", "tenant_id": box.tenant_id, "store_id": box.store_id}
    async with open_world(tmp_path / "copy") as world:
        shown, caller = {
            "another head office": (another_key({**told, "series": "S1K1", "public_key": box.public_key}), box),
            "another box": (certificate, stranger),
            "nobody": ("eA==.eA==", box),
            "a snapshot": (certificate[::-1], box),
        }[of_whom]
        answer = await come_back(world, caller, shown)
        nodes = await world.rows("select count(*) from nodes")

    assert answer.status in {401, 403}
    assert nodes == [(0,)]


async def bring_back(world: World, by: Box, certificate: str, signed_by: Box) -> Answer:
    """Let a box show another's certificate, with a batch."""
    body = {"certificate": certificate, "batch": json.loads(signed_by.batch().model_dump_json())}
    return await knock_as(world, by, "POST", "/api/returns/neighbours", data=json.dumps(body))


async def test_a_forgotten_box_that_is_no_more_is_made_known_by_its_neighbour(tmp_path: Path) -> None:
    tenant, dead, certificate = await forgotten(tmp_path / "data")
    dead.started("1.0")
    async with open_world(tmp_path / "copy") as world:
        neighbour = await Tenant(world, tenant.id, tenant.key).enrol(dead.store_id, "gateway", "S1K2")
        answers = [await bring_back(world, neighbour, certificate, dead) for _ in range(2)]
        delivery = {"node_id": dead.id, "batch": json.loads(dead.batch().model_dump_json())}
        delivered = await knock_as(world, neighbour, "POST", "/api/journal/copies", data=json.dumps(delivery))
        alarmed = await kinds(world, tenant)

    assert [(answer.status, answer.body["seq"]) for answer in answers] == [(200, 0), (200, 0)]
    assert (delivered.status, delivered.body["seq"]) == (200, 1)
    assert alarmed == [("returned", 1)]


@pytest.mark.parametrize("wrong", ["batch", "store", "certificate"])
async def test_a_neighbour_makes_nobody_known_without_proof(tmp_path: Path, wrong: str) -> None:
    tenant, dead, certificate = await forgotten(tmp_path / "data")
    dead.started("1.0")
    async with open_world(tmp_path / "copy") as world:
        again = Tenant(world, tenant.id, tenant.key)
        store_id = (await again.open_store(code="T9"))["id"] if wrong == "store" else dead.store_id
        neighbour = await again.enrol(store_id, "gateway", "S1K2")
        neighbour.started("1.0")
        shown = certificate[::-1] if wrong == "certificate" else certificate
        answer = await bring_back(world, neighbour, shown, neighbour if wrong == "batch" else dead)
        nodes = await world.rows("select count(*) from nodes where series = 'S1K1'")

    assert answer.status == {"batch": 403, "store": 404, "certificate": 403}[wrong]
    assert nodes == [(0,)]
