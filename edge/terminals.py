"""Taking cards at the box's own terminal, as the checkout uses it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from devices.card_terminals.interface import CardTerminal, Payment
from devices.errors import DeviceError, PaymentUnknown
from edge.checkout.gateway import GatewayAway, GatewaySilent, PaymentGateway
from shared.protocol.payments import PaymentRequest, PaymentResult

LOOK_EVERY_S = 3.0
NOTHING_DUE = "nothing due"  # a reference where no terminal was asked


@dataclass(frozen=True, slots=True)
class TerminalGateway:
    """Charges at the terminal, whose reference is the payment's id.

    other: who was asked before there was a terminal; it may have payments that must be taken back still.
    """

    terminal: CardTerminal
    other: PaymentGateway

    async def charge(self, payment: PaymentRequest) -> PaymentResult:
        if payment.amount_minor == 0:
            return PaymentResult(id=payment.id, state="approved", reference=NOTHING_DUE)
        try:
            paid = await self.terminal.pay(payment.id, payment.amount_minor, payment.currency)
        except PaymentUnknown:
            paid = await self._stopped(payment.id)
        except DeviceError as error:
            raise GatewayAway from error
        if paid.state == "approved":
            return PaymentResult(id=payment.id, state="approved", reference=paid.authorisation)
        return PaymentResult(id=payment.id, state="declined", reference=paid.state)

    async def _stopped(self, payment_id: str) -> Payment:
        """Ask at once what stands, while the shopper is there: often only the line stumbled."""
        try:
            return await self.terminal.cancel(payment_id)
        except DeviceError as error:
            raise GatewaySilent from error

    async def void(self, payment_id: str) -> None:
        try:
            if await self.terminal.outcome(payment_id) is None:
                await self.other.void(payment_id)
            stands = await self.terminal.cancel(payment_id)  # also forbids one that has not arrived
            if stands.state == "approved":
                given_back = await self.terminal.refund(f"{payment_id}-void", payment_id, stands.amount_minor)
                if given_back.state != "approved":
                    raise GatewaySilent
        except PaymentUnknown as error:
            raise GatewaySilent from error
        except DeviceError as error:
            raise GatewayAway from error


async def keep_looking(terminal: CardTerminal, ready: Callable[[], None]) -> None:
    """See whether a terminal works until a DeviceError; the caller supervises and calls again."""
    while True:
        await terminal.check()
        ready()
        await asyncio.sleep(LOOK_EVERY_S)
