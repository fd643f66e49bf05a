"""A serial line: RS-232, or the virtual one that a USB device offers."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from devices.errors import DeviceDisconnected, DeviceSilent
from devices.ports.port import READ_BYTES_MAX

if TYPE_CHECKING:
    from serial import Serial


@dataclass(slots=True)
class SerialPort:
    """A serial line at 8N1, opened exclusively: a second program on the same line would steal bytes.

    Unread bytes wait in the kernel, which holds 4 KiB of them. `path` should be a stable name
    (`/dev/store/scanner0`), so that a device that was unplugged is found again.
    """

    path: str
    baud: int = 9600
    _line: "Serial | None" = field(default=None, init=False)
    _waits: "set[asyncio.Future[None]]" = field(default_factory=set, init=False)

    @property
    def address(self) -> str:
        return self.path

    async def open(self) -> None:
        import termios

        from serial import Serial

        await self.close()
        try:
            # pyserial opens the line non-blocking, sets raw mode and empties the input.
            self._line = Serial(self.path, self.baud, timeout=0, write_timeout=0, exclusive=True)
            # It also has a read of an empty line return nothing, which looks like the end of input. One byte at
            # least makes such a read say "would block".
            modes = termios.tcgetattr(self._line.fileno())
            modes[6][termios.VMIN] = 1
            termios.tcsetattr(self._line.fileno(), termios.TCSANOW, modes)
        except (OSError, termios.error, ValueError) as problem:  # termios.error is not an OSError
            raise DeviceDisconnected(address=self.path, problem=str(problem)) from problem

    async def read(self) -> bytes:
        loop = asyncio.get_running_loop()
        while True:
            fd = self._fd()
            try:
                data = os.read(fd, READ_BYTES_MAX)
            except BlockingIOError:
                await self._until_ready(fd, loop.add_reader, loop.remove_reader)
                continue
            except OSError as problem:  # EIO: unplugged
                raise DeviceDisconnected(address=self.path, problem=str(problem)) from problem
            if not data:
                raise DeviceDisconnected(address=self.path, problem="end of input")
            return data

    async def write(self, data: bytes, timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        unsent = memoryview(data)
        try:
            async with asyncio.timeout(timeout_s):
                while unsent:
                    fd = self._fd()
                    try:
                        unsent = unsent[os.write(fd, unsent) :]
                    except BlockingIOError:
                        await self._until_ready(fd, loop.add_writer, loop.remove_writer)
        except TimeoutError as problem:
            raise DeviceSilent(address=self.path) from problem
        except OSError as problem:
            raise DeviceDisconnected(address=self.path, problem=str(problem)) from problem

    async def close(self) -> None:
        line, self._line = self._line, None
        for ready in self._waits:
            if not ready.done():
                ready.set_exception(DeviceDisconnected(address=self.path, problem="closed"))
        if line:
            loop = asyncio.get_running_loop()
            loop.remove_reader(line.fileno())
            loop.remove_writer(line.fileno())
            line.close()

    def _fd(self) -> int:
        if self._line is None:
            raise DeviceDisconnected(address=self.path, problem="closed")
        return self._line.fileno()

    async def _until_ready(self, fd: int, watch: Callable[..., object], unwatch: Callable[[int], object]) -> None:
        """Wait until the kernel has bytes or room; raises DeviceDisconnected when the port is closed meanwhile."""
        line = self._line
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waits.add(ready)
        watch(fd, lambda: None if ready.done() else ready.set_result(None))
        try:
            await ready
        finally:
            self._waits.discard(ready)
            if self._line is line:  # otherwise `close` unwatched it, and the number may be another line's by now
                unwatch(fd)
