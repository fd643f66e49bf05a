"""Two boxes of one store with their doors between them, and what a test may do to the line."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge import app
from edge.fleet.models import Identity
from edge.handover import api as handover_api
from edge.handover.gateway import HttpBoxes
from edge.neighbours.api import application
from edge.neighbours.calling import NeighbourAway
from edge.shop import Shop
from shared.api.serving import serving
from shared.protocol.enrolment import Enrolled
from shared.protocol.handover import Claim, Found, Handed, Lookup
from tests.edge.neighbours.test_copies import OTHER, known_as, open_node
from tests.edge.small_shop import (
    NODE,
    STORE_ID,
    TENANT_ID,
    HandClock,
    Thing,
    Till,
    assortment,
    open_till,
    publish,
    settings,
)

THIRD = Enrolled(
    node_id="0190a000-0000-7000-8000-000000000031",
    node_name="καφέ",
    tenant_id=TENANT_ID,
    store_id=STORE_ID,
    series="T1K3",
)


@dataclass(slots=True)
class FaultyBoxes(HttpBoxes):
    """The real way to other boxes, on which answers get lost behind what they answer."""

    identity: Identity
    lose_found: int = 0
    lose_handed: int = 0
    looked_up: list[Lookup] = field(default_factory=list)
    claimed: list[Claim] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        HttpBoxes.__init__(self, self.identity)

    async def look_up(self, address: str, lookup: Lookup) -> Found:
        self.looked_up.append(lookup)
        found = await HttpBoxes.look_up(self, address, lookup)
        if self.lose_found:
            self.lose_found -= 1
            raise NeighbourAway(address=address, problem="the answer was lost")
        return found

    async def claim(self, address: str, claim: Claim) -> Handed:
        self.claimed.append(claim)
        handed = await HttpBoxes.claim(self, address, claim)
        if self.lose_handed:
            self.lose_handed -= 1
            raise NeighbourAway(address=address, problem="the answer was lost")
        return handed


@dataclass(slots=True)
class Street:
    """The tills of a store by name, and where their boxes listen."""

    tills: dict[str, Till]
    addresses: dict[str, str]
    boxes: dict[str, FaultyBoxes]

    @property
    def kiosk(self) -> Till:
        return self.tills["kiosk"]

    @property
    def other(self) -> Till:
        return self.tills["gateway"]


async def park(till: Till, basket_id: str, **headers: str) -> tuple[int, Any]:
    return await till.call("POST", f"/api/baskets/{basket_id}/parking", **headers)


async def parked(till: Till, *skus: str) -> tuple[dict[str, Any], str]:
    """Fill a basket and park it; returns the basket as it was shown, and its code."""
    basket = await till.fill(*skus)
    status, answer = await park(till, basket["id"])
    assert status == 200, answer
    return basket, answer["code"]


async def go_on(till: Till, code: str, lane: str = "kiosk") -> tuple[int, Any]:
    return await till.call("POST", f"/api/lanes/{lane}/continued", {"code": code})


@asynccontextmanager
async def open_street(
    folder: Path, *things: Thing, nodes: tuple[Enrolled, ...] = (NODE, OTHER)
) -> AsyncIterator[Street]:
    """Open boxes that know each other; those that were open before go on as they were left.

    things: what the feed brings besides the assortment.
    """
    async with AsyncExitStack() as stack:
        shops: dict[str, Shop] = {}
        is_new = not folder.joinpath(nodes[0].node_name, "sales.db").exists()
        for node in nodes:
            path = folder / node.node_name
            opening = open_node(path, node) if is_new else app.open_shop(settings(), path, HandClock())
            shops[node.node_name] = await stack.enter_async_context(opening)
        street = Street({}, {}, {})
        known = [known_as(shop) for shop in shops.values()]
        for name, shop in shops.items():
            if is_new:
                await publish(shop.catalogue, *assortment(), *things, *known)
            street.tills[name] = await stack.enter_async_context(open_till(shop))
            doors = application(shop, *handover_api.between.routes)
            url = await stack.enter_async_context(serving(doors, "127.0.0.1", 0))
            street.addresses[name] = url.removeprefix("http://").rstrip("/")
            street.boxes[name] = shop.boxes = FaultyBoxes(shop.identity)
            stack.push_async_callback(street.boxes[name].close)
        for shop in shops.values():
            shop.company.addresses.update(
                {other.identity.node_id: street.addresses[name] for name, other in shops.items() if other is not shop}
            )
        yield street
