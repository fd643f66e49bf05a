"""What goes wrong between neighbours ends no daemon, and what is away delays nobody who is there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from edge.config import Neighbours
from edge.database import DiskFull, StorageFailed
from edge.neighbours import service
from edge.neighbours.calling import ANSWER_TIMEOUT_S
from edge.neighbours.gateway import HttpNeighbours
from edge.neighbours.worker import copy_to, found, keep_company, look_at
from edge.shop import JOURNAL, Shop
from tests.edge.neighbours.test_copies import OTHER, STRANGER, Pair, pair
from tests.edge.small_shop import publish
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


async def never_answers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await asyncio.sleep(60)
    finally:
        writer.close()


async def test_a_box_that_does_not_answer_delays_no_other(pair: Pair) -> None:
    dead = "0190a000-0000-7000-8000-000000000031"
    body = {"id": dead, "name": "dead", "public_key": STRANGER.public_key().public_bytes_raw().hex()}
    await publish(pair.kiosk.catalogue, ("node", dead, body))
    silence = await asyncio.start_server(never_answers, "127.0.0.1", 0)
    silent = "127.0.0.1:{1}".format(*silence.sockets[0].getsockname())
    pair.kiosk.company.addresses |= {dead: silent, OTHER.node_id: pair.address}  # as beacons told
    loop = asyncio.get_running_loop()

    async def copied() -> bool:
        return await pair.held() == 1 + len(sold)

    sold: list[Any] = []
    begun_s = loop.time()
    async with in_company(pair.kiosk, silent):
        while len(sold) < 5:
            sold.append(await pair.till.sell("milk"))
            await until(copied)
        took_s = loop.time() - begun_s
    silence.close()

    assert took_s < ANSWER_TIMEOUT_S
    assert dead not in pair.kiosk.company.held


async def test_a_box_that_was_away_is_given_what_it_lacks_where_it_is_found(pair: Pair) -> None:
    pair.kiosk.company.addresses[OTHER.node_id] = "127.0.0.1:9"
    await pair.till.sell("milk")

    async def missed() -> bool:
        return OTHER.node_id in pair.kiosk.company.away

    async def copied() -> bool:
        return await pair.held() == 3

    async with in_company(pair.kiosk):
        await until(missed)
        await pair.till.sell("milk")  # wakes nobody who waits for a box that is away
        found(pair.kiosk, OTHER.node_id, pair.address)
        await until(copied)

    assert OTHER.node_id not in pair.kiosk.company.away
