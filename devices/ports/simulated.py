"""The device's end of a line: what a simulated device speaks through."""

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

READ_BYTES_MAX = 4096
LOOPBACK = "127.0.0.1"


class SimulatedLine(Protocol):
    """A line that can be plugged and unplugged; unplugging twice does nothing."""

    async def plug(self, heard: Callable[[bytes], None]) -> None:
        """Appear; `heard` is called with bytes as they arrive."""

    async def unplug(self) -> None:
        """Disappear; whoever listens gets an error."""

    def say(self, data: bytes) -> None:
        """Send; what nobody takes is lost."""


@dataclass(slots=True)
class PtyLine:
    """A pseudo-terminal that appears at `path`, as udev would make a serial line appear."""

    path: Path
    _ends: tuple[int, int] | None = field(default=None, init=False)

    async def plug(self, heard: Callable[[bytes], None]) -> None:
        assert self._ends is None
        # We keep the slave open, too: a master without any listener would report an end without end.
        self._ends = master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        asyncio.get_running_loop().add_reader(master, lambda: heard(os.read(master, READ_BYTES_MAX)))

    async def unplug(self) -> None:
        if self._ends:
            asyncio.get_running_loop().remove_reader(self._ends[0])
            for end in self._ends:
                os.close(end)
            self._ends = None
            self.path.unlink(missing_ok=True)

    def say(self, data: bytes) -> None:
        if self._ends:
            with contextlib.suppress(BlockingIOError):  # like a real line, it has no room for what nobody reads
                os.write(self._ends[0], data)


@dataclass(slots=True)
class TcpLine:
    """A TCP server on loopback, as a serial server in the network or a device of its own; it keeps its port number."""

    host: str = LOOPBACK
    port: int = 0  # chosen when it is plugged for the first time
    _server: asyncio.Server | None = field(default=None, init=False)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def plug(self, heard: Callable[[bytes], None]) -> None:
        assert self._server is None

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(reader, writer, heard)

        self._server = await asyncio.start_server(serve, self.host, self.port, limit=READ_BYTES_MAX)
        self.port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
            for writer in self._writers:
                writer.transport.abort()
            await asyncio.gather(*self._tasks)

    def say(self, data: bytes) -> None:
        for writer in self._writers:
            writer.write(data)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Callable[[bytes], None]
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.append(writer)
        try:
            while data := await reader.read(READ_BYTES_MAX):
                heard(data)
        except OSError:
            pass  # the other side went away
        finally:
            self._writers.remove(writer)
            self._tasks.discard(task)
            writer.transport.abort()
