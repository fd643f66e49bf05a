"""A node that floods head office waits for itself alone."""

import asyncio
from pathlib import Path

import pytest

from cloud.turns import WAITING_MAX, TooManyAtOnce, Turns
from tests.cloud.world import knock_as, open_world


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
