"""What a neighbour left is brought to head office; what happened on the way is written down, whatever cuts it short."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from edge.database import DiskFull
from edge.neighbours import service, storage
from edge.neighbours.delivering import REFUSED_RETRY_S, deliver, keep_delivering
from edge.shop import Shop
from edge.sync.client import HeadOfficeClient
from shared.protocol.batch import Acknowledged
from shared.protocol.enrolment import Certificate, certify
from shared.protocol.snapshot import new_key
from tests.edge.neighbours.test_copies import NODE, OTHER, Pair, pair
from tests.edge.small_shop import SIGNING_KEY, STAFF, HandClock, open_till, publish
from tests.edge.sync.head_office import Answer, Stage, playing, says, stranger
from tests.world import until

__all__ = ["pair"]  # a fixture

UNKNOWN_NODE = says(json.dumps({"code": "not-found", "title": "There is no such node.", "hint": "Check."}), 404)
NOTHING = says("", 500)


def holds(seq: int) -> Answer:
    return says(Acknowledged(seq=seq, head="0" * 64).model_dump_json())


async def leave_copies(pair: Pair) -> None:
    """Let the kiosk leave two batches: entries 1 and 2, and entry 3."""
    for _ in range(2):
        await pair.till.sell("milk")
        await pair.copy()


async def told(shop: Shop) -> list[dict[str, Any]]:
    """Return what the journal tells of deliveries."""
    rows = await shop.db.transact(lambda tx: tx.rows("select entry from journal order by seq"))
    entries = [json.loads(entry) for (entry,) in rows]
    return [entry["body"] for entry in entries if entry["name"] == "node.copies_delivered"]


@asynccontextmanager
async def delivering(shop: Shop, head_office: HeadOfficeClient) -> AsyncIterator[None]:
    """Let a box deliver what it has every few milliseconds while the context is open."""
    task = asyncio.create_task(keep_delivering(shop, head_office, waits_s=0.02))
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])


async def bring(pair: Pair, *answers: Answer) -> Stage:
    async with playing(*answers) as stage, stranger(stage.url) as head_office:
        await deliver(pair.other, head_office, NODE.node_id)
    return stage


@pytest.mark.parametrize("cut", [NOTHING, UNKNOWN_NODE])
async def test_what_was_brought_before_the_line_was_cut_is_written_down(pair: Pair, cut: Answer) -> None:
    await leave_copies(pair)

    await bring(pair, holds(0), holds(2), cut)
    assert await told(pair.other) == [{"node_id": NODE.node_id, "first_seq": 1, "last_seq": 2}]
    await bring(pair, holds(2), holds(3))

    assert [(one["first_seq"], one["last_seq"]) for one in await told(pair.other)] == [(1, 2), (3, 3)]


async def test_what_a_full_disk_did_not_take_is_written_down_later(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    await leave_copies(pair)
    real = service.delivered

    def full(*args: Any) -> int:
        if args[2] == 3:
            raise DiskFull
        return real(*args)

    monkeypatch.setattr(service, "delivered", full)
    with pytest.raises(DiskFull):
        await bring(pair, holds(0), holds(2), holds(3))
    monkeypatch.undo()
    assert await told(pair.other) == []
    await bring(pair, holds(3))

    assert await told(pair.other) == [{"node_id": NODE.node_id, "first_seq": 1, "last_seq": 3}]


async def test_refused_copies_are_kept_shown_and_offered_again_in_an_hour(pair: Pair) -> None:
    await leave_copies(pair)
    shop, clock = pair.other, pair.other.clock.device
    assert isinstance(clock, HandClock)
    shop.line.online = True
    await publish(shop.catalogue, ("node", NODE.node_id, None))  # head office has forgotten it

    async with playing(UNKNOWN_NODE) as stage, stranger(stage.url) as head_office, open_till(shop) as till:

        async def asked_again() -> bool:
            return len(stage.asked) > 1

        async with delivering(shop, head_office):
            with pytest.raises(TimeoutError):
                await until(asked_again, 0.5)
            assert len(stage.asked) == 1
            _, seen = await till.call("GET", "/api/neighbours", **STAFF)
            clock.passed_s += REFUSED_RETRY_S
            await until(asked_again)

    (left,) = [one for one in seen["neighbours"] if one["id"] == NODE.node_id]
    assert (left["copies"], left["refused"]) == (3, "There is no such node. Check.")
    assert await pair.held() == 3
    assert OTHER.node_id not in shop.company.refused


async def test_copies_that_are_taken_after_all_are_not_shown_as_refused(pair: Pair) -> None:
    await leave_copies(pair)
    await bring(pair, UNKNOWN_NODE)
    assert NODE.node_id in pair.other.company.refused
    await bring(pair, NOTHING)
    assert NODE.node_id in pair.other.company.refused

    await bring(pair, holds(0), holds(2), holds(3))

    assert pair.other.company.refused == {}
    assert await pair.held() == 0


SIGNER = Certificate(
    node_id=NODE.node_id,
    node_name=NODE.node_name,
    tenant_id=NODE.tenant_id,
    store_id=NODE.store_id,
    series=NODE.series,
    public_key="0" * 64,
)


def certified(pair: Pair, key: bytes = SIGNING_KEY) -> str:
    """Let head office say who the kiosk is; returns what it says."""
    public_key = pair.kiosk.identity.key.public_key().public_bytes_raw().hex()
    said = certify(SIGNER.model_copy(update={"public_key": public_key}), key)
    identity = pair.kiosk.identity
    enrolled = identity.enrolled.model_copy(update={"certificate": said})
    pair.kiosk.identity = replace(identity, enrolled=enrolled)
    return said


async def test_a_head_office_that_forgot_a_box_is_shown_its_certificate(pair: Pair) -> None:
    certificate = certified(pair)
    await leave_copies(pair)
    bodies: list[Any] = []

    async def known_again(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.json_response({"seq": 0, "head": "0" * 64})

    stage = await bring(pair, UNKNOWN_NODE, known_again, holds(2), holds(3))

    assert [request.path for request in stage.asked[1:]] == ["/api/returns/neighbours", *["/api/journal/copies"] * 2]
    assert (bodies[0]["certificate"], bodies[0]["batch"]["first_seq"]) == (certificate, 1)
    assert await pair.held() == 0
    assert pair.other.company.refused == {}


async def test_a_head_office_without_that_door_has_refused(pair: Pair) -> None:
    certified(pair)
    await leave_copies(pair)

    await bring(pair, UNKNOWN_NODE, UNKNOWN_NODE)

    assert await pair.held() == 3
    assert NODE.node_id in pair.other.company.refused


async def test_a_certificate_that_head_office_did_not_make_is_not_kept(pair: Pair) -> None:
    sound = certified(pair)
    await leave_copies(pair)
    certified(pair, key=new_key())
    await leave_copies(pair)

    assert await pair.other.db.transact(storage.certificate, NODE.node_id) == sound
    assert await pair.held() == 5
