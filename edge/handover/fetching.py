"""Going on with a basket by its code: it is looked for here, and then at the other boxes of the store."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from edge.baskets import moving
from edge.handover import service
from edge.handover.models import (
    AmbiguousBasketCode,
    BasketOfOtherVersion,
    BasketTillAway,
    ContinuedElsewhere,
    UnknownBasketCode,
    WaitedTooLong,
)
from edge.neighbours.calling import NeighbourAway
from edge.shop import Shop
from shared.errors import Denied
from shared.model.basket import Basket
from shared.promotions.pack import BadPromotion, Pack
from shared.protocol.handover import (
    FORM,
    Carried,
    Found,
    Handed,
    make_claim,
    make_lookup,
    typed,
    verify_found,
    verify_handed,
)
from shared.protocol.neighbours import Neighbour, NotANeighbour

log = structlog.get_logger()

CLAIMS_MAX = 2  # the second finds out what became of the first, where its answer was lost or another box was faster


@dataclass(frozen=True, slots=True)
class Answers:
    """What the other boxes say of a code. silent: names of those that could not be asked."""

    found: tuple[Found, ...]
    silent: tuple[str, ...]


async def continue_at(shop: Shop, lane: str, text: str) -> Basket:
    """Go on in a lane with the basket whose code was typed or scanned, wherever in the store it waits.

    A repeat answers the basket that is there. Raises NotFound, UnknownBasketCode, AmbiguousBasketCode,
    TooManyWrongCodes, LaneHasBasket, BasketTillAway, BasketOfOtherVersion, ContinuedElsewhere, WaitedTooLong.
    """
    shop.demand_lane(lane)
    code = typed(text)
    if code is None:
        raise UnknownBasketCode(kind="basket", code=text.strip()[:20])
    shop.desk.demand_patience(lane, shop.clock.monotonic_s())
    neighbours, now = shop.catalogue.neighbours, shop.clock.now()
    basket = await shop.db.transact(service.continue_here, code, lane, neighbours, shop.pricing(), now)
    if basket is None:
        await shop.db.transact(moving.demand_free, lane)  # before another box gives away what could not go on here
        basket = await _fetched(shop, lane, code)
    shop.desk.was_right(lane, code)
    shop.troubles.pop(lane, None)
    shop.basket_changed(basket)
    shop.announce_all_lanes()  # the one where it was parked shows its code no more
    return basket


async def _fetched(shop: Shop, lane: str, code: str) -> Basket:
    """Take a basket over from the box that has it. Raises as `continue_at`."""
    place = ""
    for _ in range(CLAIMS_MAX):
        found = _holder(shop, lane, code, await _ask_all(shop, code))
        place = service.name_of(shop.catalogue.neighbours, found.by)
        if found.form != FORM:
            raise BasketOfOtherVersion(place=place)
        try:
            handed = await _claimed(shop, found)
        except (NeighbourAway, Denied) as error:
            log.info("basket_not_claimed", code=code, place=place, problem=str(error))
        else:
            return await _received(shop, lane, handed, place)
    raise BasketTillAway(code=code, names=place)


async def _ask_all(shop: Shop, code: str) -> Answers:
    """Ask all other boxes at once."""
    own_id = shop.identity.node_id
    others = [one for one in shop.catalogue.neighbours.values() if one.id != own_id]
    answers = await asyncio.gather(*(_asked(shop, one, code) for one in others))
    silent = tuple(sorted(one.name for one, answer in zip(others, answers, strict=True) if answer is None))
    return Answers(tuple(answer for answer in answers if answer is not None), silent)


async def _asked(shop: Shop, neighbour: Neighbour, code: str) -> Found | None:
    """Ask one box; None where it does not answer, or not as itself."""
    address = shop.company.addresses.get(neighbour.id)
    if address is None:
        return None
    lookup = make_lookup(shop.identity.key, shop.identity.node_id, neighbour.id, code)
    try:
        found = await shop.boxes.look_up(address, lookup)
        if (found.by, found.to, found.code) != (neighbour.id, lookup.by, code):
            raise NotANeighbour
        verify_found(found, neighbour.public_key)
    except (NeighbourAway, Denied) as error:
        log.info("basket_not_looked_up", neighbour=neighbour.name, problem=str(error))
        return None
    return found


def _holder(shop: Shop, lane: str, code: str, answers: Answers) -> Found:
    """Return who has the basket for us. Raises what says best why nobody has."""
    holders = [found for found in answers.found if found.nonce is not None]
    if len(holders) == 1:
        return holders[0]
    if holders:
        raise AmbiguousBasketCode(code=code)
    for found in _by_weight(answers.found):
        if found.state == "given_up":
            raise WaitedTooLong(code=code)
        place = found.holder if found.state == "given" else found.by
        raise ContinuedElsewhere(code=code, place=service.name_of(shop.catalogue.neighbours, place))
    shop.desk.was_wrong(lane, code, shop.clock.monotonic_s())
    if answers.silent:
        raise BasketTillAway(code=code, names=", ".join(answers.silent))
    raise UnknownBasketCode(kind="basket", code=code)


def _by_weight(found: Iterable[Found]) -> list[Found]:
    """Return what is known of a code, the box where the basket goes on before the one that gave it away."""
    order = ("continued", "given", "given_up")
    return sorted((one for one in found if one.state in order), key=lambda one: order.index(one.state))


async def _claimed(shop: Shop, found: Found) -> Handed:
    """Claim what was found. Raises NeighbourAway, NotANeighbour."""
    neighbour = shop.catalogue.neighbours[found.by]
    version = found.pack_version
    claim = make_claim(shop.identity.key, found, with_pack=version is not None and not _has_pack(shop, version))
    handed = await shop.boxes.claim(shop.company.addresses[found.by], claim)
    verify_handed(handed, claim, neighbour.public_key)
    return handed


def _has_pack(shop: Shop, version: str) -> bool:
    """Tell whether a basket that was begun with some promotions can be priced here as it was there."""
    return shop.catalogue.store.reprice_open_baskets or version in {shop.catalogue.pack.version, *shop.packs}


async def _received(shop: Shop, lane: str, handed: Handed, place: str) -> Basket:
    """Take in what was handed over. Until that is on disk the other box gives it to us again."""
    try:
        carried = Carried.model_validate_json(handed.basket)
    except ValidationError as error:
        log.warning("basket_not_understood", code=handed.code, place=place, problem=str(error))
        raise BasketOfOtherVersion(place=place) from error
    pack = None
    if handed.pack is not None:
        with suppress(BadPromotion):  # written by other software; the basket takes the present promotions
            pack = await asyncio.to_thread(Pack.from_text, handed.pack)
            shop.packs[pack.version] = pack
    return await shop.db.transact(
        service.receive,
        handed.code,
        handed.by,
        carried,
        pack,
        lane,
        shop.catalogue.campaigns,
        shop.catalogue.neighbours,
        shop.pricing(),
        shop.clock.now(),
    )
