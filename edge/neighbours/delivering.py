"""Brings to head office what neighbours wrote and could not send themselves."""

import asyncio

import structlog

from edge.neighbours import service
from edge.neighbours.models import Refusal
from edge.shop import Shop
from edge.sync.certificate import UNKNOWN
from edge.sync.client import HeadOfficeAway, HeadOfficeClient, HeadOfficeRefused, HeadOfficeSilent
from shared.events.nodes import CopiesDelivered
from shared.protocol.batch import Acknowledged
from shared.protocol.neighbours import Delivery

log = structlog.get_logger()

NO_SUCH_NODE = "not-found"
REFUSED_RETRY_S = 3_600.0  # a person must do something at head office first


async def keep_delivering(shop: Shop, head_office: HeadOfficeClient, waits_s: float) -> None:
    """Bring to head office what neighbours wrote and it still lacks after a while."""
    seen: set[tuple[str, int]] = set()
    while True:
        for node_id in tuple(shop.company.brought):  # a disk that was full did not take it
            await _write_down(shop, node_id)
        waiting = set(await shop.db.transact(service.waiting))
        if shop.line.online:
            for node_id, _ in waiting & seen:
                refused = shop.company.refused.get(node_id)
                if refused is None or refused.until_s <= shop.clock.monotonic_s():
                    await deliver(shop, head_office, node_id)
        seen = waiting
        await asyncio.sleep(waits_s)


async def deliver(shop: Shop, head_office: HeadOfficeClient, node_id: str) -> None:
    """Bring a neighbour's entries to head office as far as it lacks them; what it has is forgotten here.

    What it refuses is kept, shown to staff, and offered again later.
    """
    refused = shop.company.refused.pop(node_id, None)
    try:
        await _bring(shop, head_office, node_id)
    except (HeadOfficeAway, HeadOfficeSilent) as error:
        log.info("copies_not_delivered", node=node_id, problem=str(error))
        if refused is not None:
            shop.company.refused[node_id] = refused
    except HeadOfficeRefused as error:
        log.warning("copies_refused", node=node_id, problem=str(error))
        if error.facts.get("code") != UNKNOWN:  # that is about this box, and will soon be over
            until_s = shop.clock.monotonic_s() + REFUSED_RETRY_S
            shop.company.refused[node_id] = Refusal(str(error.facts.get("problem")), until_s)
    await _write_down(shop, node_id)


async def _bring(shop: Shop, head_office: HeadOfficeClient, node_id: str) -> None:
    """Raises what the client raises."""
    held = await _ask_held(shop, head_office, node_id)
    await shop.db.transact(service.delivered, node_id, held.seq)
    while kept := await shop.db.transact(service.next_of, node_id):
        delivery = Delivery(node_id=node_id, batch=kept.batch)
        answer = await head_office.send("/api/journal/copies", delivery, Acknowledged)
        if answer.seq > held.seq:
            first_seq, _ = shop.company.brought.get(node_id, (held.seq + 1, 0))
            shop.company.brought[node_id] = first_seq, answer.seq
        if answer.seq < kept.last_seq:  # what comes before was never here
            log.warning("copies_leave_a_gap", node=node_id, first_seq=kept.first_seq, head_office_has=answer.seq)
            return
        await shop.db.transact(service.delivered, node_id, answer.seq)


async def _ask_held(shop: Shop, head_office: HeadOfficeClient, node_id: str) -> Acknowledged:
    """Ask how far head office holds a neighbour's journal; if it has forgotten the neighbour, remind it.

    A head office that was restored from a copy of before the enrolment has. Raises what the client raises.
    """
    try:
        return await head_office.get(f"/api/journal/copies/{node_id}", Acknowledged)
    except HeadOfficeRefused as error:
        proof = await shop.db.transact(service.proof_of, node_id)
        if error.facts.get("code") != NO_SUCH_NODE or proof is None:
            raise
        log.warning("neighbour_was_forgotten", node=node_id)
    return await head_office.send("/api/returns/neighbours", proof, Acknowledged)


async def _write_down(shop: Shop, node_id: str) -> None:
    """Record what was brought, also when the line was cut before the rest."""
    if node_id not in shop.company.brought:
        return
    first_seq, last_seq = shop.company.brought[node_id]
    await shop.db.transact(shop.record, CopiesDelivered(node_id=node_id, first_seq=first_seq, last_seq=last_seq))
    del shop.company.brought[node_id]
    log.info("copies_delivered", node=node_id, first_seq=first_seq, last_seq=last_seq)
    shop.entry_written()
