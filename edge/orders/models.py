"""What can go wrong with orders and refunds, and what is asked and shown."""

from typing import Annotated

from pydantic import Field

from shared.errors import Conflict, NotFound
from shared.model.strict import Quantity, Strict


class UnknownOrder(NotFound):
    """No order of this box has that number."""

    hint = "Scan the code on the receipt; it may come from another box of this store."


class RefundTooLarge(Conflict):
    """Only {left} of line {line} can still be returned."""

    hint = "The rest was returned before; look at the order's refunds."


class RefundLineRequest(Strict):
    """How many units of an order's line come back."""

    number: int
    quantity: Quantity


class RefundRequest(Strict):
    """The lines that come back; each line at most once."""

    lines: Annotated[tuple[RefundLineRequest, ...], Field(min_length=1, max_length=500)]


class OrderRow(Strict):
    """An order in a list."""

    id: str
    receipt_number: str
    placed_at: str
    currency: str
    total_minor: int


class OrderPage(Strict):
    """Orders, newest first; ask again with `next` as the cursor for older ones."""

    orders: tuple[OrderRow, ...]
    next: str | None
