"""Deciding how a basket is paid."""

from datetime import datetime

from edge.baskets import service as baskets
from edge.baskets.pricing import Pricing
from edge.catalogue.models import NoTaxRate
from edge.checkout import storage
from edge.checkout.models import Asked, BasketIsEmpty, CashRequest, CashTooLittle, CheckoutRequest, Placed, TotalChanged
from edge.database import Transaction
from edge.journal import Journal
from edge.orders import service as orders
from edge.specials import counting as counted
from edge.specials import operators
from edge.specials import service as specials
from edge.specials.models import NOTHING_TO_COUNT, Counting
from edge.uses import service as uses
from shared import ids
from shared.model.basket import Basket
from shared.model.store import Store
from shared.model.tender import CardTender, CashTender
from shared.protocol.enrolment import Enrolled
from shared.protocol.payments import PaymentRequest
from shared.protocol.uses import ReservationRequest


def ask_office(
    tx: Transaction,
    basket_id: str,
    wanted: CheckoutRequest,
    attempt: str,
    pricing: Pricing,
    store: Store,
    now: datetime,
    counting: Counting,
) -> tuple[ReservationRequest, ...]:
    """Say what head office must reserve before the basket is paid: nothing, unless it can be paid as it is.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed, BasketIsEmpty, NoTaxRate, TotalChanged, CashTooLittle,
    and what `counting.ask` raises.
    """
    basket = baskets.basket(tx, basket_id, pricing)
    if basket.state == "completed":
        return ()
    _demand_payable(basket, wanted, store)
    if isinstance(wanted.tender, CashRequest):
        _cash_due_minor(basket, wanted.tender.tendered_minor, store)
    return counted.ask(tx, basket, attempt, counting, pricing, now)


def pay_cash(
    tx: Transaction,
    basket_id: str,
    known: Basket | None,
    wanted: CheckoutRequest,
    tendered_minor: int,
    pricing: Pricing,
    store: Store,
    node: Enrolled,
    journal: Journal,
    now: datetime,
    counting: Counting = NOTHING_TO_COUNT,
) -> Placed:
    """Complete the basket with cash; a basket that was completed before answers its order again.

    known: the basket as it was shown last, which spares pricing it once more.
    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed, BasketIsEmpty, NoTaxRate, TotalChanged, CashTooLittle,
    and what `counting.hold` raises.
    """
    basket = baskets.shown(tx, basket_id, pricing, known)
    if basket.state == "completed":
        return Placed(orders.order(tx, basket_id), is_new=False)
    _demand_payable(basket, wanted, store)
    due_minor = _cash_due_minor(basket, tendered_minor, store)
    counted.hold(tx, basket, counting, pricing, now)
    tender = CashTender(amount_minor=due_minor, tendered_minor=tendered_minor, change_minor=tendered_minor - due_minor)
    draws = specials.draw(tx, basket, counting, pricing)
    return Placed(orders.complete(tx, basket, tender, store, node, journal, now, draws), is_new=True)


def ask_card(
    tx: Transaction,
    basket_id: str,
    wanted: CheckoutRequest,
    card: str,
    pricing: Pricing,
    store: Store,
    now: datetime,
    counting: Counting = NOTHING_TO_COUNT,
) -> Asked | Placed:
    """Hold the basket and write the payment down before the gateway hears of it.

    Returns what to ask the gateway, or the order when the basket was completed before.
    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed, BasketIsEmpty, NoTaxRate, TotalChanged, and what
    `counting.hold` raises.
    """
    basket = baskets.basket(tx, basket_id, pricing)
    if basket.state == "completed":
        return Placed(orders.order(tx, basket_id), is_new=False)
    _demand_payable(basket, wanted, store)
    counted.hold(tx, basket, counting, pricing, now)
    baskets.hold(tx, basket_id)
    payment = PaymentRequest(id=ids.new_id(), amount_minor=basket.due_minor, currency=basket.currency, card=card)
    storage.add(tx, payment, basket_id, now)
    return Asked(payment, basket)


def card_approved(
    tx: Transaction,
    asked: Asked,
    reference: str,
    pricing: Pricing,
    store: Store,
    node: Enrolled,
    journal: Journal,
    now: datetime,
    counting: Counting = NOTHING_TO_COUNT,
) -> Placed:
    """Complete the basket with its approved payment, as it was when the card was asked: that is what was charged."""
    basket, payment = asked.basket, asked.payment
    storage.set_state(tx, payment.id, "approved")
    tender = CardTender(amount_minor=payment.amount_minor, payment_id=payment.id, reference=reference)
    draws = specials.draw(tx, basket, counting, pricing)
    return Placed(orders.complete(tx, basket, tender, store, node, journal, now, draws), is_new=True)


def card_declined(tx: Transaction, basket_id: str, payment_id: str) -> None:
    storage.set_state(tx, payment_id, "declined")
    uses.give_back(tx, basket_id)
    baskets.release(tx, basket_id)


def card_unconfirmed(tx: Transaction, basket_id: str, payment_id: str) -> None:
    """Give the basket back to the shopper; whatever the gateway did is undone as soon as it can be reached."""
    storage.to_void(tx, payment_id)
    uses.give_back(tx, basket_id)
    baskets.release(tx, basket_id)


def recover(tx: Transaction) -> None:
    """After a start: payments that were under way when the daemon died are taken back, their baskets opened."""
    for payment_id, basket_id in storage.in_state(tx, "asked"):
        card_unconfirmed(tx, basket_id, payment_id)


def to_void(tx: Transaction) -> list[str]:
    """Return the payments that must be taken back."""
    return [payment_id for payment_id, _ in storage.in_state(tx, "to_void")]


def voided(tx: Transaction, payment_id: str) -> None:
    storage.set_state(tx, payment_id, "voided")


def _demand_payable(basket: Basket, wanted: CheckoutRequest, store: Store) -> None:
    baskets.demand_open(basket.state)
    if not basket.lines:
        raise BasketIsEmpty
    for line in basket.lines:
        if line.tax_class not in store.tax_rates_bp:  # it was there when the line was scanned
            raise NoTaxRate(name=line.name, sku=line.sku, tax_class=line.tax_class)
    operators.demand_within_caps(basket, store)
    if wanted.total_minor not in {None, basket.due_minor}:
        raise TotalChanged(total_minor=basket.due_minor)


def _cash_due_minor(basket: Basket, tendered_minor: int, store: Store) -> int:
    due_minor = store.cash_rule.payable_minor(basket.due_minor)
    if tendered_minor < due_minor:
        raise CashTooLittle(tendered_minor=tendered_minor, due_minor=due_minor)
    return due_minor
