"""Questions and answers with a device that speaks only when it is asked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from devices.errors import DeviceGarbled, DeviceSilent
from devices.ports.port import Port

ANSWER_BYTES_MAX = 1024  # the longest answer asked for this way is a terminal's 300
QUIET_S = 0.05  # bytes of one answer come closer together than this

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Exchange:
    """Opens the link when it is first needed and keeps it. Any way out of a turn but success drops the link: an answer
    that comes late would be taken for the next question's.
    """

    port: Port
    timeout_s: float
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _is_open: bool = field(default=False, init=False)
    _is_settled: bool = field(default=False, init=False)  # since it was opened, nothing is on its way any more

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Have the device to oneself for one or more questions. Raises DeviceDisconnected."""
        async with self._turn, AsyncExitStack() as on_failure:
            on_failure.push_async_callback(self._drop)
            if not self._is_open:
                await self.port.open()
                self._is_open = True
            yield
            on_failure.pop_all()

    async def ask(
        self, question: bytes, read: Callable[[bytes], Answer | None], timeout_s: float | None = None
    ) -> Answer:
        """Send a question and return what `read` makes of the answer. To be called inside a turn.

        read: takes all that was heard so far; None means that more must come.
        Raises DeviceSilent, DeviceDisconnected, DeviceGarbled and what `read` raises.
        """
        limit_s = self.timeout_s if timeout_s is None else timeout_s
        await self._forget_unasked()
        try:
            async with asyncio.timeout(limit_s):
                await self.port.write(question, limit_s)
                heard = b""
                while (answer := read(heard)) is None:
                    if len(heard) > ANSWER_BYTES_MAX:
                        raise DeviceGarbled(address=self.port.address, problem="an answer without end")
                    heard += await self.port.read()
                return answer
        except TimeoutError as late:
            raise DeviceSilent(address=self.port.address) from late

    async def close(self) -> None:
        """Give the link up after the turn that is under way; the next turn makes a new one."""
        async with self._turn:
            await self._drop()

    async def _forget_unasked(self) -> None:
        """Drop what was said before the question: an answer that was sent twice must not answer the next one, and one
        that was given up on may still be coming.
        """
        quiet_s = 0.0 if self._is_settled else QUIET_S
        try:
            async with asyncio.timeout(self.timeout_s):
                while await self._hears_something(quiet_s):
                    pass
        except TimeoutError as endless:
            raise DeviceGarbled(address=self.port.address, problem="it talks without being asked") from endless
        self._is_settled = True

    async def _hears_something(self, within_s: float) -> bool:
        await asyncio.sleep(0)  # whatever has arrived is handed over, and a stream without end lets others work
        try:
            async with asyncio.timeout(within_s):
                await self.port.read()
        except TimeoutError:
            return False
        return True

    async def _drop(self) -> None:
        self._is_open = self._is_settled = False
        await self.port.close()
