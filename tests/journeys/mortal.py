"""A daemon that can be killed at any moment and lives again a moment later; and a client that never gives up."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

PATIENCE_S = 30.0
ASK_AGAIN_S = 0.01


@dataclass(slots=True)
class Mortal:
    """One daemon with many lives; see `lives`."""

    name: str
    nursery: asyncio.subprocess.Process
    process_id: int = 0  # 0 while it is dead
    url: str = ""
    deaths: int = 0

    async def bear(self, config: Path) -> None:
        """Begin a life; it may not be open for business yet."""
        assert self.nursery.stdin is not None
        assert not self.process_id
        self.nursery.stdin.write(f"{config}\n".encode())
        word, number = await self._said()
        assert word == "born"
        self.process_id = int(number)

    async def open(self, config: Path) -> None:
        """Begin a life, and wait until it is open for business."""
        await self.bear(config)
        await self.opened()

    async def opened(self) -> None:
        word, self.url = await self._said()
        assert word == "listening", f"{self.name} ended by itself: {self.url}"

    async def die(self) -> None:
        """Kill it, wherever it is."""
        os.kill(self.process_id, signal.SIGKILL)
        self.process_id = 0
        self.deaths += 1
        while (said := await self._said())[0] == "listening":
            pass  # it had just got so far
        assert said == ["dead", str(-signal.SIGKILL)], said

    async def stop(self) -> None:
        """Let it end as it would by itself."""
        os.kill(self.process_id, signal.SIGTERM)
        self.process_id = 0
        assert await self._said() == ["dead", "0"]

    async def _said(self) -> list[str]:
        assert self.nursery.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            return (await self.nursery.stdout.readline()).decode().split()


@asynccontextmanager
async def mortal(name: str) -> AsyncIterator[Mortal]:
    """Load a daemon, "edge" or "cloud", without beginning a life."""
    command = (sys.executable, "-m", "tests.journeys.lives", name)
    nursery = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    made = Mortal(name, nursery)
    try:
        yield made
    finally:
        if made.process_id:
            os.kill(made.process_id, signal.SIGKILL)
        assert nursery.stdin is not None
        nursery.stdin.close()
        await nursery.wait()


@dataclass(slots=True)
class Client:
    """Somebody who repeats a request until it is answered, as screens and buyers' programs do."""

    http: aiohttp.ClientSession
    url: str
    key: str

    async def once(self, method: str, path: str, **content: Any) -> tuple[int, Any]:
        """Ask once. Returns status and answer. Raises aiohttp.ClientError."""
        headers = {"Authorization": f"Bearer {self.key}", **content.pop("headers", {})}
        async with self.http.request(method, self.url + path, headers=headers, **content) as response:
            return response.status, await response.json(content_type=None)

    async def insist(self, method: str, path: str, **content: Any) -> Any:
        """Ask until it is done. Returns the answer."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    status, answer = await self.once(method, path, **content)
                except (aiohttp.ClientError, ValueError):
                    status, answer = 0, None
                if 200 <= status < 300:
                    return answer
                assert status == 0 or status >= 500, answer
                await asyncio.sleep(ASK_AGAIN_S)
