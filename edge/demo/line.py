"""The line to head office: a plain TCP relay on loopback that can be cut and mended."""

import asyncio
from contextlib import suppress
from typing import Self

CHUNK_BYTES = 65_536


class Line:
    """Relays `port` to `target_port`. While it is cut, open connections break and new ones are refused."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self._server: asyncio.Server | None = None
        self._relays: set[asyncio.Task[None]] = set()

    @property
    def is_cut(self) -> bool:
        return self._server is None

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def mend(self) -> None:
        """Let connections through."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break what is open, in the middle of whatever it carries, and refuse what comes."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for relay in self._relays:
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def carry_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry answers; a line with faults of its own overrides this."""
        await pump(reader, writer)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        ends = [writer]
        # A line that breaks is what this class is for; the cancelling is our own, in `cut`.
        with suppress(OSError, ExceptionGroup, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
            ends.append(far_writer)
            async with asyncio.TaskGroup() as both:
                both.create_task(pump(reader, far_writer))
                both.create_task(self.carry_back(far_reader, writer))
        for end in ends:
            end.transport.abort()
        self._relays.discard(task)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way until either end is gone."""
    while data := await reader.read(CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
    raise ConnectionResetError  # one end closed: the other is told at once
