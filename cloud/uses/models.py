"""What is told of uses: how a quota is doing, and what was one too many."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, Field

from shared.model.quota import QuotaId
from shared.model.special import Digest
from shared.model.strict import Code, Id, Strict

OTHERS_MAX = 10  # orders named beside an exception

Wrong = Literal[
    "code_used_again",
    "customer_used_again",
    "used_beyond_total",
    "used_beyond_lease",  # by a box whose lease went back to the others meanwhile
    "overspent",  # more than a voucher was worth
    "put_back_too_much",  # on a voucher, more than the order took off it
    "unknown_campaign",
    "unknown_promotion",
    "foreign_lottery_code",  # not leased to the box that gave it out, or given out before
    "lottery_ran_out",  # fewer codes than the order was worth
]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a quota is doing. leased: what boxes have not spent, as far as their orders arrived; left None: no limit."""

    used: int
    reserved: int
    leased: int
    left: int | None


SumKind = Literal["granted", "node", "code", "customer"]  # by account; leased ones by node; by digest; by customer


class Used(NamedTuple):
    """What of a use is summed up, of one that stands in an order."""

    granted: str
    node_id: str
    digest: str | None
    customer: str | None
    minor: int

    def parts(self) -> Iterable[tuple[SumKind, str]]:
        """Yield where it counts."""
        yield "granted", self.granted
        if self.granted == "leased":
            yield "node", self.node_id
        if self.digest is not None:
            yield "code", self.digest
        if self.customer is not None:
            yield "customer", self.customer


class Sum(NamedTuple):
    """What some uses come to."""

    uses: int
    minor: int


class CodeUse(Strict):
    """What one basket took off a voucher's code: a reservation, or an order, which may have come back."""

    order_id: Id
    store_id: Id
    state: Literal["reserved", "used", "returned"]
    minor: int
    at: AwareDatetime


class ExceptionQuery(Strict):
    """Where the last page ended."""

    cursor: Annotated[int, Field(ge=0, le=2**53)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ExceptionRow(Strict):
    """A use that was one too many, by the order with which it came to light."""

    number: int
    wrong: Wrong
    campaign: QuotaId  # or the promotion, or the lottery
    order_id: Id
    store_id: Id
    node_id: Id
    digest: Digest | None
    customer: Code | None
    other_orders: tuple[Id, ...]  # with the same code or customer
    at: AwareDatetime


class ExceptionPage(Strict):
    """Exceptions, newest first; ask again with `next` as the cursor for older ones."""

    exceptions: tuple[ExceptionRow, ...]
    next: int | None


class Recovered(Strict):
    """How many leased uses came back from a box."""

    uses: int
