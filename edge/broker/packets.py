"""A client's connection as whole packets, so that nothing larger, slower or more than allowed comes further."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from amqtt.adapters import ReaderAdapter, WriterAdapter

from edge.broker.soundness import is_sound

PACKET_BYTES_MAX = 256 * 1024  # a gate's batch of a thousand tags is a third of it
PACKET_S = 30.0  # how long one packet may take from its first byte to its last
UNSENT_BYTES_MAX = 1024 * 1024  # what a client may leave unread
KEEP_ALIVE_FACTOR = 1.5  # MQTT 3.1.1, section 3.1.2.10
BREATH_S = 0.005  # how long a client waits whose messages are not yet handed on
LENGTH_BYTES_MAX = 4


class PacketTooLarge(ValueError):
    """A packet announces more bytes than we take."""


async def read_packet(first: bytes, reader: asyncio.StreamReader, bytes_max: int = PACKET_BYTES_MAX) -> bytes:
    """Return the whole packet that begins with this byte; it is refused by its length before its body is read.

    Raises PacketTooLarge, asyncio.IncompleteReadError at the end of the stream, ConnectionError.
    """
    packet = first
    length = 0
    for position in range(LENGTH_BYTES_MAX):
        packet += await reader.readexactly(1)
        length |= (packet[-1] & 0x7F) << 7 * position
        if packet[-1] < 0x80:
            break
    else:
        raise PacketTooLarge
    if length > bytes_max:
        raise PacketTooLarge
    return packet + await reader.readexactly(length)


class PacketReader(ReaderAdapter):
    """Gives a broker the bytes of one sound packet after the other, beginning with one that we wrote."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        first: bytes,
        keep_alive_s: int,
        ended: Callable[[str], None],
    ) -> None:
        """first: a whole packet. ended: told why the connection is given up, unless the client left by itself."""
        self.is_crowded: Callable[[], bool] = bool  # whether the client has to wait before it is read further
        self._reader = reader
        self._packet = memoryview(first)
        self._silence_s = keep_alive_s * KEEP_ALIVE_FACTOR if keep_alive_s else None
        self._ended = ended

    async def read(self, n: int = -1) -> bytes:
        """Return the next n bytes of the present packet, or of the next one when it is used up; nothing at the end."""
        if not self._packet and n:
            self._packet = memoryview(await self._next())
        part, self._packet = self._packet[:n], self._packet[n:]
        return bytes(part)

    def feed_eof(self) -> None:
        self._reader.feed_eof()

    async def _next(self) -> bytes:
        await asyncio.sleep(0)  # one client's flood lets the others have their turn
        while self.is_crowded():  # noqa: ASYNC110, the queue is the broker's and tells nobody
            await asyncio.sleep(BREATH_S)
        try:
            packet = await self._read()
            if is_sound(packet):
                return packet
            self._ended("malformed")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        except PacketTooLarge:
            self._ended("packet_too_large")
        except TimeoutError:
            self._ended("silent")
        return b""

    async def _read(self) -> bytes:
        async with asyncio.timeout(self._silence_s) as patience:
            first = await self._reader.readexactly(1)
            patience.reschedule(asyncio.get_running_loop().time() + PACKET_S)
            return await read_packet(first, self._reader)


class PacketWriter(WriterAdapter):
    """Writes without ever waiting: who does not read what they asked for is cut off."""

    def __init__(self, writer: asyncio.StreamWriter, ended: Callable[[str], None]) -> None:
        self._writer = writer
        self._ended = ended

    def write(self, data: bytes) -> None:
        if self._writer.transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
            self._ended("does_not_read")
        elif not self._writer.is_closing():
            self._writer.write(data)

    async def drain(self) -> None:
        return

    def get_peer_info(self) -> tuple[str, int] | None:
        peer = self._writer.get_extra_info("peername")
        return (peer[0], peer[1]) if peer else None

    def get_ssl_info(self) -> ssl.SSLObject | None:
        return cast("ssl.SSLObject | None", self._writer.get_extra_info("ssl_object"))

    async def close(self) -> None:
        with suppress(ConnectionError):
            self._writer.close()
