"""Reserving coupons between a node and head office. The basket's id makes a repeat the same reservation."""

from typing import Annotated, Literal

from pydantic import Field

from shared.model.special import COUPONS_MAX, CampaignId, Digest
from shared.model.strict import Code, Id, Strict

# Nobody else may use it meanwhile. Long, because an order may arrive hours after it was paid; a payment that comes
# to nothing gives it back at once.
RESERVED_FOR_H = 24


class WantedUse(Strict):
    """A coupon that a basket is about to be paid with."""

    campaign: CampaignId
    digest: Digest | None
    customer: Code | None = None


class ReservationRequest(Strict):
    """Reserve these for a basket."""

    basket_id: Id
    attempt: Id  # which of the basket's payments it is for: a late return of an earlier one changes nothing
    uses: Annotated[tuple[WantedUse, ...], Field(min_length=1, max_length=COUPONS_MAX)]


class ReservedUse(Strict):
    """What became of one: reserved, or why not."""

    campaign: CampaignId
    result: Literal["reserved", "code_used", "customer_used", "used_up", "unknown"]


class Reservation(Strict):
    """The answer, use by use."""

    uses: tuple[ReservedUse, ...]


class ReturnRequest(Strict):
    """A payment needs a campaign's use no more: what was reserved by this attempt, or before it, is free again."""

    basket_id: Id
    attempt: Id
    campaign: CampaignId


class Returned(Strict):
    """It is."""

    basket_id: Id
