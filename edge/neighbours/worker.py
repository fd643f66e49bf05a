"""Says where this box is, hears where the others are, and lets them keep what is unsent."""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from edge import journal
from edge.config import Neighbours as Settings
from edge.neighbours import service
from edge.neighbours.beacon import Listener, listening
from edge.neighbours.calling import NeighbourAway
from edge.neighbours.delivering import keep_delivering
from edge.neighbours.gateway import HttpNeighbours, Neighbours
from edge.shop import JOURNAL, NEIGHBOURS, Shop
from edge.sync.client import HeadOfficeClient
from shared.errors import Denied
from shared.protocol.neighbours import Beacon, Held, NotANeighbour, make_beacon, make_nonce, verify_held
from shared.workers import Worker, happens, keep_going

log = structlog.get_logger()

BEACON_EVERY_S = 5.0
LOOK_EVERY_S = 5.0  # when nothing is written; a neighbour that came back is given what it lacks
NETWORK_RETRY_S = 10.0


async def keep_company(shop: Shop, settings: Settings, port: int, head_office: HeadOfficeClient) -> None:
    """Be a neighbour for as long as the daemon runs. port: where others reach us.

    Each part goes on by itself: what ends one of them for a moment, as a full disk does, disturbs no other.
    """
    http = HttpNeighbours(shop.identity)
    parts: dict[str, Worker] = {
        "telling": partial(_keep_telling, shop, settings, port),
        "looking": partial(_keep_looking, shop, settings, http),
        "copying": partial(_keep_copying, shop, http),
        "delivering": partial(keep_delivering, shop, head_office, settings.waits_s),
    }
    try:
        async with asyncio.TaskGroup() as tasks:
            for name, work in parts.items():
                tasks.create_task(keep_going(name, work))
    finally:
        await http.close()


async def _keep_telling(shop: Shop, settings: Settings, port: int) -> None:
    """Say where we are, and hear where others are; a network that is away is tried again."""
    listener = Listener(partial(_public_key, shop), partial(heard, shop))
    begun_seq, _ = await shop.db.transact(journal.head, shop.identity.node_id)
    while True:
        try:
            async with listening(listener, settings.group, settings.beacon_port) as tell:
                await _tell_on(shop, tell, port, begun_seq)
        except OSError as error:
            log.info("beacon_not_sent", problem=str(error))
        await asyncio.sleep(NETWORK_RETRY_S)


async def _tell_on(shop: Shop, tell: Callable[[bytes], None], port: int, begun_seq: int) -> None:
    """begun_seq: of the journal. Every start writes an entry, so turns go forward whatever the clock does."""
    key, node_id = shop.identity.key, shop.identity.node_id
    while True:
        shop.company.told += 1
        tell(make_beacon(key, node_id, port, (begun_seq, shop.company.told)))
        tell(make_beacon(key, node_id, port))  # boxes of the first version read no other
        await asyncio.sleep(BEACON_EVERY_S)


def _public_key(shop: Shop, node_id: str) -> str | None:
    known = shop.catalogue.neighbours.get(node_id)
    return known.public_key if known and node_id != shop.identity.node_id else None


def heard(shop: Shop, beacon: Beacon, address: str) -> None:
    """Take note of where a neighbour says that it is.

    A repeat from elsewhere would lead copies astray: one with a turn counts only if it is newer than the last, and one
    without only while the neighbour does not answer where it was.
    """
    company, node_id = shop.company, beacon.node_id
    if beacon.turn is None:
        is_news = node_id not in company.held
    else:
        is_news = beacon.turn > company.turns.get(node_id, (0, 0))
        company.turns[node_id] = max(beacon.turn, company.turns.get(node_id, (0, 0)))
    if is_news:
        found(shop, node_id, address)


def found(shop: Shop, node_id: str, address: str) -> None:
    """Take note of where a neighbour is from now on."""
    if shop.company.addresses.get(node_id) != address:
        log.info("neighbour_found", node=node_id, address=address)
        shop.company.addresses[node_id] = address
        shop.company.held.pop(node_id, None)
        shop.company.away.discard(node_id)
        shop.hub.announce(NEIGHBOURS)


async def _keep_looking(shop: Shop, settings: Settings, neighbours: Neighbours) -> None:
    """Look for boxes at fixed addresses."""
    while True:
        await look_at(shop, settings, neighbours)
        await asyncio.sleep(LOOK_EVERY_S)


async def _keep_copying(shop: Shop, neighbours: Neighbours) -> None:
    """Let every neighbour that was found keep what head office does not hold, each at its own pace."""
    copying: dict[str, asyncio.Task[None]] = {}
    async with asyncio.TaskGroup() as tasks:
        with shop.hub.watching(NEIGHBOURS) as news:
            while True:
                news.clear()
                for node_id in shop.company.addresses.keys() & shop.catalogue.neighbours.keys():
                    if node_id not in copying or copying[node_id].done():
                        work = partial(_keep_copying_to, shop, neighbours, node_id)
                        copying[node_id] = tasks.create_task(keep_going("copying", work))
                await happens(news, within_s=LOOK_EVERY_S)


async def _keep_copying_to(shop: Shop, neighbours: Neighbours, node_id: str) -> None:
    """Let one neighbour keep copies for as long as it is one; while it is away it is asked now and then."""
    with shop.hub.watching(JOURNAL) as written, shop.hub.watching(NEIGHBOURS) as moved:
        while node_id in shop.catalogue.neighbours:
            written.clear()
            moved.clear()
            await copy_to(shop, neighbours, node_id, shop.company.addresses[node_id])
            waits_for = moved if node_id in shop.company.away or moved.is_set() else written
            await happens(waits_for, within_s=LOOK_EVERY_S)


async def look_at(shop: Shop, settings: Settings, neighbours: Neighbours) -> None:
    """Ask who is there at fixed addresses, except at those of boxes that answer, there or elsewhere.

    A box may have several addresses; which of them is taken does not matter, as long as it stays the same.
    """
    company = shop.company
    at_hand = shop.catalogue.neighbours.keys() - company.away
    known = {address for node_id, address in company.addresses.items() if node_id in at_hand}
    known |= {address for address, node_id in company.led_to.items() if node_id in at_hand & company.addresses.keys()}
    asked = [address for address in settings.addresses if address not in known]
    await asyncio.gather(*(_ask_who_is_at(shop, neighbours, address) for address in asked))


async def _ask_who_is_at(shop: Shop, neighbours: Neighbours, address: str) -> None:
    company = shop.company
    try:
        nonce = make_nonce()
        held = await neighbours.held(address, shop.identity.node_id, nonce)
        await _demand_neighbour(shop, held, held.by, nonce)
    except (NeighbourAway, Denied) as error:
        log.debug("neighbour_away", address=address, problem=str(error))
        return
    company.led_to[address] = held.by
    if held.by not in company.addresses or held.by in company.away:
        found(shop, held.by, address)


async def copy_to(shop: Shop, neighbours: Neighbours, node_id: str, address: str) -> None:
    """Bring a neighbour up to date with what is unsent; one that is away is passed over until the next time."""
    company = shop.company
    try:
        held = company.held.get(node_id)
        if held is None or node_id not in company.dated:  # what a box of the first version said may be a repeat
            nonce = make_nonce()
            answer = await neighbours.held(address, shop.identity.node_id, nonce)
            await _demand_neighbour(shop, answer, node_id, nonce)
            held = company.held[node_id] = answer.seq
        company.away.discard(node_id)
        while copy := await shop.db.transact(service.copy_for, shop.identity, held, _nonce_for(shop, node_id)):
            answer = await neighbours.keep(address, node_id, copy)
            await _demand_neighbour(shop, answer, node_id, copy.nonce)
            held = company.held[node_id] = answer.seq
            if answer.seq < copy.batch.last_seq:
                return  # it lacks what came before; the next round goes on from there
    except (NeighbourAway, Denied) as error:
        log.debug("neighbour_away", node=node_id, address=address, problem=str(error))
        company.held.pop(node_id, None)
        if company.addresses.get(node_id) == address:
            company.away.add(node_id)


def _nonce_for(shop: Shop, node_id: str) -> str | None:
    return make_nonce() if node_id in shop.company.dated else None


async def _demand_neighbour(shop: Shop, held: Held, node_id: str, nonce: str | None) -> None:
    """Raises NotANeighbour unless that neighbour said this of our entries, now. nonce: that it was asked with."""
    public_key = _public_key(shop, node_id)
    if public_key is None or (held.by, held.node_id) != (node_id, shop.identity.node_id):
        raise NotANeighbour
    if held.nonce not in {nonce, None}:
        raise NotANeighbour
    verify_held(held, public_key)
    is_dated = held.nonce is not None
    if not is_dated or node_id not in shop.company.dated:
        await shop.db.transact(service.demand_dated, node_id, is_dated=is_dated)
    if is_dated:
        shop.company.dated.add(node_id)
