"""Gives up parked baskets that nobody comes for."""

import asyncio
from datetime import datetime

import structlog

from edge.handover import service
from edge.shop import Shop

log = structlog.get_logger()

LOOK_EVERY_S = 60.0


async def keep_giving_up(shop: Shop) -> None:
    """Look through what waits for as long as the daemon runs."""
    trusted_since: datetime | None = None
    while True:
        trusted_since = await give_up(shop, trusted_since)
        await asyncio.sleep(LOOK_EVERY_S)


async def give_up(shop: Shop, trusted_since: datetime | None) -> datetime | None:
    """Give up what has waited too long by the store's clock, since that can be trusted; returns since when it can.

    A clock that head office sets right jumps, by years where a battery is dead: what was parked before waits anew.
    """
    if not shop.clock.is_trusted:
        return None
    now = shop.clock.now()
    since = trusted_since or now
    if now - since >= service.PARKED_LONGEST:
        old = await shop.db.transact(service.give_up_old, now - service.PARKED_LONGEST, now)
        for one in old:
            log.info("basket_given_up", basket=one.basket_id, code=one.code, lane=one.lane)
    return since
