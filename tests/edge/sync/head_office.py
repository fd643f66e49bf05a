"""A head office that a test plays: it answers each request with the next of its answers."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from edge.sync.client import HeadOfficeClient
from shared.clock import Clock
from tests.edge.small_shop import HandClock

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Stage:
    """What was asked, and what will be answered; the last answer is repeated."""

    url: str = ""
    answers: deque[Answer] = field(default_factory=deque)
    asked: list[web.Request] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        self.tokens.append(request.headers.get("Authorization", "").removeprefix("Bearer "))
        await request.read()
        give = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        return await give(request)


@asynccontextmanager
async def playing(*answers: Answer) -> AsyncIterator[Stage]:
    stage = Stage(answers=deque(answers))
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", stage.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stage.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stage
    finally:
        await runner.cleanup()


def says(text: str | bytes, status: int = 200, content_type: str = "application/json", **headers: str) -> Answer:
    body = text.encode() if isinstance(text, str) else text

    async def give(_request: web.Request) -> web.Response:
        return web.Response(
            body=body,
            status=status,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            content_type=content_type,
        )

    return give


def stranger(url: str, clock: Clock | None = None) -> HeadOfficeClient:
    """Return a client that is not enrolled yet."""
    return HeadOfficeClient(url, clock or HandClock(), None, None)
