"""Pages that stay current: server-sent events, and the hub that wakes whoever watches a topic.

Only the newest state of a topic matters to a watcher: the hub tells *that* something changed and each watcher reads
the state itself. A slow page therefore costs nothing and can miss nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

from aiohttp import hdrs, web
from pydantic import BaseModel

from shared.workers import happens

HEARTBEAT_S = 15.0  # proxies and browsers give up on silent connections after 30 s and more


class Hub:
    """Wakes watchers of a topic; a topic is any name that both sides agree on."""

    def __init__(self) -> None:
        self._watchers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def announce(self, topic: str) -> None:
        """Wake everybody who watches the topic."""
        for changed in self._watchers.get(topic, ()):
            changed.set()

    def announce_all(self) -> None:
        """Wake everybody who watches anything: the daemon stops, and whoever waits for news gets the answer of now."""
        for topic in list(self._watchers):
            self.announce(topic)

    @contextmanager
    def watching(self, *topics: str) -> Iterator[asyncio.Event]:
        """Give an event that is set at each announcement of any of the topics; the watcher clears it."""
        changed = asyncio.Event()
        for topic in topics:
            self._watchers[topic].add(changed)
        try:
            yield changed
        finally:
            for topic in topics:
                self._watchers[topic].discard(changed)
                if not self._watchers[topic]:
                    del self._watchers[topic]

    async def states(
        self, topic: str, state: Callable[[], Awaitable[BaseModel]], pause_s: float = 0.0
    ) -> AsyncIterator[BaseModel]:
        """Yield the state now, after every announcement, and as a heartbeat when nothing happens.

        pause_s: the least time between two states; announcements meanwhile are told by the next one.
        """
        with self.watching(topic) as changed:
            while True:
                changed.clear()
                yield await state()
                await asyncio.sleep(pause_s)
                await happens(changed, within_s=HEARTBEAT_S)


async def stream(request: web.Request, states: AsyncIterator[BaseModel]) -> web.StreamResponse:
    """Send each state as a server-sent event until the page goes away or the daemon stops."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    if request.method == hdrs.METH_HEAD:
        return response  # it has no end to wait for
    try:
        async for state in states:
            await response.write(f"data: {state.model_dump_json()}\n\n".encode())
    except ConnectionError:
        pass  # the page was closed; it reads the state again when it comes back
    return response
