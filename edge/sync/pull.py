"""The feed on its way down: row by row when we are near, as a whole catalogue when we are new or far behind."""

import asyncio
import base64
import hashlib
from itertools import islice

import structlog

from edge.catalogue.models import DamagedCatalogue
from edge.catalogue.open_catalogue import Catalogue
from edge.shop import Shop
from edge.sync.client import HeadOfficeClient, HeadOfficeRefused, HeadOfficeSilent
from shared import ids
from shared.errors import Unavailable
from shared.events.nodes import LEFT_OUT_MAX, LeftOut, PromotionsLeftOut
from shared.protocol.feed import FeedPage

log = structlog.get_logger()

SNAPSHOT_BEYOND_ROWS = 5_000  # this many rows cost about as much to apply as a snapshot of a usual shop to fetch
RETRY_FIRST_S = 0.5
RETRY_LONGEST_S = 10.0
PROBLEM_SHOWN_MAX = 300  # characters


async def pull(shop: Shop, head_office: HeadOfficeClient) -> None:
    """Keep the catalogue up to date for as long as the daemon runs."""
    pause_s = RETRY_FIRST_S
    while True:
        try:
            await tell_left_out(shop)
            if await pull_all(shop.catalogue, head_office):
                shop.announce_all_lanes()
        except (Unavailable, HeadOfficeRefused) as error:
            log.info("feed_not_taken", error=str(error))
            await asyncio.sleep(pause_s * ids.jitter())
            pause_s = min(2 * pause_s, RETRY_LONGEST_S)
            continue
        pause_s = RETRY_FIRST_S
        await asyncio.sleep(shop.config.head_office.pull_every_s)


async def pull_all(catalogue: Catalogue, head_office: HeadOfficeClient) -> bool:
    """Bring the catalogue to the feed's end; tells whether anything changed. A damaged one is replaced whole.

    Raises CatalogueNotKept, and what the client raises.
    """
    try:
        before = catalogue.cursor
        await _follow(catalogue, head_office)
    except DamagedCatalogue as error:
        log.warning("catalogue_damaged", error=str(error))
        await _take_snapshot(catalogue, head_office)
        return True
    return catalogue.cursor != before


async def tell_left_out(shop: Shop) -> None:
    """Write down which promotions this box cannot read, when that changed; after a start it is told once more."""
    left_out = shop.catalogue.left_out
    if left_out == shop.left_out or not shop.catalogue.is_ready:
        return
    named = islice(left_out.items(), LEFT_OUT_MAX)
    fact = PromotionsLeftOut(
        pack_version=shop.catalogue.pack.version,
        left_out=tuple(LeftOut(promotion_id=key, problem=problem[:PROBLEM_SHOWN_MAX]) for key, problem in named),
    )
    await shop.db.transact(shop.record, fact)
    shop.left_out = left_out
    shop.entry_written()


async def _follow(catalogue: Catalogue, head_office: HeadOfficeClient) -> None:
    while True:
        cursor = catalogue.cursor
        page = await head_office.get("/api/feed", FeedPage, cursor=cursor)
        if page.newest < cursor or (page.more and page.newest - cursor > SNAPSHOT_BEYOND_ROWS):
            # Far behind, or head office was restored from an old copy and its rows count anew.
            await _take_snapshot(catalogue, head_office)
            continue
        if page.rows or page.cursor != cursor:
            await catalogue.apply(page.rows, page.cursor, more=page.more)
        if not page.more:
            return


async def _take_snapshot(catalogue: Catalogue, head_office: HeadOfficeClient) -> None:
    snapshot, claimed = await head_office.download("/api/feed/snapshot")
    digest = base64.b64encode(hashlib.sha256(snapshot).digest()).decode()
    if claimed != f"sha-256=:{digest}:":
        raise HeadOfficeSilent(problem="the catalogue arrived damaged")
    try:
        await catalogue.swap(snapshot)
    except DamagedCatalogue as error:
        raise HeadOfficeSilent(problem="the catalogue is not one that this version can read") from error
    log.info("catalogue_replaced", bytes=len(snapshot), cursor=catalogue.cursor)
