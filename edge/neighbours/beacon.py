"""Finding the other boxes of a store: each says now and then, to whoever listens on the network, where it is."""

import asyncio
import errno
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from shared.errors import ShopwrightError
from shared.protocol.neighbours import Beacon, NotANeighbour, read_beacon, verify_beacon

log = structlog.get_logger()

HOPS = 1  # never beyond the store's own network


@dataclass(slots=True)
class Listener(asyncio.DatagramProtocol):
    """Hears beacons and tells of those that neighbours made; anybody may repeat one from elsewhere."""

    public_key: Callable[[str], str | None]  # of a node of this store
    heard: Callable[[Beacon, str], None]  # with the address where it says that the node is
    trouble: OSError | None = field(default=None, init=False)  # of a packet that was not sent

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a packet; whatever is wrong with it, it is only passed over: anybody may send packets."""
        try:
            beacon = read_beacon(data)
            key = self.public_key(beacon.node_id)
            if key is None:
                raise NotANeighbour
            verify_beacon(beacon, key)
        except ShopwrightError as error:
            log.debug("beacon_passed_over", problem=error.code, sender=addr[0])
            return
        self.heard(beacon, f"{addr[0]}:{beacon.port}")

    def error_received(self, exc: Exception) -> None:
        """Keep what went wrong: nothing else is told of it, whoever sends the next packet raises it."""
        self.trouble = exc if isinstance(exc, OSError) else OSError(str(exc))


@asynccontextmanager
async def listening(listener: Listener, group: str, port: int) -> AsyncIterator[Callable[[bytes], None]]:
    """Listen while the context is open; gives what sends a packet to everybody.

    Both raise OSError without a network: it may go away and come back as another.
    """
    ours = _socket(group, port)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: listener, sock=ours)
    listener.trouble = None

    def tell(packet: bytes) -> None:
        _join(ours, group)
        transport.sendto(packet, (group, port))
        if listener.trouble is not None:
            raise listener.trouble

    try:
        yield tell
    finally:
        transport.close()


def _socket(group: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # several nodes may share one machine
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, HOPS)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        made.bind(("", port))
        _join(made, group)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def _join(ours: socket.socket, group: str) -> None:
    """Hear the group where the machine's network is now: a membership goes with the interface that it was made on."""
    membership = struct.pack("4sL", socket.inet_aton(group), socket.INADDR_ANY)
    try:
        ours.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:  # it is heard there already
            raise
