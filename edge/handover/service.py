"""Parking a basket under a code, and going on with it: in this box, or handing it over to another one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge import requests
from edge.baskets import moving
from edge.baskets import service as baskets
from edge.baskets.pricing import Pricing
from edge.database import Transaction
from edge.handover import storage
from edge.handover.models import (
    ArrivedView,
    ContinuedElsewhere,
    Handover,
    NothingToPark,
    UnknownBasketCode,
    WaitedTooLong,
)
from edge.specials import carrying
from shared import ids
from shared.model.basket import Basket
from shared.model.special import Campaign
from shared.promotions.pack import Pack
from shared.protocol.handover import PACK_BYTES_MAX, AppliedThere, Carried, Shown
from shared.protocol.neighbours import Neighbour

PARKED_LONGEST = timedelta(hours=6)  # then nobody comes any more, and its prices are of another time
PARKED_SHOWN = timedelta(minutes=2)  # how long the lane's screen shows the code
KEPT = timedelta(days=7)  # what became of a code is told that long


@dataclass(frozen=True, slots=True)
class Parked:
    """A basket that waits, and whether it was parked just now."""

    handover: Handover
    basket: Basket


@dataclass(frozen=True, slots=True)
class FoundHere:
    """A code that this box knows, the promotions its basket was begun with, and whether who asks may have it."""

    handover: Handover
    pack_version: str | None
    may_be_claimed: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A basket as it goes to another box, JSON, with its promotions where they were asked for."""

    basket: str
    pack: str | None


def park(tx: Transaction, basket_id: str, pricing: Pricing, now: datetime, key: str | None = None) -> Parked:
    """Let a basket wait under a code until it is continued. A repeat gives the same code.

    Raises UnknownBasket, BasketIsBeingPaid, BasketHasMoved, BasketIsClosed, NothingToPark.
    """
    known = storage.latest_of(tx, basket_id)
    is_first = requests.is_first(tx, key, f"park {basket_id}", now)
    basket = baskets.basket(tx, basket_id, pricing)
    if known is not None and (known.state == "waiting" or not is_first):
        return Parked(known, basket)
    baskets.demand_open(basket.state)
    if not basket.lines:
        raise NothingToPark
    moving.park(tx, basket_id)
    made = Handover(_fresh_code(tx), basket_id, "waiting", basket.lane, None, _shown(basket), now, basket.due_minor)
    storage.add(tx, made)
    return Parked(made, baskets.basket(tx, basket_id, pricing))


def _fresh_code(tx: Transaction) -> str:
    while storage.handover(tx, code := ids.new_basket_code()) is not None:
        pass
    return code


def _shown(basket: Basket) -> Shown:
    applied = tuple(
        AppliedThere(name=use.name, opened_by=use.opened_by, minor=use.discount_minor)
        for use in basket.evaluation.applications
    )
    return Shown(due_minor=basket.due_minor, applied=applied)


def continue_here(
    tx: Transaction, code: str, lane: str, neighbours: Mapping[str, Neighbour], pricing: Pricing, now: datetime
) -> Basket | None:
    """Go on in a lane with a basket that waits in this box; None where this box does not know the code.

    A repeat answers the basket that is there. Raises LaneHasBasket, ContinuedElsewhere, WaitedTooLong.
    """
    known = storage.handover(tx, code)
    if known is None:
        return None
    if known.state == "waiting":
        moving.resume(tx, known.basket_id, lane)
        storage.set_state(tx, code, "continued", now, lane)
    elif known.state == "given":
        raise ContinuedElsewhere(code=code, place=name_of(neighbours, known.node_id))
    elif known.state == "given_up":
        raise WaitedTooLong(code=code)
    elif moving.lane_of(tx, known.basket_id) != lane:
        raise ContinuedElsewhere(code=code, place=known.lane)
    return baskets.basket(tx, known.basket_id, pricing)


def name_of(neighbours: Mapping[str, Neighbour], node_id: str | None) -> str:
    """Return how people call a box; one that is not of the store any more has only its id."""
    known = neighbours.get(node_id or "")
    return known.name if known else str(node_id)


def find(tx: Transaction, code: str, node_id: str) -> FoundHere | None:
    """Return what became of a code here, for another box that asks."""
    known = storage.handover(tx, code)
    if known is None:
        return None
    return FoundHere(known, moving.pack_version(tx, known.basket_id), _is_for(tx, known, node_id))


def _is_for(tx: Transaction, known: Handover, node_id: str) -> bool:
    """Tell whether another box may have a basket: it waits, or it is that box's already and has not moved on since."""
    if known.state != "given":
        return known.state == "waiting"
    latest = storage.latest_of(tx, known.basket_id)
    return known.node_id == node_id and latest is not None and latest.code == known.code


def give(tx: Transaction, code: str, node_id: str, now: datetime, *, with_pack: bool) -> Given:
    """Hand a waiting basket over to another box, for good. The same box gets the same as often as it asks.

    Raises UnknownBasketCode, ContinuedElsewhere.
    """
    known = storage.handover(tx, code)
    if known is None:
        raise UnknownBasketCode(kind="basket", code=code)
    if not _is_for(tx, known, node_id):
        raise ContinuedElsewhere(code=code, place=known.node_id or known.lane)
    if known.state == "waiting":
        moving.move_away(tx, known.basket_id)
        storage.set_state(tx, code, "given", now, known.lane, node_id)
    carried = moving.carried(tx, known.basket_id, known.shown)
    pack = moving.pack_text(tx, carried.pack_version) if with_pack else None
    if pack is not None and len(pack) > PACK_BYTES_MAX:
        pack = None  # it goes on with the present promotions, as any basket whose own are not known any more
    return Given(carried.model_dump_json(), pack)


def receive(
    tx: Transaction,
    code: str,
    node_id: str,
    brought: Carried,
    pack: Pack | None,
    lane: str,
    campaigns: Mapping[str, Campaign],
    neighbours: Mapping[str, Neighbour],
    pricing: Pricing,
    now: datetime,
) -> Basket:
    """Go on in a lane with a basket that another box handed over.

    pack: the promotions that it was begun with, where they came along. What of it does not hold at this box is left
    out, and told by name. One that another lane was faster with goes on there. Raises LaneHasBasket, BasketHasMoved,
    ContinuedElsewhere.
    """
    here = continue_here(tx, code, lane, neighbours, pricing, now)
    if here is not None:
        return here
    specials, left_out = carrying.brought(tx, brought.specials, brought.id, campaigns, pricing)
    basket = moving.take_in(tx, brought, lane, specials, pack, pricing)
    missing = (*left_out.values(), *_applied_no_more(brought.shown, basket, left_out))
    storage.add(
        tx,
        Handover(
            code=code,
            basket_id=brought.id,
            state="continued",
            lane=lane,
            node_id=node_id,
            shown=brought.shown,
            at=now,
            due_minor=basket.due_minor,
            missing=tuple(dict.fromkeys(missing)),
        ),
    )
    return basket


def _applied_no_more(shown: Shown, basket: Basket, left_out: Mapping[str, str]) -> list[str]:
    """Return names of what took something off there and takes nothing off here, besides coupons that are left out."""
    here = {use.name for use in basket.evaluation.applications}
    return [one.name for one in shown.applied if one.name not in here and one.opened_by not in left_out]


def parked_at(tx: Transaction, lane: str, now: datetime) -> Handover | None:
    """Return the basket that was parked at a lane a moment ago and still waits."""
    known = storage.latest_parked(tx, lane, now - PARKED_SHOWN)
    return known if known is not None and known.at <= now else None  # later than now: the clock was set back


def arrived(tx: Transaction, basket_id: str, neighbours: Mapping[str, Neighbour]) -> ArrivedView | None:
    """Return from which other box a basket came; None for one that was begun here, or parked here since."""
    known = storage.latest_of(tx, basket_id)
    if known is None or known.state != "continued" or known.node_id is None:
        return None
    place = name_of(neighbours, known.node_id)
    return ArrivedView(
        code=known.code,
        place=place,
        missing=known.missing,
        shown_minor=known.shown.due_minor,
        due_minor=known.due_minor,
    )


def give_up_old(tx: Transaction, before: datetime, now: datetime) -> list[Handover]:
    """Give up baskets that have waited since before a moment; returns them."""
    old = storage.waiting_before(tx, before)
    for one in old:
        moving.give_up(tx, one.basket_id)
        storage.set_state(tx, one.code, "given_up", now, one.lane)
    storage.drop_ended(tx, now - KEPT)
    return old
