"""A box becomes a node with a one-time code."""

from pathlib import Path
from typing import Any

import pytest

from tests.cloud.boxes import Box
from tests.cloud.world import Answer, Tenant, World, knock_as, open_world, send

CODE_HOURS = 72


async def enrol(world: World, box: Box, code: str) -> Answer:
    return await world.knock("POST", "/api/enrolments", json={"code": code, "public_key": box.public_key})


async def prepared(world: World) -> tuple[Tenant, dict[str, Any]]:
    tenant = await world.tenant()
    store = await tenant.open_store()
    return tenant, await tenant.prepare(store["id"])


async def test_the_right_code_makes_a_box_the_node(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, node = await prepared(world)
        box = Box(world.clock)
        enrolled = await enrol(world, box, node["enrolment_code"])
        box.become(enrolled.body)
        box.started("1.0")
        delivered = await send(world, box)

    assert enrolled.body["tenant_id"] == tenant.id
    assert (enrolled.body["node_id"], enrolled.body["node_name"]) == (node["id"], "kiosk")
    assert enrolled.body["series"] == "S1K1"
    assert delivered.status == 200


@pytest.mark.parametrize("wrong", ["2222-2222-2222", "' or 1=1 --", "    "])
async def test_a_wrong_code_makes_nobody_a_node(tmp_path: Path, wrong: str) -> None:
    async with open_world(tmp_path) as world:
        await prepared(world)
        answer = await enrol(world, Box(world.clock), wrong)
        keys = await world.rows("select public_key from nodes")

    assert (answer.status, answer.body["code"]) == (403, "unknown-code")
    assert keys == [(None,)]


async def test_a_code_that_another_box_used_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, node = await prepared(world)
        first, second = Box(world.clock), Box(world.clock)
        await enrol(world, first, node["enrolment_code"])
        refused = await enrol(world, second, node["enrolment_code"])
        keys = await world.rows("select public_key from nodes")

    assert (refused.status, refused.body["code"]) == (409, "code-used")
    assert keys == [(first.public_key,)]


async def test_a_box_that_lost_the_answer_repeats_itself_even_after_the_code_expired(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, node = await prepared(world)
        box = Box(world.clock)
        first = await enrol(world, box, node["enrolment_code"])
        again = await enrol(world, box, node["enrolment_code"])
        world.clock.pass_by(hours=CODE_HOURS + 1)
        late = await enrol(world, box, node["enrolment_code"])

    assert first.status == again.status == late.status == 200
    assert first.body == again.body == late.body


async def test_a_code_is_good_to_its_last_second(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, node = await prepared(world)
        world.clock.pass_by(hours=CODE_HOURS)
        answer = await enrol(world, Box(world.clock), node["enrolment_code"])

    assert answer.status == 200


async def test_an_expired_code_is_refused(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, node = await prepared(world)
        world.clock.pass_by(hours=CODE_HOURS, seconds=1)
        answer = await enrol(world, Box(world.clock), node["enrolment_code"])

    assert (answer.status, answer.body["code"]) == (403, "code-expired")
    assert "2026-03-05T09:00" in answer.body["title"]


async def test_the_operator_says_how_long_codes_are_good(tmp_path: Path) -> None:
    async with open_world(tmp_path, enrolment_code_hours=1) as world:
        _, node = await prepared(world)
        world.clock.pass_by(hours=1, seconds=1)
        answer = await enrol(world, Box(world.clock), node["enrolment_code"])

    assert node["expires_at"] == "2026-03-02T10:00:00Z"
    assert answer.body["code"] == "code-expired"


async def test_a_node_that_was_never_enrolled_is_nobody(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, node = await prepared(world)
        box = Box(world.clock, id=node["id"])
        answer = await knock_as(world, box, "GET", "/api/feed")

    assert (answer.status, answer.body["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("public_key", ["", "0" * 63, "0" * 65, "G" * 64, "A" * 64])
async def test_a_public_key_is_64_hex_digits(tmp_path: Path, public_key: str) -> None:
    async with open_world(tmp_path) as world:
        _, node = await prepared(world)
        body = {"code": node["enrolment_code"], "public_key": public_key}
        answer = await world.knock("POST", "/api/enrolments", json=body)

    assert answer.status == 400
    assert "public_key" in answer.body["title"]
