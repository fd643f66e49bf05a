"""Between a link, which must never wait, and a consumer, who may be slow."""

import asyncio
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from devices.rfid.interface import TagRead, TagReads
from devices.rfid.window import Window


@dataclass(eq=False, slots=True)
class HandOver:
    """A link puts reads in and tells its end; a consumer takes them out."""

    window: Window
    _unreadable: int = field(default=0, init=False)
    _reason: Exception | None = field(default=None, init=False)
    _news: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def put(self, reads: Iterable[TagRead], unreadable: int = 0) -> None:
        self.window.add(reads)
        self._unreadable += unreadable
        if self.window.has_waiting or self._unreadable:
            self._news.set()

    def lose(self, count: int) -> None:
        """Count reads that were lost before they came here."""
        self.window.dropped += count
        self._news.set()

    def end(self, reason: Exception) -> None:
        """Let the consumer have what is left, and then the reason. The first reason holds."""
        self._reason = self._reason or reason
        self._news.set()

    async def take(self) -> TagReads:
        """Wait for something to tell. A cancelled call loses nothing. Raises the reason of the end after all else."""
        loop = asyncio.get_running_loop()
        while True:
            reads = self.window.take(math.inf if self._reason else loop.time())
            if reads or self.window.dropped or self._unreadable:
                told = TagReads(reads, self.window.dropped, self._unreadable)
                self.window.dropped = self._unreadable = 0
                return told
            if self._reason:
                raise self._reason
            self._news.clear()
            try:
                async with asyncio.timeout_at(self.window.next_shut_s):
                    await self._news.wait()
            except TimeoutError:
                pass
