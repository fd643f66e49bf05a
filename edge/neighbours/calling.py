"""Calling another box of the store: one question, one answer of a bounded size within a bounded time."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from edge.fleet.models import Identity
from shared.errors import Unavailable
from shared.protocol.neighbours import PROOF_HEADER, make_proof

ANSWER_TIMEOUT_S = 3.0  # in the same shop

Answer = TypeVar("Answer", bound=BaseModel)


class NeighbourAway(Unavailable):
    """The box at {address} does not answer: {problem}"""

    hint = "Selling goes on; what boxes do for each other goes on when it answers."


class Caller:
    """Reaches other boxes over the store's network. Close it at the end."""

    def __init__(self, identity: Identity) -> None:
        """identity: this node's own; its key proves at the head of a request that the rest is worth reading."""
        self._identity = identity
        self._http = httpx2.AsyncClient(timeout=ANSWER_TIMEOUT_S, trust_env=False, follow_redirects=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def bring(
        self, address: str, node_id: str, path: str, body: BaseModel, answer: type[Answer], bytes_max: int
    ) -> Answer:
        """Send something to a node. Raises as `ask`."""
        content = body.model_dump_json().encode()
        proof = make_proof(self._identity.key, self._identity.node_id, node_id, content)
        headers = {"Content-Type": "application/json", PROOF_HEADER: proof}
        return await self.ask("POST", address, path, answer, bytes_max, content, headers)

    async def ask(
        self,
        method: str,
        address: str,
        path: str,
        answer: type[Answer],
        bytes_max: int,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask a box. Raises NeighbourAway where no answer comes, or another one than was asked for."""
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
