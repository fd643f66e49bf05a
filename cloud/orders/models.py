"""Orders as head office lists and shows them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from shared.errors import Conflict, Invalid
from shared.model.order import Order, Refund
from shared.model.strict import Code, Currency, Id, MinorFromZero, Name, Strict


class ForeignOrder(Invalid):
    """The order names node {node} of store {store}, but another node sent it."""

    hint = "The box may have been copied; look at its enrolment."


class OrderKnown(Conflict):
    """There is another {kind} with the id {id} already, with the receipt number {number}."""

    hint = (
        "The box may have been copied, or set back to an older copy. Compare both; settle this entry if it is the same."
    )


class ReceiptNumberTaken(Conflict):
    """The receipt number {number} is taken by another {kind} of this box."""

    hint = (
        "The box may have been copied, or set back to an older copy. Compare both, then correct or settle this entry."
    )


class OrderRow(Strict):
    """An order in a list."""

    id: Id
    receipt_number: Code
    store_id: Id
    store_name: Name
    node_name: Code
    placed_at: AwareDatetime
    received_at: AwareDatetime
    currency: Currency
    exponent: int
    quantity: int
    total_minor: MinorFromZero
    discount_minor: MinorFromZero
    refunded_minor: MinorFromZero
    tenders: tuple[Literal["cash", "card"], ...]


class OrderPage(Strict):
    """Orders, the last to arrive first; ask again with `next` as the cursor for older ones."""

    orders: tuple[OrderRow, ...]
    next: str | None


class OrderQuery(Strict):
    """Which orders: of one store, or with this receipt number or id; and where the last page ended."""

    store_id: Id | None = None
    query: Annotated[str, StringConstraints(max_length=64)] = ""
    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,15}$")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class OrderDetail(Strict):
    """One order and what stands beside it."""

    order: Order
    refunds: tuple[Refund, ...]
    store_name: Name
    node_name: Code
    received_at: AwareDatetime


class CurrencyTotals(Strict):
    """What orders and refunds in one currency come to."""

    currency: Currency
    orders: int
    total_minor: int
    refunds: int
    refunded_minor: int


class OrderTotals(Strict):
    """What a tenant's orders and refunds come to, for reconciling with the stores."""

    currencies: tuple[CurrencyTotals, ...]
    quarantined: int
