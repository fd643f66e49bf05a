"""What the daemon needs of a broker, whichever it is."""

from collections.abc import Callable
from typing import Protocol

from shared.errors import Unavailable

RECEIPTS = "receipts/"  # and the receiver's name behind it
RECEIPT_BYTES_MAX = 64 * 1024  # a thousand ids are 39,000

OnReceipt = Callable[[str, bytes], None]  # the receiver's name, and what it sent


class BrokerAway(Unavailable):
    """The store's message broker is away: {problem}"""

    hint = "Selling goes on. Check that the broker's port is free, or that the other broker runs."


class Link(Protocol):
    """An open broker. Both kinds pass tests/edge/broker/test_both_brokers.py."""

    async def publish(self, topic: str, body: str, *, retained: bool = False) -> None:
        """Tell whoever listens; it promises nothing. retained: whoever listens later is told too. Raises BrokerAway."""

    def demand_open(self) -> None:
        """Raises BrokerAway once it is known to be lost."""
