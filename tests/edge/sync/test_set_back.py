"""A box whose disk was set back to an older copy delivers what it sells beside what is held of it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from cloud import app as cloud_app
from edge import app as edge_app
from edge.sync.client import HeadOfficeRefused
from edge.sync.push import go_own_way, push_all
from shared.clock import SystemClock
from tests.edge.small_shop import open_till, settings
from tests.edge.sync.head_office import playing, says
from tests.edge.sync.test_push import Pair, joined
from tests.world import cloud_config

BROKEN = '{"code": "broken-chain", "title": "No.", "hint": "Enrol again."}'
UNKNOWN = '{"code": "not-found", "title": "No such door.", "hint": "Look at /docs."}'
ATTEMPTS = 5


@asynccontextmanager
async def reopened(folder: Path, office_key: str) -> AsyncIterator[Pair]:
    """Start both sides again on the data that lie in the folder."""
    async with AsyncExitStack() as stack:
        office = AsyncExitStack()
        opened = cloud_app.open_for_business(cloud_config(), folder / "cloud", SystemClock())
        _, url = await office.enter_async_context(opened)
        shop = await stack.enter_async_context(edge_app.open_shop(settings(), folder / "edge", SystemClock()))
        pair = Pair(folder, office_key, shop, await stack.enter_async_context(open_till(shop)), url, office)
        try:
            yield pair
        finally:
            await pair.close_office()


@asynccontextmanager
async def box_set_back(folder: Path) -> AsyncIterator[Pair]:
    """Let a box sell three orders of which its disk knows the first."""
    async with joined(folder) as pair:
        await pair.sell()
        await pair.push()
        shutil.copytree(folder / "edge", folder / "older")
        await pair.sell()
        await pair.sell()
        await pair.push()
        await pair.orders(3)
        office_key = pair.office_key
    shutil.rmtree(folder / "edge")
    shutil.move(folder / "older", folder / "edge")
    async with reopened(folder, office_key) as pair:
        yield pair


async def pushed(pair: Pair) -> list[str]:
    """Push until it succeeds, as the daemon does; returns why it was refused."""
    refusals: list[str] = []
    async with pair.client() as head_office:
        while len(refusals) < ATTEMPTS:
            try:
                await push_all(pair.shop, head_office)
            except HeadOfficeRefused as refused:
                refusals.append(str(refused.facts["code"]))
                await go_own_way(pair.shop, refused)
            else:
                break
    return refusals


async def test_everything_it_sells_arrives_and_doubled_numbers_are_sold_twice(tmp_path: Path) -> None:
    async with box_set_back(tmp_path) as pair:
        numbers = [await pair.sell() for _ in range(3)]
        refusals = await pushed(pair)
        orders = await pair.orders(6)
        last = await pair.sell()
        again = await pushed(pair)

        assert refusals == ["broken-chain"]
        assert [number[-6:] for number in numbers] == ["000002", "000003", "000004"]
        assert sorted(number[-6:] for number in orders) == ["000001", "000002", "000002", "000003", "000003", "000004"]
        assert (again, await pair.unsent()) == ([], 0)
        assert last in await pair.orders(7)


async def test_a_branch_that_head_office_lost_is_sent_again_from_the_oldest_entry(tmp_path: Path) -> None:
    async with box_set_back(tmp_path) as pair:
        await pair.close_office()
        shutil.copytree(tmp_path / "cloud", tmp_path / "copy")
        await pair.open_office()
        await pair.sell()
        await pushed(pair)
        await pair.close_office()
        shutil.rmtree(tmp_path / "cloud")
        shutil.move(tmp_path / "copy", tmp_path / "cloud")
        await pair.open_office()
        await pair.sell()
        refusals = await pushed(pair)

        assert refusals == ["broken-chain"]
        assert await pair.unsent() == 0
        assert len(await pair.orders(5)) == 5


async def test_a_batch_that_was_damaged_on_its_way_costs_a_box_nothing(tmp_path: Path) -> None:
    async with joined(tmp_path) as pair:
        numbers = [await pair.sell()]
        async with playing(says(BROKEN, 409)) as stage:
            pair.url, real = stage.url, pair.url
            await pushed(pair)
        pair.url = real
        numbers.append(await pair.sell())

        assert await pushed(pair) == []
        assert await pair.orders(2) == numbers
        assert await pair.unsent() == 0


async def test_an_older_head_office_without_that_door_is_asked_at_the_usual_one(tmp_path: Path) -> None:
    async with joined(tmp_path) as pair:
        numbers = [await pair.sell()]
        pair.shop.line.has_parted = True
        async with playing(says(UNKNOWN, 404)) as stage:
            pair.url, real = stage.url, pair.url
            await pushed(pair)
        pair.url = real

        assert [request.path for request in stage.asked][:2] == ["/api/journal/branches", "/api/journal"]
        assert await pushed(pair) == []
        assert await pair.orders(1) == numbers
