"""Promotions as buyers send them, and doors that many tests knock at."""

import json
from pathlib import Path
from typing import Any

from edge.catalogue.open_catalogue import Catalogue
from shared.protocol.feed import FeedPage
from tests.cloud.boxes import Box
from tests.cloud.world import Answer, Tenant, World, knock_as
from tests.edge.small_shop import swap_in

TEN_OFF = {"kind": "percent", "value": 1000}


def easy(promotion_id: str = "P1", **fields: Any) -> dict[str, Any]:
    return {"id": promotion_id, "name": f"Offer {promotion_id}", "family": "easy", "reward": TEN_OFF, **fields}


def group(promotion_id: str = "G1", n: int = 3, price: int = 500, **fields: Any) -> dict[str, Any]:
    reward = {"kind": "set_price", "value": price}
    return {"id": promotion_id, "name": f"{n} for {price}", "family": "group", "n": n, "reward": reward, **fields}


async def write(tenant: Tenant, promotion: dict[str, Any], **request: Any) -> Answer:
    path = f"/api/promotions/{promotion['id']}"
    return await tenant.knock("PUT", path, json={"promotion": promotion, **request})


async def written(tenant: Tenant, *promotions: dict[str, Any], **request: Any) -> None:
    for promotion in promotions:
        answer = await write(tenant, promotion, **request)
        assert answer.status == 200, answer.body


async def publish(tenant: Tenant, **wanted: Any) -> dict[str, Any]:
    answer = await tenant.knock("POST", "/api/promotions/packs", json=wanted)
    assert answer.status == 201, answer.body
    return answer.body


async def follow(world: World, box: Box, catalogue: Catalogue) -> None:
    """Bring a node's catalogue to the end of the feed, row by row."""
    while True:
        answer = await knock_as(world, box, "GET", f"/api/feed?cursor={catalogue.cursor}")
        page = FeedPage.model_validate_json(json.dumps(answer.body))
        await catalogue.apply(page.rows, page.cursor, more=page.more)
        if not page.more:
            return


async def whole(world: World, box: Box, folder: Path) -> str:
    """Return the version of the pack that a node has which takes the whole catalogue at once."""
    answer = await knock_as(world, box, "GET", "/api/feed/snapshot")
    catalogue = Catalogue(folder)
    try:
        await swap_in(catalogue, answer.body)
        return catalogue.pack.version
    finally:
        catalogue.close()
