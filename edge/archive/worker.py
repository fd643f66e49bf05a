"""Keeps the journal from growing for ever, and closes days that nobody closes."""

import asyncio
from datetime import datetime, timedelta

import structlog

from edge import journal
from edge.database import Transaction
from edge.days import service as days
from edge.days.models import DayNotBegun
from edge.shop import Shop
from shared.protocol.entry import BadEntry

log = structlog.get_logger()

LOOK_EVERY_S = 600.0
FORGOTTEN_AT_ONCE = 500  # entries; some milliseconds, so that sales are not held up


async def keep_tidy(shop: Shop) -> None:
    """Close and forget for as long as the daemon runs."""
    while True:
        if shop.catalogue.is_ready:
            await close_old_day(shop)
            if shop.clock.is_trusted:
                await forget_old(shop)
        await asyncio.sleep(LOOK_EVERY_S)


async def forget_old(shop: Shop) -> int:
    """Drop what head office holds, a closing covers, and nobody may ask for any more; returns how many entries."""
    count = 0
    while forgotten := await shop.db.transact(_forget, _oldest_kept(shop)):
        count += forgotten
    if count:
        log.info("entries_forgotten", entries=count)
    return count


async def close_old_day(shop: Shop) -> bool:
    """Close a day of the past where that is set; anywhere, one that is as old as entries get.

    Its entries could never be forgotten otherwise. Tells whether there was one.
    """
    store, node, now = shop.catalogue.store, shop.identity.enrolled, shop.clock.now()
    try:
        day = await shop.summed_day()
    except BadEntry as error:
        log.warning("day_not_summed", problem=str(error))  # as long as the software is older than the journal
        return False
    first_at = await shop.db.transact(journal.written_at, day.first_seq)
    sold = day.tally.business_day
    is_past = sold is not None and sold < await shop.db.transact(shop.business_day, now)
    is_old = first_at is not None and first_at < _oldest_kept(shop) and shop.clock.is_trusted
    if not is_old and not (is_past and shop.config.closes_days):
        return False
    try:
        closing, _ = await shop.db.transact(days.close, day, store, node, shop.journal, now, None)
    except DayNotBegun:
        return False  # closed just now; what came since is of a day that begins tomorrow
    log.info("day_closed_by_itself", number=closing.number, business_day=closing.business_day.isoformat())
    shop.entry_written()
    return True


def _oldest_kept(shop: Shop) -> datetime:
    return shop.clock.now() - timedelta(days=shop.config.journal_days)


def _forget(tx: Transaction, before: datetime) -> int:
    return journal.forget(tx, before, days.closed_up_to(tx), FORGOTTEN_AT_ONCE)
