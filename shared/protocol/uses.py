"""Reserving uses between a node and head office. The basket's id makes a repeat the same reservation."""

from typing import Annotated, Literal

from pydantic import Field

from shared.model.quota import QuotaId
from shared.model.special import Digest
from shared.model.strict import Code, Id, MinorFromZero, Strict

# Nobody else may use it meanwhile. Long, because an order may arrive hours after it was paid; a payment that comes
# to nothing gives it back at once.
RESERVED_FOR_H = 24
USES_MAX = 100  # in one request; a basket that uses more is asked for in parts


class WantedUse(Strict):
    """What a basket is about to be paid with: a coupon, or a promotion. minor: what it takes off a voucher's code."""

    quota: QuotaId
    digest: Digest | None = None
    customer: Code | None = None
    minor: MinorFromZero = 0


class ReservationRequest(Strict):
    """Reserve these for a basket: all that it uses, or a part of it."""

    basket_id: Id
    attempt: Id  # which of the basket's payments it is for: a late return of an earlier one changes nothing
    uses: Annotated[tuple[WantedUse, ...], Field(min_length=1, max_length=USES_MAX)]


class ReservedUse(Strict):
    """What became of one: reserved, or why not. left_minor: what there is on a voucher's code for this basket."""

    quota: QuotaId
    result: Literal["reserved", "code_used", "customer_used", "used_up", "unknown", "too_little"]
    left_minor: MinorFromZero | None = None


class Reservation(Strict):
    """The answer, use by use."""

    uses: tuple[ReservedUse, ...]


class ReturnRequest(Strict):
    """A payment needs a use no more: what was reserved by this attempt, or before it, is free again."""

    basket_id: Id
    attempt: Id
    quota: QuotaId


class Returned(Strict):
    """It is."""

    basket_id: Id


class BalanceRequest(Strict):
    """What is left on a voucher's code for a basket?"""

    basket_id: Id
    quota: QuotaId
    digest: Digest


class Balance(Strict):
    """The answer; None where head office knows of no such voucher."""

    left_minor: MinorFromZero | None
