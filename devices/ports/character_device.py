"""A device file of the kernel: bytes in and out without ever waiting in a system call."""

import asyncio
import os
import select
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from devices.errors import DeviceDisconnected, DeviceSilent
from devices.identity import NodeClass, locate
from devices.ports.port import READ_BYTES_MAX

OPEN_FLAGS = os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
EMPTY_READ_PAUSE_S = 0.02


class OpenFile(Protocol):
    """An open file that no system call waits for."""

    def fileno(self) -> int: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class CharacterDevice(ABC):
    """A device file. path: where it is, or an identity ("usb:…") that is looked up each time it is opened.

    node_class: which of a USB device's files is meant. ends_empty: whether an empty read says that the device is gone.
    """

    node_class: ClassVar[NodeClass]
    ends_empty: ClassVar[bool] = True

    path: str
    _file: OpenFile | None = field(default=None, init=False)
    _waits: "set[asyncio.Future[None]]" = field(default_factory=set, init=False)

    @property
    def address(self) -> str:
        return self.path

    @abstractmethod
    def open_file(self, path: str) -> OpenFile:
        """Open the file without waiting. Raises OSError."""

    def close_file(self, file: OpenFile) -> None:
        """Close the file without waiting."""
        file.close()

    async def open(self) -> None:
        await self.close()
        try:
            self._file = self.open_file(locate(self.path, self.node_class))
        except OSError as problem:
            raise DeviceDisconnected(address=self.path, problem=str(problem)) from problem

    async def read(self) -> bytes:
        loop = asyncio.get_running_loop()
        while True:
            fd = self._open_fd()
            try:
                data = os.read(fd, READ_BYTES_MAX)
            except BlockingIOError:
                await self._until_ready(fd, loop.add_reader, loop.remove_reader)
                continue
            except OSError as problem:  # EIO, ENODEV: unplugged
                raise DeviceDisconnected(address=self.path, problem=str(problem)) from problem
            if data:
                return data
            if self.ends_empty or is_hung_up(fd):
                raise DeviceDisconnected(address=self.path, problem="end of input")
            await asyncio.sleep(EMPTY_READ_PAUSE_S)

    async def write(self, data: bytes, timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        unsent = memoryview(data)
        try:
            async with asyncio.timeout(timeout_s):
                while unsent:
                    fd = self._open_fd()
                    try:
                        unsent = unsent[os.write(fd, unsent) :]
                    except BlockingIOError:
                        await self._until_ready(fd, loop.add_writer, loop.remove_writer)
        except TimeoutError as problem:
            raise DeviceSilent(address=self.path) from problem
        except OSError as problem:
            raise DeviceDisconnected(address=self.path, problem=str(problem)) from problem

    async def close(self) -> None:
        file, self._file = self._file, None
        for ready in self._waits:
            if not ready.done():
                ready.set_exception(DeviceDisconnected(address=self.path, problem="closed"))
        if file:
            loop = asyncio.get_running_loop()
            loop.remove_reader(file.fileno())
            loop.remove_writer(file.fileno())
            self.close_file(file)

    def _open_fd(self) -> int:
        if self._file is None:
            raise DeviceDisconnected(address=self.path, problem="closed")
        return self._file.fileno()

    async def _until_ready(self, fd: int, watch: Callable[..., object], unwatch: Callable[[int], object]) -> None:
        """Wait until the kernel has bytes or room; raises DeviceDisconnected when the file is closed meanwhile."""
        file = self._file
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waits.add(ready)
        watch(fd, lambda: None if ready.done() else ready.set_result(None))
        try:
            await ready
        finally:
            self._waits.discard(ready)
            if self._file is file:  # otherwise `close` unwatched it, and the number may be another file's by now
                unwatch(fd)


def is_hung_up(fd: int) -> bool:
    """Tell whether nothing is at the other end any more."""
    watch = select.poll()
    watch.register(fd, select.POLLHUP)
    return bool(watch.poll(0))
