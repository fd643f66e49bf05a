"""The door for copies stands open to everybody on the network: strangers cost it next to nothing."""

import asyncio
import time
from contextlib import suppress

import aiohttp
import pytest

from edge.neighbours.admission import AT_ONCE_MAX, PROVEN_BYTES_MAX, UNPROVEN_BYTES_MAX, Admission, Sender
from shared.protocol.neighbours import PROOF_HEADER, make_proof
from tests.edge.neighbours.test_copies import OTHER, STRANGER, Pair, pair
from tests.edge.small_shop import NODE
from tests.world import until

__all__ = ["pair"]

LARGE = UNPROVEN_BYTES_MAX + 1


async def answered(address: str, size: int, proof: str | None = None, content: bytes = b"") -> int:
    """Announce a body of so many bytes, send only `content`, and return the status that comes all the same."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        head = (
            f"POST /copies HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n"
        )
        writer.write((head + (f"{PROOF_HEADER}: {proof}\r\n" if proof else "") + "\r\n").encode() + content)
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_who_is_no_neighbour_is_refused_before_the_body_comes(pair: Pair) -> None:
    key, unknown = pair.kiosk.identity.key, "0190a000-0000-7000-8000-000000000077"
    proofs = {
        "nobody's": make_proof(STRANGER, NODE.node_id, OTHER.node_id, b""),
        "unknown node's": make_proof(STRANGER, unknown, OTHER.node_id, b""),
        "for another neighbour": make_proof(key, NODE.node_id, unknown, b""),
        "our own": make_proof(pair.other.identity.key, OTHER.node_id, OTHER.node_id, b""),
        "no proof": "what is this",
    }

    async with asyncio.timeout(5):
        refused = {name: await answered(pair.address, LARGE, proof) for name, proof in proofs.items()}
        large = await answered(pair.address, LARGE)
        larger = await answered(pair.address, PROVEN_BYTES_MAX + 1, make_proof(key, NODE.node_id, OTHER.node_id, b""))

    assert refused == dict.fromkeys(proofs, 403)
    assert (large, larger) == (413, 413)


async def test_a_recorded_proof_lets_nothing_else_in(pair: Pair) -> None:
    await pair.till.sell("milk")
    recorded = make_proof(pair.kiosk.identity.key, NODE.node_id, OTHER.node_id, b"what was sent then")
    content = (await pair.next_copy()).model_dump_json().encode()

    assert await answered(pair.address, len(content), recorded, content) == 403
    assert await pair.held() == 0


async def test_a_box_of_the_first_version_is_served_without_a_proof(pair: Pair) -> None:
    await pair.till.sell("milk")
    copy = await pair.next_copy()
    url, body = f"http://{pair.address}/copies", copy.model_dump(mode="json")
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as answer:
        status = answer.status

    assert (status, await pair.held()) == (200, 2)


async def test_strangers_share_one_small_body_and_hold_up_no_neighbour(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.neighbours.admission.BODY_TIMEOUT_S", 3.0)
    await pair.till.sell("milk")
    slow = [asyncio.create_task(answered(pair.address, 1_000)) for _ in range(8)]

    async def all_but_one_sent_away() -> bool:
        return sum(task.done() for task in slow) >= 7

    await until(all_but_one_sent_away)
    await pair.copy()

    assert await pair.held() == 2
    assert sorted(await asyncio.gather(*slow)) == [408] + [409] * 7


async def test_a_neighbours_bodies_are_read_one_after_the_other(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.neighbours.admission.BODY_TIMEOUT_S", 0.3)
    proof = make_proof(pair.kiosk.identity.key, NODE.node_id, OTHER.node_id, b"")
    begin_s = time.monotonic()

    statuses = await asyncio.gather(*(answered(pair.address, LARGE, proof) for _ in range(5)))

    assert statuses == [408] * 5
    assert time.monotonic() - begin_s > 5 * 0.29


async def test_no_more_than_a_few_bodies_are_in_memory_at_once() -> None:
    admission, inside, most = Admission(), 0, 0

    async def bring(sender: Sender) -> None:
        nonlocal inside, most
        async with admission.turn_of(sender):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(bring(Sender(node_id=f"node {number}")) for number in range(20)), bring(Sender()))

    assert most == AT_ONCE_MAX + 1  # and the one that all strangers share
