"""The feed on its way down: row by row when we are near, as a whole catalogue when we are new or far behind.

Head office holds its answer back until it has news, so a new price is here in a moment and nobody asks for nothing.
"""

import asyncio
from itertools import islice

import structlog

from edge.catalogue.freshness import Freshness
from edge.catalogue.models import DamagedCatalogue
from edge.fleet import service as fleet
from edge.shop import Shop
from edge.sync.client import HeadOfficeClient, HeadOfficeRefused, HeadOfficeSilent
from edge.sync.download import SnapshotDamaged, SnapshotNotKept, forget_parts, take_snapshot
from shared import ids
from shared.errors import Unavailable
from shared.events.nodes import LEFT_OUT_MAX, LeftOut, PromotionsLeftOut
from shared.protocol.feed import SNAPSHOT_BEYOND_ROWS, FeedPage

log = structlog.get_logger()

RETRY_FIRST_S = 0.5
RETRY_LONGEST_S = 10.0
DEAR_LONGEST_S = 600.0  # each attempt at a whole catalogue may cost a slow line 40 MB, and a weak disk ten times that
NEWS_PAUSE_S = 0.05  # what is published in one go is taken in one go
LINE_LOOK_EVERY_S = 0.5
PAGES_MAX = 200  # in one go; a feed that goes on for longer is asked again like one that failed
PROBLEM_SHOWN_MAX = 300  # characters


async def pull(shop: Shop, head_office: HeadOfficeClient) -> None:
    """Keep the catalogue up to date for as long as the daemon runs."""
    settings = shop.config.head_office
    pause_s, wait_s = RETRY_FIRST_S, 0.0
    while True:
        began_s = shop.clock.monotonic_s()
        try:
            await tell_left_out(shop)
            changed = await pull_all(shop, head_office, wait_s)
        except (Unavailable, HeadOfficeRefused) as error:
            log.info("feed_not_taken", error=str(error))
            await asyncio.sleep(pause_s * ids.jitter())
            longest_s = DEAR_LONGEST_S if isinstance(error, SnapshotDamaged | SnapshotNotKept) else RETRY_LONGEST_S
            pause_s, wait_s = min(2 * pause_s, longest_s), 0.0
            continue
        if changed:
            shop.announce_all_lanes()
            await asyncio.sleep(NEWS_PAUSE_S)
        elif not settings.pull_wait_s or shop.clock.monotonic_s() - began_s < wait_s / 2:
            await asyncio.sleep(settings.pull_every_s)  # whoever answered does not hold answers back
        pause_s, wait_s = RETRY_FIRST_S, settings.pull_wait_s


async def pull_all(shop: Shop, head_office: HeadOfficeClient, wait_s: float = 0.0) -> bool:
    """Bring the catalogue to the feed's end; tells whether anything changed. A damaged one is replaced whole.

    wait_s: how long head office may wait for news when there are none. Raises CatalogueNotKept, SnapshotDamaged, and
    what the client raises.
    """
    lacked = shop.catalogue.lacks_rows or shop.catalogue.memory_lags
    try:
        before = (shop.catalogue.cursor, shop.catalogue.head)
        await _follow(shop, head_office, wait_s)
    except DamagedCatalogue as error:
        log.warning("catalogue_damaged", error=str(error))
        await take_snapshot(shop, head_office)
        return True
    return lacked or (shop.catalogue.cursor, shop.catalogue.head) != before


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


async def _follow(shop: Shop, head_office: HeadOfficeClient, wait_s: float) -> None:
    catalogue, has_taken_whole = shop.catalogue, False
    for _ in range(PAGES_MAX):
        cursor, head = catalogue.cursor, catalogue.head
        page = await _page(shop, head_office, cursor, head, wait_s)
        await _trust(shop, page)
        if page.newest < cursor or (page.more and page.newest - cursor > SNAPSHOT_BEYOND_ROWS):
            # Far behind, or head office was restored from an older copy and some of what we have was lost there.
            if has_taken_whole:
                raise HeadOfficeSilent(problem="its catalogue does not fit its feed")
            await take_snapshot(shop, head_office)
            has_taken_whole, wait_s = True, 0.0
            continue
        _demand_order(page, cursor)
        if catalogue.lacks_rows:  # only now: the answer showed that no row here is of a past that head office lost
            log.info("catalogue_asked_for_anew", cursor=cursor)
            await catalogue.begin_anew()
            wait_s = 0.0
            continue
        freshness = Freshness.heard(page.at, shop.clock) if page.at and not page.more else None
        if page.rows or (page.cursor, page.head) != (cursor, head) or catalogue.memory_lags:
            await catalogue.apply(page.rows, page.cursor, freshness, head=page.head, more=page.more)
            shop.metrics.feed_rows.inc(len(page.rows))
            shop.metrics.feed_cursor.set(page.cursor)
        elif freshness is not None:
            await catalogue.is_newest(freshness)
        if not page.more:
            forget_parts(catalogue.path.parent)
            return
        wait_s = 0.0
    raise HeadOfficeSilent(problem="its feed does not end")


async def _page(shop: Shop, head_office: HeadOfficeClient, cursor: int, head: str | None, wait_s: float) -> FeedPage:
    """Ask for what is newer, but do not wait on a line that was meanwhile found to be cut: it may never say so itself.

    Raises what the client raises.
    """
    known = {"head": head} if head else {}
    asking = asyncio.create_task(head_office.get("/api/feed", FeedPage, cursor=cursor, wait_s=wait_s, **known))
    try:
        was_online = shop.line.online
        while not (await asyncio.wait({asking}, timeout=LINE_LOOK_EVERY_S))[0]:
            if was_online and not shop.line.online:
                raise HeadOfficeSilent(problem="the line was lost")
            was_online = shop.line.online
        return await asking
    except HeadOfficeRefused as refused:
        if refused.facts.get("code") != "bad-request":
            raise
        return await head_office.get("/api/feed", FeedPage, cursor=cursor)  # an older one, which lets nobody wait
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


def _demand_order(page: FeedPage, cursor: int) -> None:
    """Raises HeadOfficeSilent when a page does not go on from the cursor: taking it could leave something out."""
    reached = cursor
    for row in page.rows:
        if row.version <= reached:
            raise HeadOfficeSilent(problem="the rows of its feed are not in order")
        reached = row.version
    if page.cursor < reached or page.newest < page.cursor or (page.more and page.cursor == cursor):
        raise HeadOfficeSilent(problem="its feed does not go on")


async def _trust(shop: Shop, page: FeedPage) -> None:
    """Take head office's signing key from the first one who proves to be it, and from nobody after that."""
    told, known = page.signing_key, shop.identity.signing_key
    if told is None or told == known:
        return
    if known is not None:
        log.warning("signing_key_changed", hint="Whole catalogues are refused. Enrol the box again if this is right.")
        return
    shop.identity = await shop.db.transact(fleet.trust, told)
    log.info("signing_key_taken")
