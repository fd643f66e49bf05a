"""What the customer sees at a lane: the last line and the total, the change after paying, and a text in between."""

import textwrap
from collections.abc import Callable
from datetime import timedelta

import structlog

from devices.displays.escpos import EscposDisplaySettings
from devices.displays.interface import Display, Row
from edge.baskets import service as baskets
from edge.database import Transaction
from edge.orders import service as orders
from edge.shop import Shop
from shared import messages
from shared.currencies import plain
from shared.model.basket import Basket, BasketLine
from shared.model.order import Order
from shared.model.store import Store
from shared.model.tender import CashTender
from shared.workers import happens

log = structlog.get_logger()

SHOW_AGAIN_S = 5.0  # a display that lost its power shows the right thing again this soon
ORDER_SHOWN = timedelta(seconds=30)

Rows = tuple[Row, Row]
DARK: Rows = (Row(""), Row(""))


async def keep_showing(
    shop: Shop, settings: EscposDisplaySettings, display: Display, ready: Callable[[], None]
) -> None:
    """Show what stands at a lane until a DeviceError; the caller supervises and calls again.

    The sale never waits for it: it is told afterwards, as any screen is.
    """
    before: Basket | None = None
    try:
        with shop.hub.watching(f"lane:{settings.lane}") as changed:
            while True:
                changed.clear()
                basket, order = await _standing(shop, settings.lane)
                rows = _rows(shop, settings, basket, before, order)
                before = basket
                await display.show(*rows)
                ready()
                await happens(changed, within_s=SHOW_AGAIN_S)
    finally:
        await display.close()


async def _standing(shop: Shop, lane: str) -> tuple[Basket | None, Order | None]:
    """Return the lane's basket, or else the order that was just paid."""
    if not shop.catalogue.is_ready:
        return None, None
    for basket in shop.shown.values():  # spares pricing it once more
        if basket.lane == lane:
            return basket, None
    return await shop.db.transact(_read, shop, lane)


def _read(tx: Transaction, shop: Shop, lane: str) -> tuple[Basket | None, Order | None]:
    basket = baskets.of_lane(tx, lane, shop.pricing())
    order = None if basket else orders.latest_of_lane(tx, lane)
    now = shop.clock.now()
    is_fresh = order is not None and now - ORDER_SHOWN <= order.placed_at <= now
    return basket, order if is_fresh else None


def _rows(
    shop: Shop, settings: EscposDisplaySettings, basket: Basket | None, before: Basket | None, order: Order | None
) -> Rows:
    if not shop.catalogue.is_ready:
        return DARK
    store = shop.catalogue.store
    try:
        if basket and basket.lines:
            return while_scanning(basket, before, store)
        if order:
            return after_paying(order, store)
        return idle(settings.idle_text or store.name, settings.columns)
    except Exception:  # a text that nobody thought of must not end the daemon
        log.exception("display_failed", display=settings.name)
        return DARK


def while_scanning(basket: Basket, before: Basket | None, store: Store) -> Rows:
    """Return the line that changed last, and the total."""
    line = last_line(basket, before)
    name = line.name if line.quantity == 1 else f"{line.quantity} x {line.name}"
    total = Row(messages.text(store.language, "receipt.total"), plain(basket.due_minor, basket.currency))
    return Row(name, plain(line.gross_minor, basket.currency)), total


def last_line(basket: Basket, before: Basket | None) -> BasketLine:
    """Return the line that is new or has another quantity than before, else the newest."""
    known = {line.number: line.quantity for line in before.lines} if before and before.id == basket.id else {}
    changed = [line for line in basket.lines if known and known.get(line.number) != line.quantity]
    return (changed or basket.lines)[-1]


def after_paying(order: Order, store: Store) -> Rows:
    """Return what was given and the change; without change, what was paid and thanks."""
    tender = order.tenders[0]
    words = {key: messages.text(store.language, f"receipt.{key}") for key in ("cash", "card", "change", "thanks")}
    if isinstance(tender, CashTender) and tender.change_minor:
        given = Row(words["cash"], plain(tender.tendered_minor, order.currency))
        return given, Row(words["change"], plain(tender.change_minor, order.currency))
    return Row(words[tender.kind], plain(tender.amount_minor, order.currency)), Row(words["thanks"])


def idle(text: str, columns: int) -> Rows:
    """Return a text in two rows, cut between words."""
    upper, lower, *_ = [*textwrap.wrap(text, columns), "", ""]
    return Row(upper), Row(lower)
