"""A neighbour keeps what is unsent: whole, once, as it was signed, and only from nodes of the store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge import app, journal
from edge.config import Neighbours
from edge.fleet import service as fleet
from edge.neighbours import service
from edge.neighbours.api import application
from edge.neighbours.calling import NeighbourAway
from edge.neighbours.gateway import HttpNeighbours
from edge.neighbours.worker import copy_to, look_at
from edge.shop import Shop
from shared.api.serving import serving
from shared.protocol.batch import Acknowledged, BadSignature, BrokenChain
from shared.protocol.enrolment import Enrolled
from shared.protocol.neighbours import (
    Copy,
    make_held,
    make_nonce,
    verify_copy,
)
from tests.edge.small_shop import NODE, STORE_ID, TENANT_ID, HandClock, Till, assortment, open_till, publish, settings

OTHER = Enrolled(
    node_id="0190a000-0000-7000-8000-000000000021",
    node_name="gateway",
    tenant_id=TENANT_ID,
    store_id=STORE_ID,
    series="T1K2",
    signing_key=NODE.signing_key,
)
STRANGER = Ed25519PrivateKey.generate()


@asynccontextmanager
async def open_node(folder: Path, enrolled: Enrolled) -> AsyncIterator[Shop]:
    async with app.open_database(folder) as db:
        await db.transact(fleet.key_for_enrolment)
        await db.transact(fleet.enrol, enrolled)
    async with app.open_shop(settings(), folder, HandClock()) as shop:
        yield shop


def known_as(shop: Shop) -> tuple[str, str, dict[str, Any]]:
    enrolled, public_key = shop.identity.enrolled, shop.identity.key.public_key().public_bytes_raw().hex()
    return "node", enrolled.node_id, {"id": enrolled.node_id, "name": enrolled.node_name, "public_key": public_key}


@dataclass(slots=True)
class Pair:
    """A kiosk that sells, and the neighbour that keeps copies of it."""

    till: Till
    other: Shop
    address: str
    http: HttpNeighbours

    @property
    def kiosk(self) -> Shop:
        return self.till.shop

    async def copy(self) -> None:
        await copy_to(self.kiosk, self.http, OTHER.node_id, self.address)

    async def held(self) -> int:
        return await self.other.db.transact(service.held_seq, NODE.node_id)

    async def next_copy(self, held: int = 0) -> Copy:
        copy = await self.kiosk.db.transact(service.copy_for, self.kiosk.identity, held, make_nonce())
        assert copy is not None
        return copy


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with open_node(tmp_path / "kiosk", NODE) as kiosk, open_node(tmp_path / "other", OTHER) as other:
        nodes = known_as(kiosk), known_as(other)
        await publish(kiosk.catalogue, *assortment(), *nodes)
        await publish(other.catalogue, *assortment(), *nodes)
        http = HttpNeighbours(kiosk.identity)
        async with open_till(kiosk) as till, serving(application(other), "127.0.0.1", 0) as url:
            yield Pair(till, other, url.removeprefix("http://"), http)
        await http.close()


async def acknowledge(shop: Shop, seq: int) -> None:
    head = await shop.db.transact(journal.hash_at, shop.identity.node_id, seq)
    assert head is not None
    answer = Acknowledged(seq=seq, head=head.hex())
    assert await shop.db.transact(journal.acknowledge, answer, shop.identity.node_id)


async def test_what_is_unsent_is_kept_by_the_neighbour(pair: Pair) -> None:
    for _ in range(3):
        await pair.till.sell("milk")
        await pair.copy()

    assert await pair.held() == 4


async def test_a_long_backlog_is_kept_too(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.journal.BATCH_ENTRIES_MAX", 2)
    for _ in range(6):
        await pair.till.sell("milk")

    await pair.copy()

    assert await pair.held() == 7


async def test_what_head_office_has_is_forgotten(pair: Pair) -> None:
    for _ in range(2):
        await pair.till.sell("milk")
        await pair.copy()
    await acknowledge(pair.kiosk, 2)
    await pair.till.sell("milk")
    await pair.copy()

    kept = await pair.other.db.transact(service.next_of, NODE.node_id)

    assert kept is not None
    assert (kept.first_seq, await pair.held()) == (3, 4)


async def test_what_head_office_has_already_is_not_copied(pair: Pair) -> None:
    await pair.till.sell("milk")
    await acknowledge(pair.kiosk, 2)
    await pair.copy()

    assert await pair.held() == 0


async def test_a_neighbour_that_lost_its_copies_is_given_them_again(pair: Pair) -> None:
    await pair.till.sell("milk")
    await pair.copy()
    await pair.other.db.transact(lambda tx: tx.execute("delete from copies").fetchall())
    await pair.till.sell("milk")

    await pair.copy()
    await pair.copy()

    assert await pair.held() == 3


async def test_a_repeat_changes_nothing(pair: Pair) -> None:
    await pair.till.sell("milk")
    copy = await pair.next_copy()

    answers = [(await pair.http.keep(pair.address, OTHER.node_id, copy)).seq for _ in range(3)]

    assert answers == [2, 2, 2]


async def test_a_copy_that_would_leave_a_gap_is_not_kept(pair: Pair) -> None:
    await pair.till.sell("milk")
    await pair.till.sell("milk")

    answer = await pair.http.keep(pair.address, OTHER.node_id, await pair.next_copy(held=2))

    assert (answer.seq, await pair.held()) == (0, 0)


async def test_a_byte_that_was_changed_is_found(pair: Pair) -> None:
    await pair.till.sell("milk")
    copy = await pair.next_copy()
    key = pair.kiosk.identity.key.public_key().public_bytes_raw().hex()
    entries = tuple(text.replace("milk", "gold") for text in copy.batch.entries)
    forged = copy.model_copy(update={"batch": copy.batch.model_copy(update={"entries": entries})})
    theirs = STRANGER.public_key().public_bytes_raw().hex()

    verify_copy(copy, key)
    with pytest.raises(BrokenChain):
        verify_copy(forged, key)
    with pytest.raises(BadSignature):
        verify_copy(copy, theirs)


async def test_strangers_and_we_ourselves_are_no_neighbours(pair: Pair) -> None:
    await pair.till.sell("milk")
    copy = await pair.next_copy()
    unknown = copy.model_copy(update={"node_id": "0190a000-0000-7000-8000-000000000077"})
    itself = copy.model_copy(update={"node_id": OTHER.node_id})

    statuses = []
    async with aiohttp.ClientSession() as http:
        for sent in (unknown, itself):
            async with http.post(f"http://{pair.address}/copies", json=sent.model_dump(mode="json")) as answer:
                statuses.append(answer.status)
        async with http.get(f"http://{pair.address}/api/orders") as answer:
            statuses.append(answer.status)

    assert statuses == [403, 403, 404]


async def test_who_answers_for_a_neighbour_is_not_believed(pair: Pair) -> None:
    class Impostor(HttpNeighbours):
        async def held(self, address: str, node_id: str, nonce: str) -> Any:
            return make_held(STRANGER, node_id, OTHER.node_id, 999, nonce)

    await pair.till.sell("milk")
    impostor = Impostor(pair.kiosk.identity)
    await copy_to(pair.kiosk, impostor, OTHER.node_id, pair.address)
    await impostor.close()

    assert OTHER.node_id not in pair.kiosk.company.held


async def test_a_neighbour_that_is_away_stops_nobody(pair: Pair) -> None:
    await pair.till.sell("milk")
    await copy_to(pair.kiosk, pair.http, OTHER.node_id, "127.0.0.1:9")
    with pytest.raises(NeighbourAway):
        await pair.http.held("127.0.0.1:9", NODE.node_id, make_nonce())

    await pair.copy()

    assert await pair.held() == 2


async def test_copies_have_a_bound(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.neighbours.service.ENTRIES_MAX", 3)
    for _ in range(4):
        await pair.till.sell("milk")
        await pair.copy()

    assert await pair.held() == 3


async def test_the_last_of_a_disk_is_for_the_boxs_own_sales(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.neighbours.service.FREE_BYTES_MIN", 10**18)
    await pair.till.sell("milk")

    with pytest.raises(NeighbourAway, match="503"):
        await pair.http.keep(pair.address, OTHER.node_id, await pair.next_copy())


async def test_the_box_in_the_place_of_a_retired_one_is_found_at_its_address(pair: Pair) -> None:
    retired = "0190a000-0000-7000-8000-000000000099"  # it had this address, and the feed names it no more
    pair.kiosk.company.addresses[retired] = pair.address

    await look_at(pair.kiosk, Neighbours(host="127.0.0.1", addresses=(pair.address,)), pair.http)

    assert pair.kiosk.company.addresses[OTHER.node_id] == pair.address
