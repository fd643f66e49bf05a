"""Putting things into a basket and taking them out; it is priced afresh at every change."""

from datetime import datetime

from edge import requests
from edge.baskets import storage
from edge.baskets.models import BasketFull, BasketIsBeingPaid, BasketIsClosed, QuantityOutOfRange, UnknownBasket
from edge.database import Transaction
from shared import ids
from shared.errors import NotFound
from shared.model.basket import LINES_MAX, Basket, BasketLine
from shared.model.product import Offer
from shared.model.strict import QUANTITY_MAX
from shared.promotions import engine
from shared.promotions.pack import Pack


def add(
    tx: Transaction, lane: str, offer: Offer, currency: str, pack: Pack, now: datetime, key: str | None = None
) -> Basket:
    """Put one unit into the lane's basket, which is opened if there is none. A repeat with `key` adds nothing.

    Raises BasketIsBeingPaid, BasketFull, QuantityOutOfRange.
    """
    if not requests.is_first(tx, key, f"add {lane} {offer.product.sku}", now):
        return _priced(tx, storage.newest(tx, lane), pack)
    found = storage.unfinished(tx, lane)
    if found is None:
        basket_id = ids.new_id()
        storage.open_basket(tx, basket_id, lane, currency, now)
    else:
        basket_id, _, state, *_ = found
        demand_open(state)
    _add(tx, basket_id, offer)
    storage.touch(tx, basket_id)
    return basket(tx, basket_id, pack)


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
            category=product.category,
            tags=product.tags,
            discountable=product.discountable,
        ),
    )


def set_quantity(tx: Transaction, basket_id: str, number: int, quantity: int, pack: Pack) -> Basket:
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
    return basket(tx, basket_id, pack)


def abandon(tx: Transaction, basket_id: str, pack: Pack) -> Basket:
    """Give a basket up; its lines are kept. Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed."""
    if _state(tx, basket_id) != "abandoned":
        demand_open(_state(tx, basket_id))
        storage.set_state(tx, basket_id, "abandoned")
    return basket(tx, basket_id, pack)


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


def basket(tx: Transaction, basket_id: str, pack: Pack) -> Basket:
    """Return a basket with its present price. Raises UnknownBasket."""
    found = storage.head(tx, basket_id)
    if found is None:
        raise UnknownBasket(basket=basket_id)
    return _priced(tx, found, pack)


def shown(tx: Transaction, basket_id: str, pack: Pack, known: Basket | None) -> Basket:
    """Return a basket with its present price, without pricing it anew where `known` is still what it is.

    known: the basket as a screen showed it last. Raises UnknownBasket.
    """
    found = storage.head(tx, basket_id)
    if found is None:
        raise UnknownBasket(basket=basket_id)
    _, _, state, version, *_ = found
    same = known is not None and (known.id, known.version, known.state) == (basket_id, version, state)
    if known is not None and same and known.evaluation.pack_version == pack.version:
        return known
    return _priced(tx, found, pack)


def of_lane(tx: Transaction, lane: str, pack: Pack) -> Basket | None:
    """Return the basket that a lane is filling or paying, if there is one."""
    found = storage.unfinished(tx, lane)
    return _priced(tx, found, pack) if found else None


def _priced(tx: Transaction, found: storage.Head, pack: Pack) -> Basket:
    basket_id, lane, state, version, currency, opened_at = found
    lines = storage.lines(tx, basket_id)
    return Basket.model_construct(
        id=basket_id,
        lane=lane,
        state=state,
        version=version,
        currency=currency,
        opened_at=datetime.fromisoformat(opened_at),
        lines=tuple(lines),
        evaluation=engine.evaluate(lines, pack),
    )


def _state(tx: Transaction, basket_id: str) -> str:
    found = storage.head(tx, basket_id)
    if found is None:
        raise UnknownBasket(basket=basket_id)
    return found[2]


def demand_open(state: str) -> None:
    """Raises BasketIsBeingPaid or BasketIsClosed unless a basket in this state may change."""
    if state == "paying":
        raise BasketIsBeingPaid
    if state != "open":
        raise BasketIsClosed
