"""What the checkout expects of whoever takes card payments."""

from typing import Protocol

from shared.errors import Unavailable
from shared.protocol.payments import PaymentRequest, PaymentResult


class GatewayAway(Unavailable):
    """The payment gateway cannot be reached; it has not heard of the payment."""

    hint = "Pay in cash, or wait until the line to head office is back."


class GatewaySilent(Unavailable):
    """The payment gateway did not answer; it may or may not have charged the card."""

    hint = "Pay in cash; whatever was charged is taken back."


class PaymentGateway(Protocol):
    """Charges cards. Both verbs may be repeated with the same id and mean the same payment."""

    async def charge(self, payment: PaymentRequest) -> PaymentResult:
        """Charge once. Raises GatewayAway when it was never asked, GatewaySilent when nobody knows."""

    async def void(self, payment_id: str) -> None:
        """Take a payment back, or forbid it if it never arrived. Raises GatewayAway or GatewaySilent."""
