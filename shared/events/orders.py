"""What happens to orders."""

from typing import ClassVar

from shared.events.fact import Fact
from shared.model.order import Order, Refund


class OrderCompleted(Fact):
    """A basket was paid and became an order."""

    event_name: ClassVar[str] = "order.completed"
    order: Order


class OrderRefunded(Fact):
    """Goods came back, money went out."""

    event_name: ClassVar[str] = "order.refunded"
    refund: Refund
