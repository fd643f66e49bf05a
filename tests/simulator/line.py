"""A store's line to head office, under the edge's real HTTP client: cut, slow, lossy, repeating, late, flipping bits.

Bits are flipped only where the protocol proves itself (the journal and its acknowledgements); everywhere else that is
TLS's work, of which there is none here.
"""

import asyncio
import random
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore2
import httpx2

from tests.simulator.wire import Broken, Connection, Network, Passage, Refused

HEAD_OFFICE = "head-office"
FATES = (
    "request lost",
    "request truncated",
    "request flipped",
    "request late",
    "request repeated",
    "answer lost",
    "answer truncated",
    "answer flipped",
    "slow",
)
FLIPS = ("request flipped", "answer flipped")
PROVEN = (b"POST /api/journal ", b"POST /api/contacts ")
FAST_S = (0.002, 0.02)
SLOW_S = (0.2, 3.0)
LATE_S = (1.0, 30.0)  # the client gives up after ten
CONNECT_SILENT_S = 3.0
REPEATED_MAX = 3
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Line:
    """One box's line. `trouble` is the share of exchanges that do not go well."""

    network: Network
    chance: random.Random
    note: Callable[..., None]  # takes what happens on the line into the run's trace
    trouble: float = 0.0
    fates: tuple[str, ...] = FATES
    is_cut: bool = False
    is_dead: bool = False  # its box is without power
    streams: list["Stream"] = field(default_factory=list)

    def cut(self) -> None:
        self.is_cut = True
        for stream in list(self.streams):
            stream.connection.break_off()
        self.streams.clear()

    def transport(self) -> httpx2.AsyncBaseTransport:
        """Return what an HTTP client sends through this line."""
        transport = httpx2.AsyncHTTPTransport(verify=NO_TLS)
        transport._pool = httpcore2.AsyncConnectionPool(network_backend=Backend(self))
        return transport

    def exchange(self) -> "Exchange":
        fate = self.chance.choice(self.fates) if self.chance.random() < self.trouble else "well"
        return Exchange(self, fate)

    def repeat(self, request: bytes) -> None:
        """Let a copy of a request arrive later; nobody hears its answer."""
        loop = asyncio.get_running_loop()
        for _ in range(self.chance.randint(1, REPEATED_MAX)):
            loop.call_later(self.chance.uniform(0.0, LATE_S[1]), self._send_again, request)

    def _send_again(self, request: bytes) -> None:
        if self.is_cut or HEAD_OFFICE not in self.network.doors:
            return
        self.note("line", "repeats", request.split(b" ", 2)[1].decode(errors="replace"))
        connection = self.network.connect(HEAD_OFFICE)
        connection.send(request)
        asyncio.get_running_loop().call_later(LATE_S[1], connection.close)


@dataclass
class Exchange:
    """One request and its answer on their way."""

    line: Line
    fate: str
    request: bytearray = field(default_factory=bytearray)
    answered: int = 0  # bytes

    def settle(self, data: bytes) -> None:
        """Learn what is asked; what nothing proves is not flipped."""
        if not self.request:
            if "flipped" in self.fate and not data.startswith(PROVEN):
                self.fate = "well"
            if self.fate != "well":
                self.line.note("line", self.fate, data.split(b" ", 2)[1].decode(errors="replace"))
            if self.fate == "request late":
                self.late_s = self.line.chance.uniform(*LATE_S)
        self.request += data

    def there(self, data: bytes, break_off: Callable[[], None]) -> tuple[float, bytes]:
        is_head = not self.request
        self.settle(data)
        chance = self.line.chance
        match self.fate:
            case "request lost":
                self._perhaps(break_off)
                return 0.0, b""
            case "request truncated":
                self._perhaps(break_off)
                return chance.uniform(*FAST_S), data[: chance.randrange(len(data) + 1)] if is_head else b""
            case "request flipped":
                return chance.uniform(*FAST_S), flipped(data, chance)
            case "request late":
                return self.late_s, data
            case "slow":
                return chance.uniform(*SLOW_S), data
        return chance.uniform(*FAST_S), data

    def back(self, data: bytes, break_off: Callable[[], None]) -> tuple[float, bytes]:
        chance = self.line.chance
        self.answered += len(data)
        match self.fate:
            case "answer lost":
                self._perhaps(break_off)
                return 0.0, b""
            case "answer truncated":
                self._perhaps(break_off)
                return chance.uniform(*FAST_S), data[: chance.randrange(len(data) + 1)]
            case "answer flipped":
                return chance.uniform(*FAST_S), flipped(data, chance)
            case "request repeated" if self.answered == len(data):
                self.line.repeat(bytes(self.request))
            case "slow":
                return chance.uniform(*SLOW_S), data
        return chance.uniform(*FAST_S), data

    def _perhaps(self, break_off: Callable[[], None]) -> None:
        """Break the connection, so that both ends know; or let them wait in silence."""
        if self.line.chance.random() < 0.5:
            asyncio.get_running_loop().call_later(self.line.chance.uniform(*FAST_S), break_off)


def flipped(data: bytes, chance: random.Random) -> bytes:
    """Return the same bytes with one bit turned over."""
    if not data:
        return data
    bit = chance.randrange(8 * len(data))
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


class Stream(Passage, httpcore2.AsyncNetworkStream):
    """A connection as the client's library wants it."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.exchange = line.exchange()
        self.connection: Connection = line.network.connect(HEAD_OFFICE, self)
        self._has_read = False
        line.streams.append(self)

    def there(self, data: bytes) -> tuple[float, bytes]:
        return self.exchange.there(data, self.connection.break_off)

    def back(self, data: bytes) -> tuple[float, bytes]:
        return self.exchange.back(data, self.connection.break_off)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        self._has_read = True
        try:
            async with asyncio.timeout(timeout):
                return await self.connection.receive(max_bytes)
        except TimeoutError as error:
            raise httpcore2.ReadTimeout from error
        except Broken as error:
            raise httpcore2.ReadError from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if self.connection.is_over or self.line.is_cut:
            raise httpcore2.WriteError
        if self._has_read:
            self._has_read = False
            self.exchange = self.line.exchange()
        if buffer:
            self.connection.send(bytes(buffer))

    async def aclose(self) -> None:
        if self in self.line.streams:
            self.line.streams.remove(self)
        self.connection.close()

    def get_extra_info(self, info: str) -> Any:
        return self.connection.is_over if info == "is_readable" else None


@dataclass
class Backend(httpcore2.AsyncNetworkBackend):
    """Opens connections through a line."""

    line: Line

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        if self.line.is_dead:
            raise httpcore2.ConnectError
        if self.line.is_cut and self.line.chance.random() < 0.5:
            await asyncio.sleep(CONNECT_SILENT_S)  # nobody says no
            raise httpcore2.ConnectTimeout
        await asyncio.sleep(self.line.chance.uniform(*FAST_S))
        if self.line.is_cut:
            raise httpcore2.ConnectError
        try:
            return Stream(self.line)
        except Refused as error:
            raise httpcore2.ConnectError from error

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
