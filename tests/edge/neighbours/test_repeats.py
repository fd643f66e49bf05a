"""Copies travel in the clear. Whoever saw a packet and sends it again, changed or not, makes no box forget anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from edge.neighbours import service, storage
from edge.neighbours.worker import copy_to
from shared.api.routes import Routes, install
from shared.api.serving import serving
from shared.model.strict import Count, Id, Strict
from shared.protocol.batch import Batch, HexDigest
from shared.protocol.neighbours import Copy, Signature, make_held, make_nonce
from tests.edge.neighbours.test_copies import NODE, OTHER, Pair, acknowledge, pair
from tests.edge.sync.head_office import playing, says

__all__ = ["pair"]  # a fixture


class FirstCopy(Strict):
    """A copy as boxes of the first version know it."""

    node_id: Id
    after_hash: HexDigest
    acknowledged_seq: Count
    batch: Batch


class FirstHeld(Strict):
    """An answer as boxes of the first version know it."""

    node_id: Id
    by: Id
    seq: Count
    signature: Signature


async def kept(pair: Pair) -> list[tuple[int, int]]:
    """Return first and last entry of each copy."""
    return await pair.other.db.transact(lambda tx: tx.rows("select first_seq, last_seq from copies order by first_seq"))


async def take(pair: Pair, copy: Copy) -> int:
    """Let the neighbour take a packet. Returns the status of its answer."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"http://{pair.address}/copies", json=copy.model_dump(mode="json")) as answer,
    ):
        return answer.status


def first_version(copy: Copy) -> Copy:
    """Return a copy as a box of the first version sends it, or a stranger who takes the rest away."""
    return copy.model_copy(update={"acknowledged_signature": None, "nonce": None})


@pytest.mark.parametrize("stripped", [False, True])
async def test_a_repeat_with_another_word_of_head_office_drops_nothing(pair: Pair, stripped: bool) -> None:
    await pair.till.sell("milk")
    first = await pair.next_copy()
    await pair.copy()
    await pair.till.sell("milk")
    await pair.copy()
    before = await kept(pair)
    forged = (first_version(first) if stripped else first).model_copy(update={"acknowledged_seq": 2**53})

    assert await take(pair, forged) == 403
    assert await take(pair, first) == 200
    assert await kept(pair) == before != []


async def test_a_repeat_drops_nothing_after_head_office_was_set_back(pair: Pair) -> None:
    for _ in range(2):
        await pair.till.sell("milk")
        await pair.copy()
    await acknowledge(pair.kiosk, 3)
    await pair.till.sell("milk")
    seen = await pair.next_copy(held=3)  # it says that head office has 3
    await pair.copy()
    assert await kept(pair) == [(4, 4)]
    await pair.other.db.transact(lambda tx: tx.execute("delete from copies").fetchall())
    await acknowledge(pair.kiosk, 1)
    pair.kiosk.company.held.clear()
    await pair.copy()
    before = await kept(pair)

    assert await take(pair, seen) == 200
    assert await kept(pair) == before == [(2, 4)]


async def test_copies_of_a_box_of_the_first_version_are_kept_and_make_nobody_forget(pair: Pair) -> None:
    await pair.till.sell("milk")
    first = await pair.next_copy()
    await pair.till.sell("milk")
    second = (await pair.next_copy(held=2)).model_copy(update={"acknowledged_seq": 2})

    statuses = [await take(pair, first_version(copy)) for copy in (first, second)]

    assert statuses == [200, 200]
    assert await kept(pair) == [(1, 2), (3, 3)]


async def test_an_answer_of_before_counts_for_nothing(pair: Pair) -> None:
    """The neighbour's disk was replaced since, or it is not the neighbour who answers."""
    await pair.till.sell("milk")
    await pair.copy()
    key, node_id = pair.other.identity.key, NODE.node_id
    recorded = [make_held(key, node_id, OTHER.node_id, 99, nonce) for nonce in (None, make_nonce())]

    for held in recorded:
        async with playing(says(held.model_dump_json())) as stage:
            pair.kiosk.company.held.clear()
            pair.kiosk.company.dated.clear()  # it was started again
            await copy_to(pair.kiosk, pair.http, OTHER.node_id, stage.url.removeprefix("http://"))

        assert len(stage.asked) == 1
        assert OTHER.node_id not in pair.kiosk.company.held


@asynccontextmanager
async def first_version_neighbour(pair: Pair) -> AsyncIterator[str]:
    """Open the doors of a neighbour of the first version: it refuses what it does not know."""
    routes = Routes("first")
    identity = pair.other.identity

    def answer(seq: int) -> FirstHeld:
        held = make_held(identity.key, NODE.node_id, identity.node_id, seq, None)
        return FirstHeld.model_validate_json(held.model_dump_json())

    @routes.post("/copies", summary="Keep")
    async def keep(request: web.Request, body: FirstCopy) -> FirstHeld:
        await pair.other.db.transact(storage.add, body.node_id, body.batch)
        return answer(body.batch.last_seq)

    @routes.get("/copies/{node_id}", summary="Ask")
    async def ask(request: web.Request, node_id: Id) -> FirstHeld:
        return answer(await pair.other.db.transact(service.held_seq, node_id))

    app = web.Application()
    install(app, routes.routes)
    async with serving(app, "127.0.0.1", 0) as url:
        yield url.removeprefix("http://")


async def test_a_neighbour_of_the_first_version_keeps_copies_until_it_is_newer(pair: Pair) -> None:
    async with first_version_neighbour(pair) as address:
        for _ in range(2):
            await pair.till.sell("milk")
            await copy_to(pair.kiosk, pair.http, OTHER.node_id, address)
        assert await pair.held() == 3
    await pair.till.sell("milk")
    await pair.copy()  # without a pause, so that nothing tells that it was away

    assert await pair.held() == 4
    assert await pair.other.db.transact(storage.is_dated, NODE.node_id)


async def test_a_box_of_the_first_version_is_answered_in_its_words(pair: Pair) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"http://{pair.address}/copies/{NODE.node_id}") as answer:
        FirstHeld.model_validate_json(await answer.read())
    await pair.till.sell("milk")
    copy = await pair.next_copy()
    FirstCopy.model_validate_json(first_version(copy).model_dump_json())
