"""What is asked of specials, what can go wrong with them, and with what they are counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Self, cast

from pydantic import Field, field_validator, model_validator

from edge.uses.models import Result
from shared.errors import Conflict, Denied, NotFound
from shared.model.special import (
    COUPONS_MAX,
    OPERATOR,
    Campaign,
    CampaignId,
    DonationCampaign,
    DonationMinor,
    Lottery,
    LotteryBlock,
    Member,
)
from shared.model.strict import Code, Minor, Name, Strict
from shared.promotions.reward import WHOLE


class CouponTooEarly(Conflict):
    """{name} does not begin before {opens}."""

    hint = "Keep the coupon until then; this basket is paid without it."


class CouponOver(Conflict):
    """{name} is over."""

    hint = "The coupon is not good any more; the basket is paid without it."


class CouponUsed(Conflict):
    """This coupon of {name} was used before."""

    hint = "Each of these codes is good once or a few times only; take it off and pay without it."


class CouponUsedUp(Conflict):
    """{name} was used as often as it may be."""

    hint = "Take the coupon off and pay without it."


class CouponInBasket(Conflict):
    """{name} is on this basket already."""

    hint = "One code of an offer counts; nothing is lost."


class CouponNeedsCustomer(Conflict):
    """{name} is for known customers only."""

    hint = "Let the staff note the customer on this basket first."


class CouponNotChecked(Conflict):
    """{name} cannot be checked: head office is away and this box's own share of it is used up."""

    hint = "Take the coupon off and pay without it, or wait until the line is back."


class PromotionUsedUp(Conflict):
    """{name} was used as often as it may be. Nothing was paid."""

    hint = "Look at the new total and pay that."

    @property
    def promotions(self) -> tuple[str, ...]:
        """Their ids."""
        return cast("tuple[str, ...]", self.facts["promotions"])


class VoucherSpent(Conflict):
    """Nothing is left on this voucher of {name}."""

    hint = "Pay in another way; the voucher's last receipt says what was left."


class VoucherChanged(Conflict):
    """There is less left on {name} than was shown. Nothing was paid."""

    hint = "Look at the new total and pay that."

    @property
    def campaign(self) -> str:
        return cast("str", self.facts["campaign"])

    @property
    def left_minor(self) -> int:
        return cast("int", self.facts["left_minor"])


class VoucherElsewhere(Conflict):
    """{name} is worth {currency}, which is not paid with here."""

    hint = "Take it to a store of that country."


class TooManyCoupons(Conflict):
    """The basket has {coupons} coupons, which is all it can hold."""

    hint = f"Take one off to use another; {COUPONS_MAX} is the most."


class CouponNotInBasket(NotFound):
    """This coupon is not on the basket."""

    hint = "Look at the basket's coupons; it may have been taken off already."


class OperatorCap(Denied):
    """This is more than an operator may take off: {most_minor} is the most here."""

    hint = "Give less, or let head office raise the cap of the store."


class NothingToDiscount(Conflict):
    """There is nothing here that an operator's discount could make cheaper."""

    hint = "Look at the line; some products must not be discounted, and other offers may give more."


class TooManyDiscounts(Conflict):
    """The basket has {discounts} discounts by operators, which is all it can hold."""

    hint = "Take one off to give another."


class OperatorDiscountRequest(Strict):
    """A discount on a line, or on the whole basket; as a share or as an amount."""

    line: Annotated[int, Field(ge=1, le=10**6)] | None = None
    percent_bp: Annotated[int, Field(ge=1, le=WHOLE)] | None = None
    amount_minor: Annotated[Minor, Field(ge=1)] | None = None
    reason: Name
    operator: Annotated[Code, Field(max_length=64 - len(OPERATOR))]

    @model_validator(mode="after")
    def says_how_much_once(self) -> Self:
        if (self.percent_bp is None) == (self.amount_minor is None):
            raise ValueError("give either percent_bp or amount_minor")
        if not self.reason.strip():
            raise ValueError("give a reason that somebody can read")
        return self


class MemberRequest(Member):
    """Who is shopping. Nothing at all forgets it again."""

    @field_validator("tags")
    @classmethod
    def names_no_operator(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        if any(tag.startswith(OPERATOR) for tag in tags):
            raise ValueError(f"a tag must not begin with {OPERATOR}")
        return tags


class DonationRequest(Strict):
    """For whom, and how much: an amount, or up to the next multiple of a step (100: the next whole pound)."""

    campaign: CampaignId
    amount_minor: DonationMinor | None = None
    round_to_minor: DonationMinor | None = None

    @model_validator(mode="after")
    def says_how_much_once(self) -> Self:
        if (self.amount_minor is None) == (self.round_to_minor is None):
            raise ValueError("give either amount_minor or round_to_minor")
        return self


class DonationsView(Strict):
    """For whom shoppers can give something here."""

    donations: tuple[DonationCampaign, ...]


CountedUse = tuple[str, str | None, str | None]  # quota, the code's digest, customer


@dataclass(frozen=True, slots=True)
class Counting:
    """With what uses are counted when a basket is paid, and codes of lotteries are drawn.

    results: head office's word on each use that it was asked for; none where it did not answer.
    """

    campaigns: Mapping[str, Campaign] = field(default_factory=dict)
    lotteries: Mapping[str, Lottery] = field(default_factory=dict)
    blocks: Mapping[str, LotteryBlock] = field(default_factory=dict)
    results: Mapping[CountedUse, Result] = field(default_factory=dict)


NOTHING_TO_COUNT = Counting()
