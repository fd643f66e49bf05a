"""Putting things into a basket and taking them out; it is priced afresh at every change."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from edge import requests
from edge.baskets import storage
from edge.baskets.models import (
    BasketFull,
    BasketHasMoved,
    BasketIsBeingPaid,
    BasketIsClosed,
    BasketIsParked,
    QuantityOutOfRange,
    UnknownBasket,
)
from edge.baskets.pricing import Pricing
from edge.database import Transaction
from edge.uses import service as uses
from shared import ids
from shared.errors import NotFound
from shared.model.basket import LINES_MAX, Basket, BasketLine
from shared.model.product import Offer
from shared.model.special import NO_SPECIALS, Specials
from shared.model.strict import QUANTITY_MAX
from shared.promotions import engine
from shared.promotions.hints import hints
from shared.promotions.pack import BadPromotion, Pack


def add(tx: Transaction, lane: str, offer: Offer, currency: str, pricing: Pricing, key: str | None = None) -> Basket:
    """Put one unit into the lane's basket, which is opened if there is none. A repeat with `key` adds nothing.

    Raises BasketIsBeingPaid, BasketFull, QuantityOutOfRange.
    """
    if not requests.is_first(tx, key, f"add {lane} {offer.product.sku}", pricing.now):
        return newest_of_lane(tx, lane, pricing)
    basket_id = opened(tx, lane, currency, pricing)
    _add(tx, basket_id, offer)
    storage.touch(tx, basket_id)
    return basket(tx, basket_id, pricing)


def _open(tx: Transaction, basket_id: str, lane: str, currency: str, pricing: Pricing) -> None:
    pack = pricing.pack
    storage.open_basket(tx, basket_id, lane, currency, pricing.now, pack.version)
    if not storage.has_pack(tx, pack.version):
        storage.keep_pack(tx, pack.version, pack.text())


def kept_packs(tx: Transaction) -> dict[str, Pack]:
    """Return the packs that unfinished baskets were begun with, by version.

    One that this version of ours reads otherwise, or not at all, is left out: its baskets take the present promotions.
    """
    found = {}
    for version, promotions in storage.packs(tx):
        with suppress(BadPromotion):
            pack = Pack.from_text(promotions)
            if pack.version == version:
                found[version] = pack
    return found


def _add(tx: Transaction, basket_id: str, offer: Offer) -> None:
    product = offer.product
    assert offer.price_minor is not None
    line = storage.line_of(tx, basket_id, product.sku)
    if line is not None:
        number, quantity = line
        if quantity == QUANTITY_MAX:
            raise QuantityOutOfRange(quantity=quantity + 1)
        storage.set_quantity(tx, basket_id, number, quantity + 1)
        return
    if storage.count_lines(tx, basket_id) >= LINES_MAX:
        raise BasketFull(lines=LINES_MAX)
    number = storage.next_number(tx, basket_id)
    storage.add_line(
        tx,
        basket_id,
        BasketLine(
            number=number,
            sku=product.sku,
            name=product.name,
            quantity=1,
            unit_price_minor=offer.price_minor,
            tax_class=product.tax_class,
            floor_price_minor=offer.floor_price_minor,
            category=product.category,
            brand=product.brand,
            tags=product.tags,
            discountable=product.discountable,
        ),
    )


def set_quantity(tx: Transaction, basket_id: str, number: int, quantity: int, pricing: Pricing) -> Basket:
    """Set how many units of a line there are; 0 takes it out.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed, QuantityOutOfRange, NotFound.
    """
    demand_open(_state(tx, basket_id))
    if not 0 <= quantity <= QUANTITY_MAX:
        raise QuantityOutOfRange(quantity=quantity)
    if not storage.quantity_of(tx, basket_id, number):  # a line that was taken out is gone; a scan opens a new one
        raise NotFound(kind="line in this basket", line=number)
    storage.set_quantity(tx, basket_id, number, quantity)
    storage.touch(tx, basket_id)
    return basket(tx, basket_id, pricing)


def opened(tx: Transaction, lane: str, currency: str, pricing: Pricing) -> str:
    """Return the id of the lane's basket, which is opened if there is none. Raises BasketIsBeingPaid."""
    found = storage.unfinished(tx, lane)
    if found is None:
        basket_id = ids.new_id()
        _open(tx, basket_id, lane, currency, pricing)
        return basket_id
    basket_id, _, state, *_ = found
    demand_open(state)
    return basket_id


def specials(tx: Transaction, basket_id: str) -> Specials:
    """Return what an open basket was given besides its lines.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed.
    """
    found = storage.head(tx, basket_id)
    if found is None:
        raise UnknownBasket(basket=basket_id)
    demand_open(found[2])
    return Specials.model_validate_json(found[-1]) if found[-1] else NO_SPECIALS


def set_specials(tx: Transaction, basket_id: str, given: Specials, pricing: Pricing) -> Basket:
    """Keep what a basket was given besides its lines, and price it anew."""
    storage.set_specials(tx, basket_id, None if given == NO_SPECIALS else given.model_dump_json())
    return basket(tx, basket_id, pricing)


def abandon(tx: Transaction, basket_id: str, pricing: Pricing) -> Basket:
    """Give a basket up; its lines are kept. Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed."""
    if _state(tx, basket_id) != "abandoned":
        demand_open(_state(tx, basket_id))
        storage.set_state(tx, basket_id, "abandoned")
    return basket(tx, basket_id, pricing)


def hold(tx: Transaction, basket_id: str) -> None:
    """Keep a basket as it is while it is being paid. Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed."""
    demand_open(_state(tx, basket_id))
    storage.set_state(tx, basket_id, "paying")


def release(tx: Transaction, basket_id: str) -> None:
    """Open a basket again after a payment came to nothing."""
    if _state(tx, basket_id) == "paying":
        storage.set_state(tx, basket_id, "open")


def complete(tx: Transaction, basket_id: str) -> None:
    """Close a basket for good: it became an order. Raises BasketIsClosed."""
    if not storage.complete(tx, basket_id):
        raise BasketIsClosed


def basket(tx: Transaction, basket_id: str, pricing: Pricing) -> Basket:
    """Return a basket with its present price. Raises UnknownBasket."""
    found = storage.head(tx, basket_id)
    if found is None:
        raise UnknownBasket(basket=basket_id)
    return _priced(tx, found, pricing)


def shown(tx: Transaction, basket_id: str, pricing: Pricing, known: Basket | None) -> Basket:
    """Return a basket with its present price, without pricing it anew where `known` is still what it is.

    known: the basket as a screen showed it last. Raises UnknownBasket.
    """
    found = storage.head(tx, basket_id)
    if found is None:
        raise UnknownBasket(basket=basket_id)
    _, _, state, version, *_ = found
    same = known is not None and (known.id, known.version, known.state) == (basket_id, version, state)
    pack = pricing.pack_of(found[6])
    is_steady = not pack.is_timed and not pack.limited
    if known is not None and same and known.pack_version == pack.version and is_steady:
        return known
    return _priced(tx, found, pricing)


def newest_of_lane(tx: Transaction, lane: str, pricing: Pricing) -> Basket:
    """Return the basket that the lane is filling, or else the one that it opened last. Raises UnknownBasket."""
    found = storage.unfinished(tx, lane) or storage.newest(tx, lane)
    if found is None:  # it went on in another lane
        raise UnknownBasket(lane=lane)
    return _priced(tx, found, pricing)


def of_lane(tx: Transaction, lane: str, pricing: Pricing) -> Basket | None:
    """Return the basket that a lane is filling or paying, if there is one."""
    found = storage.unfinished(tx, lane)
    return _priced(tx, found, pricing) if found else None


def _priced(tx: Transaction, found: storage.Head, pricing: Pricing) -> Basket:
    basket_id, lane, state, version, currency, opened_at, pack_version, text = found
    lines = storage.lines(tx, basket_id)
    specials = Specials.model_validate_json(text) if text else NO_SPECIALS
    pack = pricing.pack_of(pack_version)
    around = pricing.around(specials.campaigns, specials.member_tags)
    limited = pack.limited_on(lines, specials.campaigns)
    if limited:
        counts = uses.counts(tx, basket_id, specials.customer, limited, specials.used_up, pricing.share)
        around = replace(around, **counts)
    extended = pack.with_own(specials.own_promotions)
    evaluation = engine.evaluate(lines, extended, around)
    return Basket.model_construct(
        id=basket_id,
        lane=lane,
        state=state,
        version=version,
        currency=currency,
        opened_at=datetime.fromisoformat(opened_at),
        lines=tuple(lines),
        specials=specials,
        pack_version=pack.version,
        evaluation=evaluation,
        hints=hints(lines, evaluation, extended, around) if state == "open" else (),
    )


def _state(tx: Transaction, basket_id: str) -> str:
    found = storage.head(tx, basket_id)
    if found is None:
        raise UnknownBasket(basket=basket_id)
    return found[2]


def demand_open(state: str) -> None:
    """Raises BasketIsBeingPaid, BasketIsParked, BasketHasMoved or BasketIsClosed unless it may change."""
    if state == "paying":
        raise BasketIsBeingPaid
    if state == "parked":
        raise BasketIsParked
    if state == "moved":
        raise BasketHasMoved
    if state != "open":
        raise BasketIsClosed
