"""What any card terminal promises."""

from dataclasses import dataclass
from typing import Literal, Protocol

# pending: the shopper has not finished. cancelled: nothing is charged, and nothing will be.
State = Literal["approved", "declined", "cancelled", "pending"]


@dataclass(frozen=True, slots=True)
class Payment:
    """What became of one payment or refund, as the terminal's own book says."""

    reference: str  # ours
    state: State
    amount_minor: int  # always positive, in smallest units of the currency that was asked
    authorisation: str  # the terminal's own number, printed on receipts; empty unless approved


class CardTerminal(Protocol):
    """A card terminal. Each driver passes tests/devices/test_card_terminals.py.

    A reference means one payment, however often it is asked for: the terminal charges it once or never. When the line
    or the power is lost in between, PaymentUnknown says that nobody knows; `outcome` asks the terminal's book, and
    `cancel` makes sure that nothing is charged later. All verbs may be repeated.
    """

    async def pay(self, reference: str, amount_minor: int, currency: str) -> Payment:
        """Ask the shopper for a card and wait until the payment is approved, declined or cancelled.

        amount_minor: > 0. currency: ISO 4217.
        Raises DeviceDisconnected or TerminalBusy when the terminal has not taken the payment on, PaymentUnknown when
        it may have. After a cancellation of the call the outcome is unknown, too.
        """

    async def cancel(self, reference: str) -> Payment:
        """Stop a payment. Returns what stands: one that was approved stays approved, one that the terminal has never
        heard of is cancelled before it arrives. Raises DeviceDisconnected, DeviceSilent, DeviceGarbled.
        """

    async def outcome(self, reference: str) -> Payment | None:
        """Ask the terminal's book; None when it has never heard of it. Raises DeviceDisconnected, DeviceSilent,
        DeviceGarbled.
        """

    async def refund(self, reference: str, of: str, amount_minor: int) -> Payment:
        """Give back all or a part of the approved payment `of`, once for this reference.

        Declined when more would go back than was paid. Raises as `pay` does.
        """

    async def check(self) -> None:
        """See whether it could take a payment. Raises DeviceDisconnected, DeviceSilent, DeviceGarbled."""
