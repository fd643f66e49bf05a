"""What is asked and answered at the checkout, and what can go wrong."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from shared.errors import Conflict, Unavailable
from shared.model.basket import Basket
from shared.model.order import Order
from shared.model.strict import Code, MinorFromZero, Strict
from shared.model.tender import CardTender, CashTender
from shared.protocol.payments import PaymentRequest


class BasketIsEmpty(Conflict):
    """There is nothing in the basket to pay for."""

    hint = "Scan a product first."


class TotalChanged(Conflict):
    """The total has changed to {total_minor} since it was shown."""

    hint = "Look at the new total and pay that."


class CashTooLittle(Conflict):
    """{tendered_minor} is less than the {due_minor} to pay."""

    hint = "Add the rest, or pay by card."


class CardDeclined(Conflict):
    """The card was declined. Nothing was charged."""

    hint = "Try another card, or pay in cash."


class CardUnavailable(Unavailable):
    """Cards cannot be taken at the moment. Nothing was charged."""

    hint = "Pay in cash, or wait until the line to head office is back."


class CardUnconfirmed(Unavailable):
    """The card payment was not confirmed. If anything was charged, it is taken back by itself."""

    hint = "Pay in cash, or try the card again."


class CashRequest(Strict):
    """Notes and coins that the shopper gives."""

    kind: Literal["cash"]
    tendered_minor: MinorFromZero


class CardRequest(Strict):
    """A card for the test gateway: `test-approved`, `test-declined` or `test-silent`."""

    kind: Literal["card"]
    card: Code


class CheckoutRequest(Strict):
    """How the basket is paid, and the total that the shopper saw; another one is not taken."""

    total_minor: MinorFromZero | None = None
    tender: Annotated[CashRequest | CardRequest, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Asked:
    """A card payment that the gateway is asked for, and the basket as it is charged."""

    payment: PaymentRequest
    basket: Basket


@dataclass(frozen=True, slots=True)
class Placed:
    """An order, and whether it was made just now or had been there already."""

    order: Order
    is_new: bool


class PaidOrder(Strict):
    """A paid basket as the thank-you screen shows it."""

    id: str
    receipt_number: str
    placed_at: str
    currency: str
    total_minor: int
    saved_minor: int
    tender: Literal["cash", "card"]
    tendered_minor: int | None
    change_minor: int | None
    printing: Literal["waiting", "printed", "unknown"]


def paid(order: Order, printing: Literal["waiting", "printed", "unknown"]) -> PaidOrder:
    """Return what the thank-you screen shows."""
    tender: CashTender | CardTender = order.tenders[0]
    cash = tender if isinstance(tender, CashTender) else None
    return PaidOrder(
        id=order.id,
        receipt_number=order.receipt_number,
        placed_at=order.placed_at.isoformat(),
        currency=order.currency,
        total_minor=order.due_minor,
        saved_minor=order.discount_minor,
        tender=tender.kind,
        tendered_minor=cash.tendered_minor if cash else None,
        change_minor=cash.change_minor if cash else None,
        printing=printing,
    )
