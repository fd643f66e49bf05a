"""Baskets that go from box to box over the store's network, which loses answers and ends with the boxes."""

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from edge.neighbours.calling import NeighbourAway
from shared.protocol.handover import Claim, Found, Handed, Lookup
from tests.simulator.wire import Broken, Network, Refused

if TYPE_CHECKING:
    from tests.simulator.machines import Box
    from tests.simulator.world import World

ANSWER_S = 6.0
LOST = 0.15  # of answers, when what was asked is done

Answer = TypeVar("Answer", bound=BaseModel)


def between(name: str) -> str:
    """Return under which name a box listens for the others of its store."""
    return f"{name}/between"


@dataclass
class WiredBoxes:
    """The other boxes of a store, in memory."""

    network: Network
    chance: random.Random

    async def look_up(self, address: str, lookup: Lookup) -> Found:
        return await self._ask(address, "/baskets/lookups", lookup, Found)

    async def claim(self, address: str, claim: Claim) -> Handed:
        return await self._ask(address, "/baskets/claims", claim, Handed)

    async def _ask(self, address: str, path: str, body: BaseModel, answer: type[Answer]) -> Answer:
        try:
            async with asyncio.timeout(ANSWER_S):
                status, told = await self.network.call(address, "POST", path, body.model_dump(mode="json"))
        except (Refused, Broken, TimeoutError) as error:
            raise NeighbourAway(address=address, problem=type(error).__name__) from error
        if status != 200 or self.chance.random() < LOST:
            raise NeighbourAway(address=address, problem=f"{status}, or the answer was lost")
        return answer.model_validate(told, strict=False)


def introduce(world: "World", box: "Box") -> None:
    """Let a box know where the others of its store are, as their beacons would."""
    if box.shop is not None:
        others = [one for one in world.boxes if one.store == box.store and one is not box and one.node_id]
        box.shop.company.addresses.update({one.node_id: between(one.name) for one in others})


def other_box(world: "World", box: "Box", chance: random.Random) -> "Box":
    """Return another box of the same store; the same where there is no other."""
    others = [one for one in world.boxes if one.store == box.store and not one.is_retired and one is not box]
    return chance.choice(others or [box])
