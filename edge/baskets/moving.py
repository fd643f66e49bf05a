"""Taking a basket out of its lane and into another: of this box, or of another one of the store.

It stays the same basket with the same id all the way, so it can become one order only, wherever it is paid.
"""

from datetime import datetime

from edge.baskets import service, storage
from edge.baskets.models import BasketHasMoved, LaneHasBasket, UnknownBasket
from edge.baskets.pricing import Pricing
from edge.database import Transaction
from shared.model.basket import Basket
from shared.model.special import NO_SPECIALS, Specials
from shared.promotions.pack import Pack
from shared.protocol.handover import Carried, Shown


def park(tx: Transaction, basket_id: str) -> None:
    """Take a basket out of its lane, as it is.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsParked, BasketHasMoved, BasketIsClosed.
    """
    service.specials(tx, basket_id)
    storage.set_aside(tx, basket_id, "parked")


def is_parked(tx: Transaction, basket_id: str) -> bool:
    """Tell whether a basket waits here. Raises UnknownBasket."""
    return _head(tx, basket_id)[2] == "parked"


def lane_of(tx: Transaction, basket_id: str) -> str | None:
    """Return the lane that is filling or paying a basket; None where no lane of this box does."""
    found = storage.head(tx, basket_id)
    return found[1] if found and found[2] in {"open", "paying"} else None


def resume(tx: Transaction, basket_id: str, lane: str) -> None:
    """Go on with a parked basket in a lane of this box. Raises LaneHasBasket."""
    demand_free(tx, lane)
    storage.put_back(tx, basket_id, lane, "open")


def move_away(tx: Transaction, basket_id: str) -> None:
    """A parked basket is another box's from now on; it stays here as it was, and nobody can change or pay it."""
    storage.set_aside(tx, basket_id, "moved")


def give_up(tx: Transaction, basket_id: str) -> None:
    """Give up a parked basket that nobody came for."""
    storage.put_back(tx, basket_id, _head(tx, basket_id)[1], "abandoned")


def demand_free(tx: Transaction, lane: str) -> None:
    """Make room for a basket in a lane: one without anything in it goes away by itself. Raises LaneHasBasket."""
    found = storage.unfinished(tx, lane)
    if found is None:
        return
    basket_id, _, state, *_, specials = found
    if state == "paying" or specials is not None or storage.count_lines(tx, basket_id):
        raise LaneHasBasket(lane=lane)
    storage.set_state(tx, basket_id, "abandoned")


def pack_version(tx: Transaction, basket_id: str) -> str | None:
    """Return the promotions that a basket was begun with. Raises UnknownBasket."""
    return _head(tx, basket_id)[6]


def pack_text(tx: Transaction, version: str | None) -> str | None:
    """Return promotions that baskets of this box were begun with, as JSON; None where they are not kept any more."""
    return dict(storage.packs(tx)).get(version or "")


def carried(tx: Transaction, basket_id: str, shown: Shown) -> Carried:
    """Return a basket as it goes to another box. Raises UnknownBasket."""
    _, _, _, version, currency, opened_at, pack, specials = _head(tx, basket_id)
    return Carried(
        id=basket_id,
        version=version,
        currency=currency,
        opened_at=datetime.fromisoformat(opened_at),
        pack_version=pack,
        lines=tuple(storage.lines(tx, basket_id)),
        specials=Specials.model_validate_json(specials) if specials else NO_SPECIALS,
        shown=shown,
    )


def take_in(
    tx: Transaction, brought: Carried, lane: str, specials: Specials, pack: Pack | None, pricing: Pricing
) -> Basket:
    """Go on in a lane with a basket of another box.

    specials: what of it holds here. pack: the promotions that it was begun with, where this box has to keep them.
    Raises LaneHasBasket, and BasketHasMoved where this box has had the basket and did not let it go.
    """
    known = storage.head(tx, brought.id)
    if known is not None and known[2] != "moved":
        raise BasketHasMoved(basket=brought.id)
    demand_free(tx, lane)
    written = None if specials == NO_SPECIALS else specials.model_dump_json()
    version = max(brought.version, known[3] if known else 0) + 1
    opened_at = brought.opened_at.isoformat()
    storage.take_in(tx, (brought.id, lane, "open", version, brought.currency, opened_at, brought.pack_version, written))
    for line in brought.lines:
        storage.add_line(tx, brought.id, line)
    if pack is not None and not storage.has_pack(tx, pack.version):
        storage.keep_pack(tx, pack.version, pack.text())
    return service.basket(tx, brought.id, pricing)


def _head(tx: Transaction, basket_id: str) -> storage.Head:
    found = storage.head(tx, basket_id)
    if found is None:
        raise UnknownBasket(basket=basket_id)
    return found
