"""What the checkout expects of whoever takes card payments, and of whoever counts uses."""

from typing import Protocol

from shared.errors import Unavailable
from shared.protocol.payments import PaymentRequest, PaymentResult
from shared.protocol.uses import Reservation, ReservationRequest


class GatewayAway(Unavailable):
    """The payment gateway cannot be reached; it has not heard of the payment."""

    hint = "Pay in cash, or wait until the line to head office is back."


class GatewaySilent(Unavailable):
    """The payment gateway did not answer; it may or may not have charged the card."""

    hint = "Pay in cash; whatever was charged is taken back."


class UsesUncounted(Unavailable):
    """Head office does not say whether these coupons and promotions may still be used."""

    hint = "The box spends what it was leased; beyond that, take the coupons off."


class UsesOffice(Protocol):
    """Counts uses of coupons and promotions in all stores."""

    async def reserve(self, request: ReservationRequest) -> Reservation:
        """Reserve uses for a basket; a repeat means the same. Raises UsesUncounted when there is no answer."""


class PaymentGateway(Protocol):
    """Charges cards. Both verbs may be repeated with the same id and mean the same payment."""

    async def charge(self, payment: PaymentRequest) -> PaymentResult:
        """Charge once. Raises GatewayAway when it was never asked, GatewaySilent when nobody knows."""

    async def void(self, payment_id: str) -> None:
        """Take a payment back, or forbid it if it never arrived. Raises GatewayAway or GatewaySilent."""
