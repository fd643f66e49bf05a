"""A box hears its neighbours again after its network was away."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from edge.demo.daemons import free_port
from edge.neighbours.beacon import Listener, listening
from shared.protocol.neighbours import make_beacon
from tests.edge.neighbours.test_copies import STRANGER
from tests.edge.small_shop import NODE_ID
from tests.world import until

GROUP = "239.255.83.99"  # of these tests alone
PACKET = make_beacon(STRANGER, NODE_ID, 8087)
LARGEST_BYTES = 65_507  # of a packet


@dataclass(slots=True)
class Ear:
    """A box on the network: what it sends with, what it heard, and its socket."""

    heard: list[Any] = field(default_factory=list)
    sockets: list[Any] = field(default_factory=list)
    tell: Callable[[bytes], None] = lambda packet: None

    async def hears(self) -> bool:
        return bool(self.heard)


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    made = Ear()

    class Open(Listener):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.sockets.append(transport.get_extra_info("socket"))

    key = STRANGER.public_key().public_bytes_raw().hex()
    listener = Open({NODE_ID: key}.get, lambda *found: made.heard.append(found))
    try:
        async with listening(listener, GROUP, free_port(0)) as made.tell:
            made.tell(PACKET)
            await until(made.hears)
            made.heard.clear()
            yield made
    except OSError as error:
        pytest.skip(f"no multicast on this machine: {error}")


async def test_a_membership_that_went_with_its_interface_is_made_again(ear: Ear) -> None:
    membership = struct.pack("4sL", socket.inet_aton(GROUP), socket.INADDR_ANY)
    ear.sockets[0].setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, membership)

    ear.tell(PACKET)

    await until(ear.hears)


async def test_what_cannot_be_sent_is_told(ear: Ear) -> None:
    with pytest.raises(OSError, match="too long"):
        ear.tell(b"x" * (LARGEST_BYTES + 1))
