"""The journal on its way up: every entry arrives once, whatever happens to answers, lines and head office itself."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cloud import app as cloud_app
from edge import app as edge_app
from edge import journal
from edge.shop import Shop
from edge.sync.client import HeadOfficeClient, HeadOfficeRefused, HeadOfficeSilent
from edge.sync.enrol import enrol
from edge.sync.pull import pull_all
from edge.sync.push import push_all
from shared.clock import SystemClock
from tests.edge.small_shop import Till, open_till, settings
from tests.edge.sync.head_office import playing, says
from tests.world import BARCODES, STORE, cloud_config, set_up, until


@dataclass(slots=True)
class Pair:
    """A real head office that can be stopped, copied and put back, and a shop that pushes when told to."""

    folder: Path
    office_key: str
    shop: Shop
    till: Till
    url: str = ""
    open_parts: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def open_office(self) -> None:
        self.open_parts = AsyncExitStack()
        opened = cloud_app.open_for_business(cloud_config(), self.folder / "cloud", SystemClock())
        _, self.url = await self.open_parts.enter_async_context(opened)

    async def close_office(self) -> None:
        await self.open_parts.aclose()

    def client(self) -> HeadOfficeClient:
        return HeadOfficeClient(self.url, SystemClock(), self.shop.identity.node_id, self.shop.identity.key)

    async def push(self) -> None:
        async with self.client() as head_office:
            await push_all(self.shop, head_office)

    async def sell(self) -> str:
        status, basket = await self.till.call("POST", "/api/lanes/kiosk/scans", {"code": BARCODES["milk"]})
        assert status == 200, basket
        _, paid = await self.till.pay(basket["id"])
        return str(paid["receipt_number"])

    async def unsent(self) -> int:
        return (await self.shop.db.transact(journal.backlog)).unsent

    async def orders(self, count: int) -> list[str]:
        """Wait for so many orders at head office; returns their numbers, oldest first."""
        headers = {"Authorization": f"Bearer {self.office_key}"}

        async def rows() -> list[dict[str, Any]]:
            async with self.till.http.get(f"{self.url}/api/orders?limit=200", headers=headers) as response:
                found: list[dict[str, Any]] = (await response.json())["orders"]
                return found

        async def arrived() -> bool:
            return len(await rows()) >= count

        await until(arrived)
        return [row["receipt_number"] for row in reversed(await rows())]


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with joined(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def joined(folder: Path) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        opened = cloud_app.open_for_business(cloud_config(), folder / "cloud", SystemClock())
        office = AsyncExitStack()
        head_office, url = await office.enter_async_context(opened)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        key, code = await set_up(http, url, head_office.operator_key, STORE)
        async with edge_app.open_database(folder / "edge") as db:
            await enrol(db, url, code, SystemClock())
        shop = await stack.enter_async_context(edge_app.open_shop(settings(), folder / "edge", SystemClock()))
        till = await stack.enter_async_context(open_till(shop))
        pair = Pair(folder, key, shop, till, url, office)
        async with pair.client() as client:
            await pull_all(shop, client)
        try:
            yield pair
        finally:
            await pair.close_office()


async def test_what_was_sold_arrives_in_order_and_once(pair: Pair) -> None:
    numbers = [await pair.sell() for _ in range(3)]
    for _ in range(3):
        await pair.push()

    assert await pair.orders(3) == numbers
    assert await pair.unsent() == 0
    assert pair.shop.line.online


async def test_more_than_one_batch_is_sent_to_the_end(pair: Pair) -> None:
    numbers = [await pair.sell() for _ in range(120)]
    await pair.push()

    assert await pair.unsent() == 0
    assert await pair.orders(120) == numbers


async def test_a_batch_whose_answer_was_lost_is_sent_again_and_counts_once(pair: Pair) -> None:
    await pair.push()
    before = await pair.shop.db.transact(lambda tx: tx.value("select seq from acknowledged"))
    numbers = [await pair.sell(), await pair.sell()]
    for _ in range(4):
        await pair.push()
        await pair.shop.db.transact(lambda tx: tx.execute("update acknowledged set seq = ?", (before,)))
    await pair.push()

    assert await pair.orders(2) == numbers
    assert await pair.unsent() == 0


async def test_a_head_office_restored_from_an_older_copy_is_refilled(pair: Pair) -> None:
    numbers = [await pair.sell()]
    await pair.push()
    await pair.orders(1)
    await pair.close_office()
    shutil.copytree(pair.folder / "cloud", pair.folder / "backup")
    await pair.open_office()
    numbers += [await pair.sell() for _ in range(3)]
    await pair.push()
    await pair.orders(4)
    await pair.close_office()
    shutil.rmtree(pair.folder / "cloud")
    shutil.move(pair.folder / "backup", pair.folder / "cloud")
    await pair.open_office()
    forgotten = await pair.orders(1)
    numbers.append(await pair.sell())
    for _ in range(2):  # the first round learns how far head office has come
        await pair.push()

    assert forgotten == numbers[:1]
    assert await pair.orders(5) == numbers
    assert await pair.unsent() == 0


@pytest.mark.parametrize("answer", ["", "{}", "<html>", '{"seq": 1, "head": "x"}'])
async def test_an_answer_that_is_none_leaves_everything_to_be_sent(pair: Pair, answer: str) -> None:
    await pair.sell()
    unsent = await pair.unsent()
    async with playing(says(answer)) as stage:
        pair.url, real = stage.url, pair.url
        with pytest.raises(HeadOfficeSilent):
            await pair.push()
    pair.url = real

    assert await pair.unsent() == unsent
    await pair.push()
    assert await pair.unsent() == 0


async def test_a_head_office_that_holds_another_journal_is_not_believed(pair: Pair) -> None:
    await pair.sell()
    unsent = await pair.unsent()
    foreign = '{"seq": 2, "head": "' + "cd" * 32 + '"}'
    async with playing(says(foreign)) as stage:
        pair.url = stage.url
        with pytest.raises(HeadOfficeRefused) as refused:
            await pair.push()

    assert "not what this box wrote" in refused.value.title
    assert await pair.unsent() == unsent
