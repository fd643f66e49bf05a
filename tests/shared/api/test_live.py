"""A page that watches sees the newest state: at once, after each change, and never one change twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestClient

from shared.api.live import Hub
from tests.shared.api.shelf import COUNT, HUB, Count

PATIENCE_S = 5.0
MOMENT_S = 0.05


class Shelf:
    """A count that somebody watches."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.count = 0
        self.reads = 0

    async def state(self) -> Count:
        self.reads += 1
        return Count(count=self.count)

    def put(self) -> None:
        self.count += 1
        self.hub.announce("shelf")

    def states(self, pause_s: float = 0.0) -> Any:
        return self.hub.states("shelf", self.state, pause_s)


async def following(states: AsyncIterator[Any]) -> int:
    state = await asyncio.wait_for(anext(states), PATIENCE_S)
    assert isinstance(state, Count)
    return state.count


async def is_silent(states: AsyncIterator[Any]) -> bool:
    waiting = asyncio.ensure_future(anext(states))
    done, _ = await asyncio.wait([waiting], timeout=MOMENT_S)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return not done


async def test_a_watcher_gets_the_state_at_once_and_after_a_change() -> None:
    shelf = Shelf()
    async with aclosing(shelf.states()) as states:
        assert await following(states) == 0

        shelf.put()

        assert await following(states) == 1


async def test_without_a_change_nothing_is_told() -> None:
    shelf = Shelf()
    async with aclosing(shelf.states()) as states:
        await following(states)

        shelf.hub.announce("another shelf")

        assert await is_silent(states)


async def test_many_changes_are_told_as_one() -> None:
    shelf = Shelf()
    async with aclosing(shelf.states()) as states:
        await following(states)

        for _ in range(100):
            shelf.put()

        assert await following(states) == 100
        assert shelf.reads == 2
        assert await is_silent(states)


async def test_changes_during_the_pause_are_told_after_it() -> None:
    shelf = Shelf()
    async with aclosing(shelf.states(pause_s=MOMENT_S)) as states:
        await following(states)
        waiting = asyncio.ensure_future(following(states))

        for _ in range(3):
            await asyncio.sleep(MOMENT_S / 10)
            shelf.put()

        assert await waiting == 3
        assert shelf.reads == 2


async def test_a_change_while_the_state_is_read_is_not_missed() -> None:
    shelf = Shelf()

    async def read_slowly() -> Count:
        seen = Count(count=shelf.count)
        if not seen.count:
            shelf.put()  # after it was read
        return seen

    async with aclosing(shelf.hub.states("shelf", read_slowly)) as states:
        assert [await following(states), await following(states)] == [0, 1]


async def test_every_watcher_is_woken() -> None:
    shelf = Shelf()
    async with aclosing(shelf.states()) as one, aclosing(shelf.states()) as other:
        await following(one)
        await following(other)

        shelf.put()

        assert [await following(one), await following(other)] == [1, 1]


async def test_a_watcher_that_left_is_forgotten() -> None:
    hub = Hub()

    with hub.watching("shelf") as first, hub.watching("shelf"):
        hub.announce("shelf")
        assert first.is_set()
    first.clear()
    hub.announce("shelf")

    assert not first.is_set()
    assert not hub._watchers


async def read_event(response: ClientResponse) -> dict[str, Any]:
    line = await asyncio.wait_for(response.content.readline(), PATIENCE_S)
    assert line.startswith(b"data: ")
    assert await asyncio.wait_for(response.content.readline(), PATIENCE_S) == b"\n"
    told: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
    return told


async def test_a_page_is_sent_events_as_they_happen(client: TestClient[Any, Any], app: web.Application) -> None:
    async with client.get("/live") as response:
        assert response.content_type == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        assert await read_event(response) == {"count": 0}

        for _ in range(3):
            app[COUNT][0] += 1
            app[HUB].announce("shelf")

        assert await read_event(response) == {"count": 3}


async def test_head_waits_for_no_events(app: web.Application) -> None:
    async with served_as_in_a_shop(app) as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HEAD /live HTTP/1.1\r\nHost: shelf\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
        writer.close()

    assert b"Content-Type: text/event-stream" in answer
    assert answer.endswith(b"\r\n\r\n")
    assert answer.count(b"\r\n\r\n") == 1
    assert not app[HUB]._watchers


@asynccontextmanager
async def served_as_in_a_shop(app: web.Application) -> AsyncIterator[str]:
    """Serve like the daemons do: nobody cancels a handler whose page was closed, it has to notice by itself."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=MOMENT_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield "http://{}:{}".format(*runner.addresses[0])
    finally:
        await runner.cleanup()


async def test_a_page_that_was_closed_is_forgotten(app: web.Application) -> None:
    async with served_as_in_a_shop(app) as url, ClientSession() as browser:
        response = await browser.get(f"{url}/live")
        await read_event(response)
        assert app[HUB]._watchers

        response.close()
        async with asyncio.timeout(PATIENCE_S):
            while app[HUB]._watchers:
                app[HUB].announce("shelf")
                await asyncio.sleep(0.01)

        assert not app[HUB]._watchers
