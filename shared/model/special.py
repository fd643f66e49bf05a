"""What stands beside promotions: coupon campaigns and their uses, and what a basket was given besides its lines."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.model.quota import LEASED_USES, Grant, LeasedUses, Quota, Uses, WorthMinor, promotion_quota
from shared.model.strict import Code, Currency, Id, MinorFromZero, Moment, Name, Strict, Tolerant
from shared.promotions.families import Promotion
from shared.promotions.families.special import Special
from shared.promotions.gate import Context, Gate, LocalTime, Shut
from shared.promotions.reward import SetAmount

COUPONS_MAX = 10  # on one basket: a shopper with more has found a leak
MEMBER_TAGS_MAX = 20
OPERATOR_DISCOUNTS_MAX = 10  # on one basket
OPERATOR = "operator:"  # begins what only operators open
VOUCHER = "voucher:"  # begins the promotions that are made for vouchers
MADE = (OPERATOR, VOUCHER)  # begin the ids of what is made for one basket, and of no promotion of head office
VOUCHER_LAYER = 70  # behind all that makes goods cheaper: a layer for each, so that none stands in another's way
BATCH_MAX = 32**5  # serials have five characters

CODES_PER_ORDER_MAX = 20  # of a lottery: a receipt is no roll of tickets
DRAWS_MAX = 20  # lotteries of which one order gets something
LOTTERY_BLOCK_MAX = 100  # codes leased to a box at once
DONATION_MAX_MINOR = 1_000_000  # more at a till is a typing error

DonationMinor = Annotated[int, Field(ge=1, le=DONATION_MAX_MINOR)]
# It stands in addresses, so no slash and no blank; a promotion's `gate.coupon` names it.
CampaignId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
# As people read it; how it is compared is in shared/coupons.py.
CouponText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{1,30}[A-Za-z0-9]$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]  # names a code without telling it


class Voucher(Tolerant):
    """What each code of a batch is worth, like money; a use takes it off as far as the basket goes."""

    currency: Currency
    worth_minor: WorthMinor
    remainder: Literal["stays", "lost"] = "lost"  # what a basket did not need: on the code, or gone


class CampaignTerms(Tolerant):
    """How often, for whom and when the codes of a campaign are good. Without a number there is no limit."""

    name: Name
    kind: Literal["shared", "batch"]  # one code for all, or a code for each
    text: CouponText  # the shared code, or what every code of the batch begins with
    size: Annotated[int, Field(ge=1, le=BATCH_MAX)] | None = None  # of a batch
    max_uses_per_code: Uses | None = None
    max_uses_per_customer: Uses | None = None
    max_uses_total: Uses | None = None
    opens: LocalTime | None = None  # by each store's clock, both inclusive
    closes: LocalTime | None = None
    voucher: Voucher | None = None
    # What each box may spend while head office is away. More is kinder to shoppers, less is safer.
    leased_uses: LeasedUses = LEASED_USES

    @model_validator(mode="after")
    def size_goes_with_a_batch(self) -> Self:
        if (self.kind == "batch") != (self.size is not None):
            raise ValueError("a batch has a size, a shared code has none")
        if self.kind == "shared" and self.max_uses_per_code is not None:
            raise ValueError("a shared code is limited by max_uses_total")
        if self.kind == "shared" and self.voucher is not None:
            raise ValueError("a voucher needs a code of its own; make it a batch")
        return self

    @property
    def uses_max(self) -> int | None:
        """How many uses there can be in all."""
        of_codes = self.size * self.max_uses_per_code if self.size and self.max_uses_per_code else None
        limits = [limit for limit in (self.max_uses_total, of_codes) if limit is not None]
        return min(limits, default=None)

    def shut(self, around: Context) -> Shut | None:
        """Tell whether it is too early or too late."""
        return Gate(from_=self.opens, to=self.closes).shut("", around)


class Campaign(CampaignTerms):
    """A coupon campaign as stores know it: the key proves codes of a batch without asking anybody."""

    id: CampaignId
    key: Annotated[str, StringConstraints(min_length=32, max_length=200)]

    @property
    def quota(self) -> Quota:
        return Quota(
            id=self.id,
            name=self.name,
            max_uses_per_code=self.max_uses_per_code,
            max_uses_per_customer=self.max_uses_per_customer,
            max_uses_total=self.uses_max,
            leased_uses=self.leased_uses,
            worth_minor=self.voucher.worth_minor if self.voucher else None,
        )


class VoucherUse(Strict):
    """What an order took off a voucher's code, and what is left on it as far as the box knew."""

    minor: MinorFromZero
    left_minor: MinorFromZero
    stays: bool  # what the order did not need


class CouponUse(Strict):
    """A coupon that took something off an order."""

    campaign: CampaignId
    digest: Digest | None  # of a batch's code; a shared one is known
    customer: Code | None = None
    grant: Grant
    voucher: VoucherUse | None = None

    @property
    def quota(self) -> str:
        return self.campaign

    @property
    def minor(self) -> int:
        """What it took off its code."""
        return self.voucher.minor if self.voucher else 0


class PromotionUse(Strict):
    """A promotion that may be used so often only and took something off an order: one use, however often it applied."""

    promotion: Code
    customer: Code | None = None
    grant: Grant

    @property
    def quota(self) -> str:
        return promotion_quota(self.promotion)

    @property
    def minor(self) -> int:
        return 0

    @property
    def digest(self) -> None:
        """It has no code."""


class BasketVoucher(Strict):
    """What the code of a voucher in a basket is worth, as far as the box knows."""

    balance_minor: MinorFromZero
    stays: bool  # what the basket does not need
    is_told: bool = False  # whether head office has said so

    def taken_minor(self, discount_minor: int) -> int:
        """Return what a use takes off the code."""
        return discount_minor if self.stays else self.balance_minor


class BasketCoupon(Strict):
    """A coupon that was put into a basket, whether or not it takes anything off yet."""

    campaign: CampaignId
    name: Name
    digest: Digest | None
    voucher: BasketVoucher | None = None


class Member(Strict):
    """Who is shopping, as the staff noted it: a number to count uses by, and tags such as `staff` or `gold`."""

    customer: Code | None = None
    tags: Annotated[tuple[Code, ...], Field(max_length=MEMBER_TAGS_MAX)] = ()


class OperatorDiscount(Strict):
    """A discount that one of the staff gave a basket on the spot. The promotion is made for it and names both."""

    operator: Code
    reason: Name
    promotion: Special
    at: Moment


class LotteryTerms(Tolerant):
    """Who gets codes of a lottery: each full multiple of an amount is worth one."""

    name: Name  # as the receipt names it
    from_minor: Annotated[int, Field(ge=1, le=10**9)]  # of what the goods cost
    opens: LocalTime | None = None  # by each store's clock, both inclusive
    closes: LocalTime | None = None

    def codes_due(self, total_minor: int, around: Context) -> int:
        """Return how many codes an order is worth."""
        if Gate(from_=self.opens, to=self.closes).shut("", around) is not None:
            return 0
        return min(total_minor // self.from_minor, CODES_PER_ORDER_MAX)


class Lottery(LotteryTerms):
    """A lottery as stores know it."""

    id: CampaignId


class LotteryBlock(Tolerant):
    """Codes that one box gives out, numbered on from `first`."""

    lottery: CampaignId
    node_id: Id
    first: Annotated[int, Field(ge=1)]
    codes: Annotated[tuple[Code, ...], Field(max_length=LOTTERY_BLOCK_MAX)]


class DrawnCode(Strict):
    """A code that an order got; `number` is its place in what head office imported."""

    number: Annotated[int, Field(ge=1)]
    code: Code


class Draw(Strict):
    """What an order got of a lottery. Fewer codes than are due: the box had no more."""

    lottery: CampaignId
    name: Name
    due: Annotated[int, Field(ge=1, le=CODES_PER_ORDER_MAX)]
    codes: Annotated[tuple[DrawnCode, ...], Field(max_length=CODES_PER_ORDER_MAX)]


class DonationCampaign(Tolerant):
    """Whom shoppers may give something when they pay."""

    id: CampaignId
    name: Name  # as the receipt names it


class Donation(Strict):
    """What a shopper gave with an order: outside of prices, promotions and tax, and never refunded with goods."""

    campaign: CampaignId
    name: Name
    minor: DonationMinor


class DonationChoice(Strict):
    """How much a shopper wants to give: an amount, or what is missing to the next multiple of a step."""

    campaign: CampaignId
    name: Name
    amount_minor: DonationMinor | None = None
    round_to_minor: DonationMinor | None = None

    def of(self, total_minor: int) -> Donation | None:
        """Return what is given beside a total; nothing where it is round already."""
        minor = self.amount_minor or (-total_minor % self.round_to_minor if self.round_to_minor else 0)
        return Donation(campaign=self.campaign, name=self.name, minor=minor) if minor else None


class Specials(Strict):
    """What a basket was given besides its lines."""

    coupons: tuple[BasketCoupon, ...] = ()
    member: Member | None = None
    operator: tuple[OperatorDiscount, ...] = ()
    donation: DonationChoice | None = None
    used_up: tuple[Code, ...] = ()  # promotions of which no use could be had for this basket

    @property
    def campaigns(self) -> frozenset[str]:
        return frozenset(coupon.campaign for coupon in self.coupons)

    @property
    def customer(self) -> str | None:
        return self.member.customer if self.member else None

    @property
    def member_tags(self) -> frozenset[str]:
        """What opens promotions: the member's tags, and the operators whose discounts stand on the basket."""
        operators = (operator_tag(discount.operator) for discount in self.operator)
        return frozenset((*(self.member.tags if self.member else ()), *operators))

    @property
    def vouchers(self) -> tuple[Special, ...]:
        """Return the promotions that are made for vouchers: each takes off what is left on its code."""
        return tuple(
            Special(
                id=f"{VOUCHER}{place}",
                name=coupon.name,
                layer=VOUCHER_LAYER + place,
                gate=Gate(coupon=coupon.campaign),
                reward=SetAmount(value=coupon.voucher.balance_minor),
            )
            for place, coupon in enumerate(self.coupons, 1)
            if coupon.voucher is not None
        )

    def voucher_id(self, campaign: str) -> str:
        """Return the id of the promotion that is made for a campaign's voucher, which must be there."""
        return next(made.id for made in self.vouchers if made.gate.coupon == campaign)

    @property
    def own_promotions(self) -> tuple[Promotion, ...]:
        return (*(discount.promotion for discount in self.operator), *self.vouchers)


def operator_tag(operator: str) -> str:
    """Return the member tag that opens an operator's discounts; the log of an evaluation names it."""
    return f"{OPERATOR}{operator}"


NO_SPECIALS = Specials()
