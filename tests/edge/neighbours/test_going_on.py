"""What goes wrong between neighbours ends no daemon, and what is away delays nobody who is there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from edge.config import Neighbours
from edge.database import DiskFull, StorageFailed
from edge.neighbours import service
from edge.neighbours.gateway import HttpNeighbours
from edge.neighbours.worker import copy_to, keep_company, look_at
from edge.shop import JOURNAL, Shop
from tests.edge.neighbours.test_copies import OTHER, Pair, pair
from tests.edge.sync.head_office import stranger
from tests.world import until

__all__ = ["pair"]  # a fixture


@asynccontextmanager
async def in_company(shop: Shop, *addresses: str, **changes: Any) -> AsyncIterator["asyncio.Task[None]"]:
    """Let a box be a neighbour while the context is open; head office is away."""
    beside = Neighbours.model_validate({"host": "127.0.0.1", "beacon_port": 0, "addresses": addresses, **changes})
    async with stranger("http://127.0.0.1:9") as head_office:
        task = asyncio.create_task(keep_company(shop, beside, 1, head_office))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])


@pytest.mark.parametrize("failing", ["waiting", "copy_for"])
@pytest.mark.parametrize("trouble", [DiskFull, StorageFailed])
async def test_a_disk_that_fails_for_a_moment_ends_nothing(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, failing: str, trouble: type[Exception]
) -> None:
    real, asked = getattr(service, failing), []

    def fails_once(*args: Any) -> Any:
        asked.append(failing)
        if len(asked) == 1:
            raise trouble
        return real(*args)

    monkeypatch.setattr(service, failing, fails_once)
    monkeypatch.setattr("shared.workers.RETRY_S", 0.05)
    await pair.till.sell("milk")

    async def copied() -> bool:
        return await pair.held() == 2 and len(asked) > 1

    async with in_company(pair.kiosk, pair.address, waits_s=0.05) as task:
        await until(copied)
        assert not task.done()


async def test_two_addresses_of_one_box_do_not_replace_each_other(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Counting(HttpNeighbours):
        async def held(self, address: str, node_id: str, nonce: str) -> Any:
            asked.append(address)
            return await super().held(address, node_id, nonce)

    both = (pair.address, pair.address.replace("127.0.0.1", "localhost"))
    monkeypatch.setattr("edge.neighbours.worker.HttpNeighbours", Counting)
    monkeypatch.setattr("edge.neighbours.worker.LOOK_EVERY_S", 0.01)
    await pair.till.sell("milk")

    async def copied() -> bool:
        return await pair.held() == 2

    with pair.kiosk.hub.watching(JOURNAL) as written:
        async with in_company(pair.kiosk, *both):
            await until(copied)
            await asyncio.sleep(0.3)  # thirty more looks
        assert not written.is_set()  # to find a box is no reason to send anything up

    assert len(asked) <= 3  # once at each address, and once for what it holds
    assert pair.kiosk.company.addresses[OTHER.node_id] in both


async def test_a_box_that_answers_no_more_is_found_at_its_other_address(pair: Pair) -> None:
    beside = Neighbours(host="127.0.0.1", addresses=("127.0.0.1:9", pair.address))
    pair.kiosk.company.addresses[OTHER.node_id] = "127.0.0.1:9"
    pair.kiosk.company.led_to = dict.fromkeys(beside.addresses, OTHER.node_id)

    await look_at(pair.kiosk, beside, pair.http)
    assert pair.kiosk.company.addresses[OTHER.node_id] == "127.0.0.1:9"  # so far nobody knows
    await copy_to(pair.kiosk, pair.http, OTHER.node_id, "127.0.0.1:9")
    await look_at(pair.kiosk, beside, pair.http)

    assert pair.kiosk.company.addresses[OTHER.node_id] == pair.address
