"""Closed days are checked and open ones summed up in turn, however many boxes are busy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from cloud.app import handlers_by_fact, open_head_office, web_application
from cloud.days.worker import DUE_AT_ONCE, NODES_AT_ONCE, Books
from cloud.promotions.trials import Trials
from cloud.sync.projector import project
from shared.api.serving import serving
from tests.cloud.boxes import Box, an_id
from tests.cloud.world import MovableClock, World, config, open_world, send


@asynccontextmanager
async def without_workers(folder: Path) -> AsyncIterator[World]:
    """Open head office's doors; what its workers do, the test lets them do."""
    clock = MovableClock()
    async with (
        open_head_office(config(), folder, clock) as head_office,
        serving(web_application(head_office, Trials()), "127.0.0.1", 0) as url,
        aiohttp.ClientSession() as http,
    ):
        yield World(head_office, url, http, clock)


async def many_boxes(world: World, count: int) -> list[Box]:
    tenant = await world.tenant()
    store = await tenant.open_store()
    boxes = [await tenant.enrol(store["id"], f"kiosk {number}", f"S1K{number}") for number in range(count)]
    return sorted(boxes, key=lambda box: box.id)


async def deliver(world: World, *boxes: Box) -> None:
    """Send everything and interpret it."""
    for box in boxes:
        assert (await send(world, box, max(1, len(box.entries)))).status == 200
    last = ""
    while done := (await world.head_office.db.write(project, handlers_by_fact(), world.clock, last)).last:
        last = done


async def test_a_day_is_checked_and_everybody_followed_while_more_are_busy_than_are_looked_at(tmp_path: Path) -> None:
    async with without_workers(tmp_path) as world:
        *busy, quiet = await many_boxes(world, NODES_AT_ONCE + 2)
        books = Books(world.head_office)
        quiet.started("1.0")
        await deliver(world, quiet)
        quiet.closed()
        await deliver(world, quiet)
        left = []
        for number in range(3):
            for box in busy:
                box.started(f"1.{number}")
            await deliver(world, *busy)
            left.append(await books.go_round())
        states = await world.rows("select state from closings")
        followed = {node_id for (node_id,) in await world.rows("select node_id from open_days where last_seq > 0")}

    assert left == [True, True, True]
    assert states == [("proven",)]
    assert followed == {box.id for box in (*busy, quiet)}


async def test_a_box_that_closes_again_and_again_holds_up_no_other_ones_day(tmp_path: Path) -> None:
    async with without_workers(tmp_path) as world:
        loud, quiet = await many_boxes(world, 2)
        books = Books(world.head_office)
        for _ in range(2 * DUE_AT_ONCE):
            loud.closed()
            await deliver(world, loud)
        quiet.closed(id=an_id(1))
        await deliver(world, quiet)
        for _ in range(2):
            await books.go_round()
        done = dict(await world.rows("select node_id, sum(state != 'due') from closings group by node_id"))

    assert done[quiet.id] == 1
    assert done[loud.id] == 2 * DUE_AT_ONCE - 1


async def test_all_is_done_in_the_end(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        boxes = await many_boxes(world, NODES_AT_ONCE + 2)
        for box in boxes:
            box.started("1.0")
            box.closed(id=an_id(boxes.index(box)))
            await send(world, box)
        await world.checked()
        states = await world.rows("select state, count(*) from closings group by state")

    assert states == [("proven", len(boxes))]
