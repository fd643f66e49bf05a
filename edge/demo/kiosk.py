"""The kiosk's side of the demo: what its screen would see and send."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx2

from shared import ids

ANSWER_TIMEOUT_S = 30.0


class Kiosk:
    """Watches a lane live and presses its buttons. Use as an async context manager."""

    def __init__(self, url: str, attendant_key: str) -> None:
        self.state: dict[str, Any] = {}
        self._attendant_key = attendant_key
        self._changed = asyncio.Event()
        self._http = httpx2.AsyncClient(base_url=url, timeout=httpx2.Timeout(ANSWER_TIMEOUT_S), trust_env=False)
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        await self.until(bool)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._watching is not None
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        await self._http.aclose()

    async def _watch(self) -> None:
        silence = httpx2.Timeout(ANSWER_TIMEOUT_S, read=None)
        async with self._http.stream("GET", "/api/lanes/kiosk/live", timeout=silence) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    self.state = json.loads(line.removeprefix("data: "))
                    self._changed.set()

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until the screen shows a state of this kind. Raises TimeoutError."""
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while not holds(self.state):
                self._changed.clear()
                await self._changed.wait()

    async def set_quantity(self, basket_id: str, number: int, quantity: int) -> dict[str, Any]:
        """Use the stepper of a line."""
        body = {"quantity": quantity}
        return _answer(await self._http.put(f"/api/baskets/{basket_id}/lines/{number}", json=body))

    async def abandon(self, basket_id: str) -> None:
        await self._http.delete(f"/api/baskets/{basket_id}")

    async def pay(self, basket_id: str, tender: dict[str, Any]) -> httpx2.Response:
        """Pay; the answer may be a problem."""
        return await self._http.post(f"/api/baskets/{basket_id}/checkout", json={"tender": tender})

    async def order(self, order_id: str) -> dict[str, Any]:
        return _answer(await self._http.get(f"/api/orders/{order_id}"))

    async def refund(self, order_id: str, lines: list[dict[str, int]]) -> dict[str, Any]:
        """Take goods back, as an attendant."""
        headers = {"Authorization": f"Bearer {self._attendant_key}"}
        path = f"/api/orders/{order_id}/refunds/{ids.new_id()}"
        return _answer(await self._http.put(path, json={"lines": lines}, headers=headers))


def _answer(response: httpx2.Response) -> dict[str, Any]:
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer
