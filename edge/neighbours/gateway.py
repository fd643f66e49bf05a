"""Letting another box of the store keep copies."""

from typing import Protocol

from edge.neighbours.calling import Caller
from shared.protocol.neighbours import Copy, Held

ANSWER_BYTES_MAX = 10_000


class Neighbours(Protocol):
    """Other boxes, by address."""

    async def held(self, address: str, node_id: str) -> Held:
        """Ask how far a node's entries are held there. Raises NeighbourAway."""

    async def keep(self, address: str, copy: Copy) -> Held:
        """Let entries be kept there. Raises NeighbourAway."""


class HttpNeighbours:
    """Reaches them over the store's network. Close it at the end."""

    def __init__(self) -> None:
        self._caller = Caller()

    async def close(self) -> None:
        await self._caller.close()

    async def held(self, address: str, node_id: str) -> Held:
        return await self._caller.ask("GET", address, f"/copies/{node_id}", None, Held, ANSWER_BYTES_MAX)

    async def keep(self, address: str, copy: Copy) -> Held:
        return await self._caller.ask("POST", address, "/copies", copy, Held, ANSWER_BYTES_MAX)
