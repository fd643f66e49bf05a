"""The door of the store's broker: everybody is counted, timed and proven here, before the broker hears of them."""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import structlog

from edge.broker.connect import CONNECT, NOT_AUTHORISED, Connect, Refusal, parse, render
from edge.broker.packets import PacketReader, PacketTooLarge, PacketWriter, read_packet
from edge.broker.settings import Broker as BrokerSettings
from edge.broker.soundness import body_of
from edge.broker.topics import Caller
from edge.broker.users import Slowing, Users

log = structlog.get_logger()

CONNECT_S = 10.0  # from the first contact to a whole CONNECT; a handshake over a poor radio takes two
CLOSE_S = 2.0  # how long what was written may take to leave before a connection is cut
CONNECT_BYTES_MAX = 16 * 1024  # what a stranger may have us keep


@dataclass(slots=True)
class Connection:
    """A client that was let in. `id` is its name inside the broker: two connections never share one."""

    id: str
    caller: Caller
    reader: PacketReader
    writer: PacketWriter
    end: Callable[[str], None]


@dataclass(slots=True)
class Guard:
    """Lets clients in, one task each."""

    settings: BrokerSettings
    enter: Callable[[Connection], Awaitable[None]]  # serves a client for as long as it is connected
    refused: Callable[[str], None]  # counts who was sent away, or cut off, by reason
    tls: ssl.SSLContext | None = None
    connect_s: float = CONNECT_S
    users: Users = field(init=False)
    slowing: Slowing = field(default_factory=Slowing)
    addresses: Counter[str] = field(default_factory=Counter)
    clients: dict[tuple[str, str], Connection] = field(default_factory=dict)
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    entered: int = 0

    def __post_init__(self) -> None:
        self.users = Users(self.settings.users, self.settings.anonymous)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Listen while the context is open; gives the port. Raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: QuickProtocol(self._connected, is_held=self.tls is not None),
            self.settings.host,
            self.settings.port,
        )
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            await server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = (writer.get_extra_info("peername") or ("",))[0]
        if self.addresses.total() >= self.settings.connections_max:
            self._cut(writer, "too_many")
        elif self.addresses[address] >= self.settings.connections_per_address_max:
            self._cut(writer, "too_many_of_address")
        else:
            self.addresses[address] += 1
            task = asyncio.create_task(self._serve(address, reader, writer))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _cut(self, writer: asyncio.StreamWriter, reason: str) -> None:
        self.refused(reason)
        log.debug("broker_client_cut", reason=reason)
        writer.transport.abort()

    async def _serve(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            entering = await self._admit(address, reader, writer)
            if entering is not None:
                await self._keep(entering, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # gone
        except (TimeoutError, ssl.SSLError):
            self._cut(writer, "no_connect")
        except PacketTooLarge:
            self._cut(writer, "packet_too_large")
        except Exception:  # a client that breaks its own connection breaks no other
            log.exception("broker_client_failed", address=address)
        finally:
            self.addresses[address] -= 1
            if not self.addresses[address]:
                del self.addresses[address]
            await _close(writer)

    async def _admit(
        self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[Connect, Caller] | None:
        """Read and answer a CONNECT; None when the client was refused."""
        async with asyncio.timeout(self.connect_s):
            if self.tls is not None:
                await writer.start_tls(self.tls)
            packet = await read_packet(await reader.readexactly(1), reader, CONNECT_BYTES_MAX)
        connect = _read(packet)
        if isinstance(connect, Refusal):
            await self._refuse(connect, writer)
            return None
        caller = self.users.caller(connect.user, connect.secret)
        if caller is None:
            await asyncio.sleep(self.slowing.failed(address))
            await self._refuse(Refusal("not_proven", NOT_AUTHORISED), writer)
            return None
        self.slowing.proved(address)
        if connect.will and not caller.may_say(connect.will.topic):
            await self._refuse(Refusal("foreign_will", NOT_AUTHORISED), writer)
            return None
        return connect, caller

    async def _refuse(self, refusal: Refusal, writer: asyncio.StreamWriter) -> None:
        self.refused(refusal.reason)
        log.debug("broker_client_refused", reason=refusal.reason)
        writer.write(refusal.answer)
        await writer.drain()

    async def _keep(
        self, entering: tuple[Connect, Caller], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        connect, caller = entering
        self.entered += 1

        def end(reason: str) -> None:
            if not writer.is_closing():
                self._cut(writer, reason)

        # Inside the broker a client has a name of ours: nobody can take over a connection by guessing its client id.
        # The guard watches over silence, so the broker need not.
        inside = replace(connect, client_id=f"{self.entered}", user=caller.name or None, secret=None, keep_alive_s=0)
        packets = PacketReader(reader, render(inside), connect.keep_alive_s, end)
        connection = Connection(inside.client_id, caller, packets, PacketWriter(writer, end), end)
        known_as = (caller.name, connect.client_id or inside.client_id)
        if before := self.clients.get(known_as):
            before.end("taken_over")  # the same user came again, perhaps before its old connection is known to be dead
        self.clients[known_as] = connection
        try:
            await self.enter(connection)
        finally:
            if self.clients.get(known_as) is connection:
                del self.clients[known_as]


def _read(packet: bytes) -> Connect | Refusal:
    if packet[0] != CONNECT:
        return Refusal("malformed")
    return parse(body_of(packet))


async def _close(writer: asyncio.StreamWriter) -> None:
    """Let the last words leave, but not for ever."""
    with suppress(ConnectionError, TimeoutError, ssl.SSLError):
        writer.close()
        async with asyncio.timeout(CLOSE_S):
            await writer.wait_closed()
    writer.transport.abort()


class QuickProtocol(asyncio.StreamReaderProtocol):
    """A stream whose every segment is acknowledged at once.

    Stock clients write a message in two pieces and hold the second back until the first is acknowledged (RFC 896);
    Linux waits up to 40 ms with acknowledgements, and forgets that it shall not. asyncio itself sets TCP_NODELAY.
    """

    def __init__(
        self, connected: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None], *, is_held: bool
    ) -> None:
        """is_held: nothing is read until TLS has begun."""
        super().__init__(asyncio.StreamReader(), connected)
        self._is_held = is_held

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        probe_silence(transport)
        self._acknowledge = quick_acknowledging(transport)
        super().connection_made(transport)
        if self._is_held and isinstance(transport, asyncio.Transport):
            self._is_held = False
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        self._acknowledge()
        super().data_received(data)


def probe_silence(transport: asyncio.BaseTransport) -> None:
    """Let the system find clients that are gone without a word, within four minutes: not all promise to keep alive."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in {"TCP_KEEPIDLE": 120, "TCP_KEEPINTVL": 30, "TCP_KEEPCNT": 4}.items():
            if hasattr(socket, option):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def quick_acknowledging(transport: asyncio.BaseTransport) -> Callable[[], None]:
    """Return what acknowledges at once all that has come; where the system cannot, it does nothing."""
    connection = transport.get_extra_info("socket")
    quick = getattr(socket, "TCP_QUICKACK", None)
    if connection is None or quick is None:
        return lambda: None
    return lambda: connection.setsockopt(socket.IPPROTO_TCP, quick, 1)
