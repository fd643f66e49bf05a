"""A line to head office that understands HTTP, and breaks what it is told to: one request at one door, each time."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

LIMIT_BYTES = 32_000_000
AWAY_S = 0.3
DELAY_S = 0.5
DELAYS_S = {"/api/uses/reservations": 3.5}  # the box asks it while a shopper waits, and does not wait so long
DRIPS = 20
PORTAL = b"<html><body>Welcome to the harbour's guest network. Please sign in.</body></html>"


@dataclass(slots=True)
class Exchange:
    """One request as it came, and the way back."""

    line: "FaultyLine"
    path: str
    request: bytes
    back: asyncio.StreamWriter

    async def forward(self) -> bytes:
        """Let head office answer. Returns its answer, whole."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.line.target_port, limit=LIMIT_BYTES)
        try:
            writer.write(self.request)
            return await reader.read()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def say(self, content: bytes) -> None:
        self.back.write(content)
        await self.back.drain()

    def cut(self) -> None:
        self.back.transport.abort()


async def refused(on: Exchange) -> None:
    on.cut()
    await on.line.be_away()


async def cut_before_the_request(on: Exchange) -> None:
    on.cut()


async def cut_in_the_request(on: Exchange) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", on.line.target_port)
    writer.write(on.request[: len(on.request) * 2 // 3])
    await writer.drain()
    writer.transport.abort()
    on.cut()


async def cut_in_the_answer(on: Exchange) -> None:
    answer = await on.forward()
    await on.say(answer[: len(answer) * 2 // 3])
    on.cut()


async def answer_lost(on: Exchange) -> None:
    await on.forward()
    on.cut()


async def delayed(on: Exchange) -> None:
    answer = await on.forward()
    await asyncio.sleep(DELAYS_S.get(on.path, DELAY_S))
    await on.say(answer)


async def request_twice(on: Exchange) -> None:
    await on.forward()
    await on.say(await on.forward())


async def garbage(on: Exchange) -> None:
    await on.forward()
    await on.say(_answer(b"200 OK", b"application/json", os.urandom(500)))


async def portal(on: Exchange) -> None:
    await on.say(_answer(b"403 Forbidden", b"text/html", PORTAL))


async def failing(on: Exchange) -> None:
    await on.say(_answer(b"500 Internal Server Error", b"text/html", PORTAL))


async def failing_when_it_was_done(on: Exchange) -> None:
    await on.forward()
    await on.say(_answer(b"500 Internal Server Error", b"application/json", b"{}"))


async def overloaded(on: Exchange) -> None:
    await on.say(_answer(b"503 Service Unavailable", b"application/problem+json", b'{"title": "Later."}'))


async def length_too_long(on: Exchange) -> None:
    await on.say(_with_length(await on.forward(), 10))


async def length_too_short(on: Exchange) -> None:
    await on.say(_with_length(await on.forward(), -10))


async def slow_drip(on: Exchange) -> None:
    answer = await on.forward()
    step = len(answer) // DRIPS + 1
    for begin in range(0, len(answer), step):
        await on.say(answer[begin : begin + step])
        await asyncio.sleep(DELAY_S / DRIPS)


Fault = Callable[[Exchange], Awaitable[None]]


def says(status: str, code: str) -> Fault:
    """Return what answers as head office does when it refuses."""

    async def refusal(on: Exchange) -> None:
        body = f'{{"code": "{code}", "title": "No.", "hint": "Look at the box."}}'
        await on.say(_answer(status.encode(), b"application/problem+json", body.encode()))

    return refusal


FAULTS: tuple[Fault, ...] = (
    refused,
    cut_before_the_request,
    cut_in_the_request,
    cut_in_the_answer,
    answer_lost,
    delayed,
    request_twice,
    garbage,
    portal,
    failing,
    failing_when_it_was_done,
    overloaded,
    length_too_long,
    length_too_short,
    slow_drip,
)


def as_in_routes(path: str) -> str:
    """Return a path as the table of routes has it."""
    return re.sub(r"(?<=/copies/)[0-9a-f-]{36}$", "{node_id}", path)


@dataclass(slots=True)
class FaultyLine:
    """Carries requests to `target_port`, each on a connection of its own."""

    target_port: int
    port: int = 0
    armed: dict[str, Fault] = field(default_factory=dict)  # by path; each breaks one request
    hits: list[str] = field(default_factory=list)  # the paths whose fault happened
    passed: Counter[str] = field(default_factory=Counter)  # how often something got through whole, by path
    _server: asyncio.Server | None = None
    _open: set["asyncio.Task[None]"] = field(default_factory=set)

    def arm(self, paths: Iterable[str], fault: Fault) -> None:
        self.armed.update(dict.fromkeys(paths, fault))

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=LIMIT_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def be_away(self) -> None:
        """Refuse connections for a moment."""
        if self._server is None:
            return  # it is away already
        self._server.close()
        self._server = None
        await asyncio.sleep(AWAY_S)
        await self.listen()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        with suppress(OSError, EOFError, asyncio.CancelledError):
            await self._carry(reader, writer)
        writer.transport.abort() if writer.transport.is_closing() else writer.close()
        self._open.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_length(head))
        path = as_in_routes(head.split(b" ", 2)[1].decode().partition("?")[0])
        line, _, headers = head.partition(b"\r\n")
        request = line + b"\r\n" + _once(headers) + body
        exchange = Exchange(self, path, request, writer)
        fault = self.armed.pop(path, None)
        if fault is None:
            await exchange.say(await exchange.forward())
            self.passed[path] += 1
            return
        self.hits.append(path)
        await fault(exchange)


@asynccontextmanager
async def faulty_line(target_port: int) -> AsyncIterator[FaultyLine]:
    line = FaultyLine(target_port)
    await line.listen()
    try:
        yield line
    finally:
        await line.close()


def _length(head: bytes) -> int:
    for header in head.split(b"\r\n"):
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _once(headers: bytes) -> bytes:
    """Ask head office to close the connection behind its answer, so that its end is known."""
    kept = [one for one in headers.split(b"\r\n") if one and not one.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close", b"", b""])


def _answer(status: bytes, media: bytes, body: bytes) -> bytes:
    head = (b"HTTP/1.1 " + status, b"Content-Type: " + media, b"Content-Length: %d" % len(body), b"Connection: close")
    return b"\r\n".join([*head, b"", body])


def _with_length(answer: bytes, more: int) -> bytes:
    """Return an answer that is wrong about its length."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(b"content-length:")]
    return b"\r\n".join([*lines, b"Content-Length: %d" % max(0, len(body) + more), b"", body])
