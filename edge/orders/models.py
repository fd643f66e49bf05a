"""What can go wrong with orders and refunds, and what is asked and shown."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.errors import Conflict, NotFound
from shared.model.order import Refund
from shared.model.strict import Quantity, Strict


class UnknownOrder(NotFound):
    """No order of this box has that number."""

    hint = "Scan the code on the receipt. What another box sold is taken back there."


class RefundTooLarge(Conflict):
    """Only {left} of line {line} can still be returned."""

    hint = "The rest was returned before; look at the order's refunds."


@dataclass(frozen=True, slots=True)
class Given:
    """A refund, and whether it was given just now or had been given already."""

    refund: Refund
    is_new: bool


class RefundIdTaken(Conflict):
    """This id was used for something else."""

    hint = "Use a fresh UUID for each refund and the same one for its repeats."


class RefundLineRequest(Strict):
    """How many units of an order's line come back."""

    number: Annotated[int, Field(ge=1, le=10**6)]
    quantity: Quantity


class RefundRequest(Strict):
    """The lines that come back; each line at most once."""

    lines: Annotated[tuple[RefundLineRequest, ...], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def names_each_line_once(self) -> Self:
        numbers = [line.number for line in self.lines]
        if len(set(numbers)) < len(numbers):
            raise ValueError("a line is named twice; add its units up")
        return self


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
