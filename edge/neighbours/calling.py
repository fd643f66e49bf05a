"""Calling another box of the store: one question, one answer of a bounded size within a bounded time."""

import asyncio
from typing import TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from shared.errors import Unavailable

ANSWER_TIMEOUT_S = 3.0  # in the same shop

Answer = TypeVar("Answer", bound=BaseModel)


class NeighbourAway(Unavailable):
    """The box at {address} does not answer: {problem}"""

    hint = "Selling goes on; what boxes do for each other goes on when it answers."


class Caller:
    """Reaches other boxes over the store's network. Close it at the end."""

    def __init__(self) -> None:
        self._http = httpx2.AsyncClient(timeout=ANSWER_TIMEOUT_S, trust_env=False, follow_redirects=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(
        self, method: str, address: str, path: str, body: BaseModel | None, answer: type[Answer], bytes_max: int
    ) -> Answer:
        """Ask a box. Raises NeighbourAway where no answer comes, or another one than was asked for."""
        headers = {"Content-Type": "application/json"} if body else {}
        content = body.model_dump_json().encode() if body else None
        try:
            async with (
                asyncio.timeout(2 * ANSWER_TIMEOUT_S),
                self._http.stream(method, f"http://{address}{path}", content=content, headers=headers) as response,
            ):
                read = bytearray()
                async for part in response.aiter_bytes():
                    read += part
                    if len(read) > bytes_max:
                        raise NeighbourAway(address=address, problem="its answer is too large")
            response.raise_for_status()
            return answer.model_validate_json(bytes(read))
        except TimeoutError as error:
            raise NeighbourAway(address=address, problem="it took too long") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, ValidationError) as error:
            raise NeighbourAway(address=address, problem=str(error) or type(error).__name__) from error
