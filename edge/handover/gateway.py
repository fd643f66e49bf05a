"""Asking another box of the store for a basket."""

from typing import Protocol

from edge.fleet.models import Identity
from edge.neighbours.calling import Caller, NeighbourAway
from shared.protocol.handover import Claim, Found, Handed, Lookup

FOUND_BYTES_MAX = 10_000
HANDED_BYTES_MAX = 60_000_000  # 500 lines and the largest pack, escaped inside JSON


class Boxes(Protocol):
    """The other boxes of the store, by address."""

    async def look_up(self, address: str, lookup: Lookup) -> Found:
        """Ask whether a basket waits there. Raises NeighbourAway, also for a box whose software has no such door."""

    async def claim(self, address: str, claim: Claim) -> Handed:
        """Take a basket over. Raises NeighbourAway; then it may be ours or not, and asking again tells."""


class NoBoxes:
    """A box that is alone, or shall be."""

    async def look_up(self, address: str, lookup: Lookup) -> Found:
        raise NeighbourAway(address=address, problem="this box calls no others")

    async def claim(self, address: str, claim: Claim) -> Handed:
        raise NeighbourAway(address=address, problem="this box calls no others")


class HttpBoxes:
    """Reaches them over the store's network. Close it at the end."""

    def __init__(self, identity: Identity) -> None:
        self._caller = Caller(identity)

    async def close(self) -> None:
        await self._caller.close()

    async def look_up(self, address: str, lookup: Lookup) -> Found:
        return await self._caller.bring(address, lookup.to, "/baskets/lookups", lookup, Found, FOUND_BYTES_MAX)

    async def claim(self, address: str, claim: Claim) -> Handed:
        return await self._caller.bring(address, claim.to, "/baskets/claims", claim, Handed, HANDED_BYTES_MAX)
