"""A node that floods head office waits for itself alone."""

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from cloud.database import READERS, Transaction
from cloud.received import Node
from cloud.turns import WAITING_MAX, TooManyAtOnce, Turns
from shared.model.quota import promotion_quota
from tests.cloud.boxes import Box, an_id
from tests.cloud.sync.test_waiting import at_the_end, waiting
from tests.cloud.world import World, knock_as, open_world


async def test_a_node_has_one_turn_at_a_time_in_the_order_of_asking() -> None:
    turns, seen = Turns(), []

    async def ask(number: int) -> None:
        async with turns.of("loud"):
            seen.append(("begins", number))
            await asyncio.sleep(0)
            seen.append(("ends", number))

    await asyncio.gather(*(ask(number) for number in range(3)))

    assert seen == [(what, number) for number in range(3) for what in ("begins", "ends")]
    assert turns.nodes == {}


async def test_others_do_not_wait_for_it() -> None:
    turns, may_end = Turns(), asyncio.Event()

    async def ask(node: str) -> str:
        async with turns.of(node):
            await may_end.wait()
            return node

    loud = [asyncio.create_task(ask("loud")) for _ in range(WAITING_MAX)]
    await asyncio.sleep(0)
    async with turns.of("quiet"):
        served = not any(task.done() for task in loud)
    may_end.set()
    await asyncio.gather(*loud)

    assert served


async def test_more_than_so_many_at_once_are_refused_and_leave_no_trace() -> None:
    turns, may_end = Turns(), asyncio.Event()

    async def ask() -> None:
        async with turns.of("loud"):
            await may_end.wait()

    asked = [asyncio.create_task(ask()) for _ in range(WAITING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyAtOnce):
        await ask()
    asked[-1].cancel()  # its line was cut
    await asyncio.sleep(0)
    again = asyncio.create_task(ask())
    may_end.set()
    await asyncio.gather(*asked, again, return_exceptions=True)

    assert again.done()
    assert again.exception() is None
    assert turns.nodes == {}


async def test_a_flood_is_served_or_told_to_ask_again_and_others_are_served(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        loud, quiet = await tenant.enrol(store["id"]), await tenant.enrol(store["id"], "till", "S1T1")
        loud.started(*(f"1.{number}" for number in range(100)))
        body = loud.batch().model_dump_json()
        flood = [asyncio.create_task(knock_as(world, loud, "POST", "/api/journal", data=body)) for _ in range(150)]
        answer = await knock_as(world, quiet, "POST", "/api/contacts", data='{"unsent": 0}')
        statuses = {(await task).status for task in flood}
        held = await world.rows("select count(*) from journal")

    assert answer.status == 200
    assert statuses <= {200, 503}
    assert held == [(100,)]


async def test_a_node_that_reads_on_many_lines_takes_one_thread(tmp_path: Path) -> None:
    begun, may_end = [], threading.Event()

    def read(_: Transaction, name: str) -> str:
        begun.append(name)
        assert name == "quiet" or may_end.wait(timeout=30)
        return name

    async with open_world(tmp_path) as world:
        loud, quiet = (Node(an_id(number), an_id(1), an_id(2), b"") for number in (1, 2))
        read_for = world.head_office.read_for
        flood = [asyncio.create_task(read_for(loud, read, "loud")) for _ in range(4 * READERS)]
        answered = await read_for(quiet, read, "quiet")
        before_the_flood = list(begun)
        may_end.set()
        await asyncio.gather(*flood)

    assert answered == "quiet"
    assert before_the_flood.count("loud") <= 1
    assert begun.count("loud") == len(flood)


READING = {
    "the feed": ("GET", "/api/feed?cursor=0", None),
    "the feed, ready to wait": ("GET", "/api/feed?cursor=0&wait_s=5", None),
    "a copy": ("GET", "/api/journal/copies/{other}", None),
    "who am I": ("GET", "/api/enrolment", None),
    "a balance": (
        "POST",
        "/api/uses/balances",
        {"basket_id": an_id(1), "quota": promotion_quota("P"), "digest": "0" * 32},
    ),
    "come back": ("POST", "/api/returns", {"certificate": "{certificate}"}),
}


@pytest.mark.parametrize("door", READING)
async def test_every_door_that_reads_for_a_node_waits_for_its_turn(tmp_path: Path, door: str) -> None:
    method, path, body = READING[door]

    def knock(world: World, box: Box, other: Box, certificate: str) -> Any:
        data = json.dumps(body).replace("{certificate}", certificate) if body is not None else None
        return asyncio.create_task(knock_as(world, box, method, path.format(other=other.id), data=data))

    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        loud, quiet = await tenant.enrol(store["id"]), await tenant.enrol(store["id"], "till", "S1T1")
        papers = [(await knock_as(world, box, "GET", "/api/enrolment")).body["certificate"] for box in (loud, quiet)]
        async with world.head_office.turns.of(loud.id):
            waits = knock(world, loud, quiet, papers[0])
            others = [(await knock(world, quiet, loud, papers[1])).status for _ in range(5)]
            is_waiting = not waits.done()
        served = (await waits).status

    assert others == [200] * 5
    assert is_waiting
    assert served == 200


async def test_a_node_that_waits_for_news_holds_up_nothing_else_of_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        asked = await waiting(world, box, await at_the_end(tenant, box))
        answer = await knock_as(world, box, "POST", "/api/contacts", data='{"unsent": 0}')
        still_waits = not asked.done()
        asked.cancel()

    assert answer.status == 200
    assert still_waits
