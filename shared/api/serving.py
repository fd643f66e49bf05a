"""Opening an application's doors on a port."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiohttp import web

from shared.errors import Misconfigured

Doors = Callable[[web.Application, str, int], AbstractAsyncContextManager[str]]

SHUTDOWN_S = 2.0  # live pages are told to go; they come back by themselves


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve HTTP while the context is open; gives the address. port: 0 for any free one. Raises Misconfigured."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise Misconfigured(problem=f"http cannot listen: {error}") from error
        bound_host, bound_port, *_ = runner.addresses[0]
        yield f"http://{bound_host}:{bound_port}"
    finally:
        await runner.cleanup()
