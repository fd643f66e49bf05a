"""Calling another box of the store for what it keeps of ours."""

from typing import Protocol

from edge.fleet.models import Identity
from edge.neighbours.calling import Caller
from shared.protocol.neighbours import Copy, Held

ANSWER_BYTES_MAX = 10_000


class Neighbours(Protocol):
    """Other boxes, by address."""

    async def held(self, address: str, node_id: str, nonce: str) -> Held:
        """Ask how far a node's entries are held there. nonce: for the answer. Raises NeighbourAway."""

    async def keep(self, address: str, node_id: str, copy: Copy) -> Held:
        """Let our entries be kept there, by that node. Raises NeighbourAway."""


class HttpNeighbours:
    """Reaches them over the store's network. Close it at the end."""

    def __init__(self, identity: Identity) -> None:
        self._caller = Caller(identity)

    async def close(self) -> None:
        await self._caller.close()

    async def held(self, address: str, node_id: str, nonce: str) -> Held:
        return await self._caller.ask("GET", address, f"/copies/{node_id}?nonce={nonce}", Held, ANSWER_BYTES_MAX)

    async def keep(self, address: str, node_id: str, copy: Copy) -> Held:
        return await self._caller.bring(address, node_id, "/copies", copy, Held, ANSWER_BYTES_MAX)
