"""Where neighbours are: they say so themselves, and who repeats what one said leads nobody astray."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.neighbours.worker import copy_to, heard
from shared.errors import Denied
from shared.protocol.neighbours import (
    BadBeacon,
    NotANeighbour,
    make_beacon,
    make_held,
    read_beacon,
    verify_beacon,
    verify_held,
)
from tests.edge.neighbours.test_copies import OTHER, STRANGER, Pair, pair
from tests.edge.small_shop import NODE

__all__ = ["pair"]

ELSEWHERE = "127.0.0.1:9"


def hear(pair: Pair, address: str, turn: tuple[int, int] | None = None) -> str:
    """Let the kiosk hear a beacon of its neighbour from an address. Returns where it looks for it then."""
    port = int(address.rpartition(":")[2])
    heard(pair.kiosk, read_beacon(make_beacon(pair.other.identity.key, OTHER.node_id, port, turn)), address)
    return pair.kiosk.company.addresses[OTHER.node_id]


async def copy_there(pair: Pair) -> None:
    """Bring the neighbour up to date where it is thought to be."""
    await copy_to(pair.kiosk, pair.http, OTHER.node_id, pair.kiosk.company.addresses[OTHER.node_id])


async def test_a_recorded_beacon_from_elsewhere_leads_no_copies_there(pair: Pair) -> None:
    hear(pair, pair.address, (1, 7))
    await pair.till.sell("milk")

    places = {hear(pair, ELSEWHERE, turn) for turn in ((1, 7), (1, 6), (0, 99))}
    await copy_there(pair)

    assert (places, await pair.held()) == ({pair.address}, 2)


async def test_a_neighbour_that_moved_is_followed_after_its_restart_too(pair: Pair) -> None:
    assert hear(pair, ELSEWHERE, (1, 7)) == ELSEWHERE
    assert hear(pair, pair.address, (1, 8)) == pair.address
    assert hear(pair, ELSEWHERE, (2, 1)) == ELSEWHERE


async def test_a_beacon_of_the_first_version_moves_nobody_who_answers(pair: Pair) -> None:
    hear(pair, pair.address)
    await pair.till.sell("milk")
    await copy_there(pair)
    while_it_answers = hear(pair, ELSEWHERE)
    pair.kiosk.company.addresses[OTHER.node_id] = ELSEWHERE  # as if it had moved away from there
    await pair.till.sell("milk")
    await copy_there(pair)

    assert (while_it_answers, await pair.held()) == (pair.address, 2)
    assert hear(pair, pair.address) == pair.address


async def test_whoever_was_led_astray_comes_back_with_the_next_beacon(pair: Pair) -> None:
    assert hear(pair, ELSEWHERE) == ELSEWHERE  # recorded from the first version, before anything else was heard
    assert hear(pair, pair.address, (1, 7)) == pair.address


def test_boxes_of_the_first_version_are_told_in_their_own_words() -> None:
    told = json.loads(make_beacon(STRANGER, NODE.node_id, 8087))

    assert sorted(told) == ["node_id", "port", "signature"]


@pytest.mark.parametrize("turn", [None, (12, 3)])
def test_a_beacon_says_who_and_where_and_nobody_else_can(turn: tuple[int, int] | None) -> None:
    key = Ed25519PrivateKey.generate()
    public_key = key.public_key().public_bytes_raw().hex()
    beacon = read_beacon(make_beacon(key, NODE.node_id, 8087, turn))

    verify_beacon(beacon, public_key)
    for change in ({"port": 9999}, {"node_id": OTHER.node_id}, {"turn": (12, 4)}):
        with pytest.raises(NotANeighbour):
            verify_beacon(beacon.model_copy(update=change), public_key)
    with pytest.raises(Denied):
        verify_held(make_held(STRANGER, NODE.node_id, OTHER.node_id, 3, None), public_key)


@pytest.mark.parametrize("packet", [b"", b"{}", b"\xff\x00", b"[" * 900, b'"x"', b" " * 2_000, b'{"node_id": 1}'])
def test_any_packet_may_come(packet: bytes) -> None:
    with pytest.raises(BadBeacon):
        read_beacon(packet)
