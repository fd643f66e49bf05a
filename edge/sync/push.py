"""The journal on its way up: in order, in signed batches, until head office says that it holds them.

Head office's answer is the truth. A lost answer, a repeat, a head office that was restored from an old copy: each time
it says how far it has come, and sending goes on from there. There is no limit on attempts; money is never given up.
"""

import asyncio

import structlog

from edge import journal
from edge.database import Transaction
from edge.fleet import service as fleet
from edge.journal import EntriesForgotten
from edge.shop import JOURNAL, Shop
from edge.store_clock import LastTrust
from edge.sync.certificate import come_back, fetch_certificate
from edge.sync.client import HeadOfficeAway, HeadOfficeClient, HeadOfficeRefused, HeadOfficeSilent, Told
from shared import ids
from shared.events.nodes import ClockSet
from shared.protocol import batch
from shared.protocol.batch import Acknowledged, Backlog
from shared.workers import happens

log = structlog.get_logger()

CLOCK_NOTED_EVERY_S = 600.0  # at most: two head offices that differ must not fill the journal
RETRY_FIRST_S = 0.5
RETRY_LONGEST_S = 10.0  # so a shop is heard of within seconds after its line is back
BROKEN_CHAIN, NO_SUCH_DOOR = "broken-chain", "not-found"  # codes of refusals
REFUSED_RETRY_S = 30.0  # head office must be mended first; asking more often would not help


async def push(shop: Shop, head_office: HeadOfficeClient) -> None:
    """Keep head office up to date for as long as the daemon runs."""
    pause_s, has_settled = RETRY_FIRST_S, False
    with shop.hub.watching(JOURNAL) as written:
        while True:
            written.clear()
            try:
                await push_all(shop, head_office)
            except (HeadOfficeAway, HeadOfficeSilent) as error:
                await _contact_lost(shop, str(error))
                await asyncio.sleep(pause_s * ids.jitter())
                pause_s = min(2 * pause_s, RETRY_LONGEST_S)
                continue
            except (HeadOfficeRefused, EntriesForgotten) as error:
                log.warning("journal_refused", error=str(error))
                await _contact_lost(shop, str(error))
                is_settled = isinstance(error, HeadOfficeRefused) and await _settle(shop, head_office, error)
                # Once: a head office that goes on refusing is asked seldom, whatever it says in between.
                if not is_settled or has_settled:
                    await asyncio.sleep(REFUSED_RETRY_S)
                has_settled = is_settled and not has_settled
                continue
            pause_s, has_settled = RETRY_FIRST_S, False
            await fetch_certificate(shop, head_office)
            await happens(written, within_s=shop.config.head_office.push_every_s)


async def _settle(shop: Shop, head_office: HeadOfficeClient, refused: HeadOfficeRefused) -> bool:
    """Do something about a refusal; tells whether it is worth asking again at once."""
    return await come_back(shop, head_office, refused) or await go_own_way(shop, refused)


async def go_own_way(shop: Shop, refused: HeadOfficeRefused) -> bool:
    """Deliver beside what head office holds, if that contradicts what is written here: this box was set back.

    It cannot know by itself, and a batch that was damaged on its way looks the same; head office takes both there.
    Tells whether this is new.
    """
    code = refused.facts.get("code")
    if not shop.line.has_parted:
        shop.line.has_parted = code == BROKEN_CHAIN
        return shop.line.has_parted
    if code == BROKEN_CHAIN:  # head office lost where the ways part
        await shop.db.transact(journal.send_again, shop.identity.node_id)
    shop.line.has_parted = code != NO_SUCH_DOOR
    return False


async def push_all(shop: Shop, head_office: HeadOfficeClient) -> None:
    """Send what is unsent, or just say that we are here. Raises what the client raises."""
    while True:
        entries, backlog = await shop.db.transact(_due)
        signed_seq = entries[-1][0] if entries else 0
        if not entries:
            acknowledged = await head_office.send("/api/contacts", backlog, Acknowledged)
        else:
            first_seq, _, _ = entries[0]
            _, _, head = entries[-1]
            signed = batch.sign(
                shop.identity.key, shop.identity.node_id, first_seq, [entry for _, entry, _ in entries], head, backlog
            )
            door = "/api/journal/branches" if shop.line.has_parted else "/api/journal"
            acknowledged = await head_office.send(door, signed, Acknowledged)
        is_ours = await shop.db.transact(journal.acknowledge, acknowledged, shop.identity.node_id)
        # Whoever is only greeted tells of the way that this box has forgotten.
        if not is_ours and (entries or not shop.line.has_parted):
            raise HeadOfficeRefused(problem="its record of this box is not what this box wrote.", code=BROKEN_CHAIN)
        await take_time(shop, head_office.told)
        left = await shop.db.transact(journal.backlog)
        _contact_made(shop, left)
        if not left.unsent:
            return
        if acknowledged.seq < signed_seq:
            return  # head office holds less than we sent; the next round goes on from there


async def take_time(shop: Shop, told: Told | None) -> None:
    """Go by head office's time from now on; that ours was wrong is written down, and goes up with the next contact."""
    if told is None:
        return
    after = told.now(shop.clock)
    before, device, was_off = shop.clock.now(), shop.clock.device.now(), shop.clock.is_off(after)
    fact = None
    if was_off and told.heard_s >= shop.line.clock_noted_from_s:
        shop.line.clock_noted_from_s = told.heard_s + CLOCK_NOTED_EVERY_S
        fact = ClockSet(before=before, after=after, device=device)
    await shop.db.transact(_take_time, shop, shop.clock.hear(after), fact)
    if was_off:
        log.warning("clock_set", before=before.isoformat(), after=after.isoformat(), device=device.isoformat())
        shop.announce_all_lanes()


def _take_time(tx: Transaction, shop: Shop, trust: LastTrust, fact: ClockSet | None) -> None:
    fleet.keep_trust(tx, trust)
    if fact is not None:
        shop.record(tx, fact)


def _due(tx: Transaction) -> tuple[list[tuple[int, bytes, bytes]], Backlog]:
    return journal.unsent(tx), journal.backlog(tx)


def _contact_made(shop: Shop, backlog: Backlog) -> None:
    if not shop.line.online:
        log.info("head_office_reached", unsent=backlog.unsent)
    shop.line.online = True
    shop.line.last_contact_at = shop.clock.now()
    _show(shop, backlog)


async def _contact_lost(shop: Shop, problem: str) -> None:
    backlog = await shop.db.transact(journal.backlog)
    if shop.line.online:
        log.warning("head_office_lost", problem=problem, unsent=backlog.unsent)
    shop.line.online = False
    _show(shop, backlog)


def _show(shop: Shop, backlog: Backlog) -> None:
    changed = shop.line.shown != (shop.line.online, backlog.unsent)
    shop.line.unsent = backlog.unsent
    shop.line.shown = (shop.line.online, backlog.unsent)
    shop.metrics.unsent.set(backlog.unsent)
    shop.metrics.online.set(shop.line.online)
    if changed:
        shop.announce_all_lanes()
