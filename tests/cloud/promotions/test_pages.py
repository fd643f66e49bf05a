"""A pack that comes in several pages: between two of them a box may stop at any moment, and never sells with a part."""

import asyncio
import json
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from edge.catalogue.open_catalogue import Catalogue
from shared.protocol.feed import FEED_ROWS_MAX, FeedPage
from tests.cloud.boxes import Box
from tests.cloud.promotions.offers import easy, follow, whole
from tests.cloud.world import Tenant, World, knock_as, open_world

COUNT = FEED_ROWS_MAX + 200
# Takes one page of the feed, tells so, and waits to be killed.
BOX = """
import asyncio, sys, time
from pathlib import Path
from edge.catalogue.open_catalogue import Catalogue
from shared.protocol.feed import FeedPage

page = FeedPage.model_validate_json(sys.stdin.buffer.read())
asyncio.run(Catalogue(Path(sys.argv[1])).apply(page.rows, page.cursor, more=page.more))
print("taken", flush=True)
time.sleep(60)
"""


async def pack(tenant: Tenant, percent: int, *, without: int = 0) -> str:
    """Make and publish a pack of two pages; returns its version."""
    reward = {"kind": "percent", "value": percent * 100}
    offers = [easy(f"P{number}", reward=reward) for number in range(without, COUNT)]
    answer = await tenant.knock("PUT", "/api/promotions", json={"promotions": offers})
    assert answer.status == 200, answer.body
    version: str = answer.body["version"]
    return version


async def next_page(world: World, box: Box, folder: Path) -> FeedPage:
    """Fetch the page that a stopped box would ask for."""
    with closing(Catalogue(folder)) as node:
        answer = await knock_as(world, box, "GET", f"/api/feed?cursor={node.cursor}")
    return FeedPage.model_validate_json(json.dumps(answer.body))


async def take_and_be_killed(folder: Path, page: FeedPage) -> None:
    """Let a process of its own take one page, and kill it as soon as it has."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", BOX, str(folder), stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(page.model_dump_json().encode())
    process.stdin.close()
    assert await process.stdout.readline() == b"taken\n"
    process.kill()
    assert await process.wait() == -signal.SIGKILL


def version_in(folder: Path) -> str:
    """Return what a box sells with that starts here now."""
    with closing(Catalogue(folder)) as node:
        return node.pack.version


async def with_first_pack(world: World, folder: Path) -> tuple[Tenant, Box, str]:
    tenant = await world.tenant()
    box = await tenant.enrol((await tenant.open_store())["id"])
    first = await pack(tenant, 10)
    with closing(Catalogue(folder)) as node:
        await follow(world, box, node)
    assert version_in(folder) == first
    return tenant, box, first


async def test_a_box_that_is_killed_between_two_pages_sells_with_the_pack_before_and_then_with_the_next(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "node"
    async with open_world(tmp_path / "office") as world:
        tenant, box, first = await with_first_pack(world, folder)
        second = await pack(tenant, 20, without=3)
        page = await next_page(world, box, folder)
        await take_and_be_killed(folder, page)
        between = version_in(folder)
        last = await next_page(world, box, folder)
        await take_and_be_killed(folder, last)

    assert (page.more, last.more) == (True, False)
    assert between == first
    assert version_in(folder) == second


async def test_a_pack_that_is_published_in_the_middle_is_the_one_that_comes(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    async with open_world(tmp_path / "office") as world:
        tenant, box, first = await with_first_pack(world, folder)
        await pack(tenant, 20)
        await take_and_be_killed(folder, await next_page(world, box, folder))
        third = await pack(tenant, 30, without=COUNT - 5)  # ends most of what is waiting
        seen = [version_in(folder)]
        while (page := await next_page(world, box, folder)).more:
            await take_and_be_killed(folder, page)
            seen.append(version_in(folder))
        await take_and_be_killed(folder, page)

    assert set(seen) == {first}
    assert version_in(folder) == third


async def test_a_whole_catalogue_in_the_middle_brings_its_own_pack_and_nothing_that_waited(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    async with open_world(tmp_path / "office") as world:
        tenant, box, _ = await with_first_pack(world, folder)
        await pack(tenant, 20)
        await take_and_be_killed(folder, await next_page(world, box, folder))
        third = await pack(tenant, 30)
        at_once = await whole(world, box, folder)
        with closing(Catalogue(folder)) as node:
            await follow(world, box, node)

    assert at_once == third
    assert version_in(folder) == third


async def test_a_file_of_an_earlier_version_is_given_room_for_what_waits(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    async with open_world(tmp_path / "office") as world:
        tenant, box, first = await with_first_pack(world, folder)
        with closing(sqlite3.connect(folder / "catalogue.db")) as file:
            file.execute("drop table promotions_to_come")
        before = version_in(folder)
        second = await pack(tenant, 20)
        with closing(Catalogue(folder)) as node:
            await follow(world, box, node)

    assert before == first
    assert version_in(folder) == second
