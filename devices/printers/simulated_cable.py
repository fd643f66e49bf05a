"""A cable that a test or a demo holds: the virtual printer at the end of a device file instead of the network."""

import asyncio
import contextlib
import os
import socket
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from devices.printers.simulated import READ_BYTES_MAX, RECEIVE_BUFFER_BYTES, VirtualPrinter

LOOK_EVERY_S = 0.01  # for a printer that is switched on, and for a program that opens the file


@dataclass(slots=True)
class SimulatedCable:
    """Inside `async with`, `path` is a printer's device file while the printer is on; it goes away with its power."""

    printer: VirtualPrinter
    folder: Path
    name: str = "lp0"
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _plugs: int = field(default=0, init=False)
    _plugged: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    @property
    def path(self) -> Path:
        return self.folder / self.name

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        await self._plugged_since(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    @asynccontextmanager
    async def replugged(self) -> AsyncIterator[None]:
        """Cut the link or the power inside; at the end the file has gone and is back."""
        before = self._plugs
        yield
        await self._plugged_since(before)

    async def _plugged_since(self, plugs: int) -> None:
        while self._plugs <= plugs:
            self._plugged.clear()
            await self._plugged.wait()

    async def _run(self) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection(self.printer.host, self.printer.port)
            except OSError:
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            writer.transport.set_write_buffer_limits(high=0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, RECEIVE_BUFFER_BYTES)
            with contextlib.suppress(OSError):
                try:
                    await self._carry(reader, writer)
                finally:
                    writer.transport.abort()
                    await writer.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes both ways until the printer drops its end."""
        master, slave = os.openpty()
        tty.setraw(slave)  # nothing echoed, no byte translated
        os.set_blocking(master, False)
        self.path.symlink_to(os.ttyname(slave))
        os.close(slave)
        self._plugs += 1
        self._plugged.set()
        upwards = asyncio.create_task(self._upwards(master, writer))
        try:
            while data := await reader.read(READ_BYTES_MAX):
                await self._down(master, data)
        finally:
            upwards.cancel()
            await asyncio.gather(upwards, return_exceptions=True)
            self.path.unlink()
            os.close(master)

    async def _upwards(self, master: int, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                data = os.read(master, READ_BYTES_MAX)
            except BlockingIOError:
                await _ready(master, loop.add_reader, loop.remove_reader)
                continue
            except OSError:  # no program has the file open
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            writer.write(data)
            await writer.drain()

    async def _down(self, master: int, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        while data:
            try:
                data = data[os.write(master, data) :]
            except BlockingIOError:
                await _ready(master, loop.add_writer, loop.remove_writer)


async def _ready(fd: int, watch: Callable[..., object], unwatch: Callable[[int], object]) -> None:
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    watch(fd, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        unwatch(fd)
