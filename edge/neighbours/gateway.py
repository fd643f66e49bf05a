"""Calling another box of the store."""

import asyncio
from typing import Protocol

import httpx2
from pydantic import ValidationError

from shared.errors import Unavailable
from shared.protocol.neighbours import Copy, Held

ANSWER_TIMEOUT_S = 3.0  # in the same shop
ANSWER_BYTES_MAX = 10_000


class NeighbourAway(Unavailable):
    """The box at {address} does not answer: {problem}"""

    hint = "Selling goes on; copies are kept there again when it answers."


class Neighbours(Protocol):
    """Other boxes, by address."""

    async def held(self, address: str, node_id: str, nonce: str) -> Held:
        """Ask how far a node's entries are held there. nonce: for the answer. Raises NeighbourAway."""

    async def keep(self, address: str, copy: Copy) -> Held:
        """Let entries be kept there. Raises NeighbourAway."""


class HttpNeighbours:
    """Reaches them over the store's network. Close it at the end."""

    def __init__(self) -> None:
        self._http = httpx2.AsyncClient(timeout=ANSWER_TIMEOUT_S, trust_env=False, follow_redirects=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def held(self, address: str, node_id: str, nonce: str) -> Held:
        return await self._ask("GET", address, f"/copies/{node_id}?nonce={nonce}", None)

    async def keep(self, address: str, copy: Copy) -> Held:
        return await self._ask("POST", address, "/copies", copy.model_dump_json().encode())

    async def _ask(self, method: str, address: str, path: str, content: bytes | None) -> Held:
        headers = {"Content-Type": "application/json"} if content else {}
        try:
            async with (
                asyncio.timeout(2 * ANSWER_TIMEOUT_S),
                self._http.stream(method, f"http://{address}{path}", content=content, headers=headers) as response,
            ):
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise NeighbourAway(address=address, problem="its answer is too large")
            response.raise_for_status()
            return Held.model_validate_json(body)
        except TimeoutError as error:
            raise NeighbourAway(address=address, problem="it took too long") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, ValidationError) as error:
            raise NeighbourAway(address=address, problem=str(error) or type(error).__name__) from error
