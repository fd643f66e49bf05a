"""HTTP in memory: bytes go to aiohttp's own request handlers and come back, without sockets.

What happens to the bytes on their way is a `Passage`: by default they arrive whole after a moment.
"""

import asyncio
import contextvars
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any, cast

from aiohttp import web

from shared.api.serving import SHUTDOWN_S
from tests.simulator.loop import MachineClock

LATENCY_S = 0.001


class Refused(ConnectionError):
    """Nobody listens there."""


class Broken(ConnectionError):
    """The connection ended before the answer did."""


@dataclass
class Passage:
    """How bytes travel through one connection, to the server and back."""

    def there(self, data: bytes) -> tuple[float, bytes]:
        """Return after how many seconds these bytes arrive, and what is left of them."""
        return LATENCY_S, data

    def back(self, data: bytes) -> tuple[float, bytes]:
        return LATENCY_S, data


class ServerEnd(asyncio.Transport):
    """What the server's protocol writes to."""

    def __init__(self, connection: "Connection") -> None:
        super().__init__({"peername": ("127.0.0.1", 0)})
        self._connection = connection
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._is_closing:
            self._connection.answered(bytes(data))

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._connection.ended_by_server()

    def abort(self) -> None:
        self.close()

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Connection:
    """One connection, seen from the client."""

    def __init__(self, door: "Door", passage: Passage) -> None:
        self._loop = asyncio.get_running_loop()
        self._door = door
        self._passage = passage
        self._inbox = bytearray()
        self._arrived = asyncio.Event()
        # Pieces under way keep their order, also where they arrive in the same instant.
        self._there: deque[bytes] = deque()
        self._back: deque[bytes | None] = deque()  # None ends it
        self._due_there_s = self._due_back_s = self._loop.time()
        self.is_over = False  # nothing more will come
        self.is_broken = False  # and it did not end in good order
        self._protocol = cast("asyncio.Protocol", door.server())
        self._end = ServerEnd(self)
        door.connections[self] = None
        door.context.copy().run(self._protocol.connection_made, self._end)

    def send(self, data: bytes) -> None:
        after_s, data = self._passage.there(data)
        if data:
            self._due_there_s = max(self._due_there_s, self._loop.time() + after_s)
            self._there.append(data)
            self._loop.call_at(self._due_there_s, self._deliver, context=self._door.context.copy())

    def _deliver(self) -> None:
        data = self._there.popleft()
        if not self._end.is_closing() and self in self._door.connections:
            self._protocol.data_received(data)

    def answered(self, data: bytes) -> None:
        self._send_back(*self._passage.back(data))

    def _send_back(self, after_s: float, data: bytes | None) -> None:
        self._due_back_s = max(self._due_back_s, self._loop.time() + after_s)
        self._back.append(data)
        self._loop.call_at(self._due_back_s, self._arrive)

    def _arrive(self) -> None:
        data = self._back.popleft()
        if data is None:
            self._over()
        elif not self.is_over:
            self._inbox += data
            self._arrived.set()

    def ended_by_server(self) -> None:
        self._send_back(0.0, None)
        self._hang_up()

    def _over(self) -> None:
        self.is_over = True
        self._arrived.set()

    def break_off(self) -> None:
        """Let both ends find the connection lost."""
        self.is_broken = True
        self._over()
        self._hang_up()

    def _hang_up(self) -> None:
        if self in self._door.connections:
            del self._door.connections[self]
            self._loop.call_soon(self._lose, context=self._door.context.copy())

    def _lose(self) -> None:
        self._end._is_closing = True
        self._protocol.connection_lost(None)

    async def receive(self, size: int) -> bytes:
        """Return what came, at most `size` bytes; nothing at the end. Raises Broken."""
        while not self._inbox:
            if self.is_broken:
                raise Broken
            if self.is_over:
                return b""
            self._arrived.clear()
            await self._arrived.wait()
        taken = bytes(self._inbox[:size])
        del self._inbox[:size]
        return taken

    def close(self) -> None:
        self.is_over = True
        self._hang_up()


@dataclass
class Door:
    """An application that listens, with the context in which it runs."""

    server: web.Server
    context: contextvars.Context
    connections: dict[Connection, None] = field(default_factory=dict)


@dataclass
class Network:
    """Who listens under which name."""

    doors: dict[str, Door] = field(default_factory=dict)

    def connect(self, name: str, passage: Passage | None = None) -> Connection:
        """Raises Refused when nobody listens there."""
        if name not in self.doors:
            raise Refused(name)
        return Connection(self.doors[name], passage or Passage())

    def tear_down(self, name: str) -> None:
        """Nobody listens there any more, and every connection is lost."""
        if door := self.doors.pop(name, None):
            for connection in list(door.connections):
                connection.break_off()

    @asynccontextmanager
    async def listening(self, name: str, clock: MachineClock, app: web.Application) -> AsyncIterator[str]:
        """Open an application's doors under a name; gives its address."""

        async def tell_time(request: web.Request, response: web.StreamResponse) -> None:
            response.headers["Date"] = format_datetime(clock.now(), usegmt=True)

        app.on_response_prepare.append(tell_time)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        assert runner.server is not None
        door = self.doors[name] = Door(runner.server, contextvars.copy_context())
        try:
            yield f"http://{name}"
        finally:
            if self.doors.get(name) is door:
                self.tear_down(name)
            await runner.cleanup()

    async def call(self, name: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send a request over a line without faults. Returns status and answer. Raises Refused, Broken."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"Host": name, "Content-Length": str(len(content)), "Connection": "close", **headers}
        if content:
            headers.setdefault("Content-Type", "application/json")
        head = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
        connection = self.connect(name)
        connection.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + content)
        came = bytearray()
        while piece := await connection.receive(1 << 20):
            came += piece
        head_text, found, answer = bytes(came).partition(b"\r\n\r\n")
        if not found:
            raise Broken
        status = int(head_text.split(b" ", 2)[1])
        return status, json.loads(answer) if answer else None
