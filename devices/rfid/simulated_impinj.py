"""An Impinj reader that a test or a demo holds: a web server that behaves like its IoT device interface."""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import encode_basic_auth, web

from devices.rfid.interface import TagRead
from devices.rfid.json_events import render_impinj

LOOPBACK = "127.0.0.1"
RUNNING = b'{"eventType": "inventoryStatus", "inventoryStatusEvent": {"inventoryStatus": "running"}}'


@dataclass(slots=True)
class SimulatedImpinj:
    """Sends events to whoever reads its stream while an inventory is running.

    It listens at `host` and `port` inside `async with`, or from `power_on` to `power_off`.
    """

    user: str = "root"
    password: str = "impinj"  # noqa: S105  the maker's default
    host: str = LOOPBACK
    port: int = 0  # chosen at the first power_on
    tls: ssl.SSLContext | None = None
    is_mute: bool = False  # says nothing any more, as if somebody had pulled the cable
    is_reading: bool = field(default=False, init=False)
    request: dict[str, Any] = field(default_factory=dict, init=False)  # how the client wants tags to be looked for
    _streams: list[web.StreamResponse] = field(default_factory=list, init=False)
    _runner: web.AppRunner | None = field(default=None, init=False)

    async def __aenter__(self) -> Self:
        await self.power_on()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.power_off()

    async def power_on(self) -> None:
        """Listen, at the same port as before."""
        if self._runner is None:
            app = web.Application(middlewares=[self._guard])
            app.router.add_post("/api/v1/profiles/inventory/start", self._start)
            app.router.add_post("/api/v1/profiles/stop", self._stop)
            app.router.add_get("/api/v1/status", self._status)
            app.router.add_get("/api/v1/data/stream", self._stream)
            self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
            await self._runner.setup()
            await web.TCPSite(self._runner, self.host, self.port, ssl_context=self.tls).start()
            self.port = self._runner.addresses[0][1]

    async def power_off(self) -> None:
        """Stop listening, drop every client, forget what was started."""
        runner, self._runner = self._runner, None
        self.is_reading = False
        if runner and runner.server:
            for connection in runner.server.connections:
                if connection.transport:
                    connection.transport.abort()  # a polite end would wait for streams, which have none
            await runner.cleanup()

    async def show(self, tags: Iterable[TagRead]) -> None:
        """Bring tags before the antennas. They are reported while an inventory is running, else nobody sees them."""
        for tag in tags:
            if self.is_reading:
                await self.send_line(render_impinj(tag))

    async def send_line(self, line: bytes) -> None:
        """Send this very line to all who read the stream."""
        for stream in [] if self.is_mute else list(self._streams):
            await stream.write(line + b"\n")

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.is_mute:
            await asyncio.Event().wait()
        if request.headers.get("Authorization") != encode_basic_auth(self.user, self.password):
            return web.json_response({"message": "wrong user or password"}, status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _start(self, request: web.Request) -> web.Response:
        if self.is_reading:
            return web.json_response({"message": "a profile is running"}, status=409)
        self.request = await request.json()
        self.is_reading = True
        await self.send_line(RUNNING)
        return web.Response(status=204)

    async def _stop(self, _request: web.Request) -> web.Response:
        self.is_reading = False
        return web.Response(status=204)

    async def _status(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "running" if self.is_reading else "idle"})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await stream.prepare(request)
        self._streams.append(stream)
        try:
            await asyncio.Event().wait()  # until the client goes away, or the power
        finally:
            self._streams.remove(stream)
        return stream
