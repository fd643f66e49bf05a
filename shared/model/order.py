"""A basket that was completed, and what may stand beside it later."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from shared.model.basket import LINES_MAX
from shared.model.special import (
    COUPONS_MAX,
    DRAWS_MAX,
    MEMBER_TAGS_MAX,
    OPERATOR_DISCOUNTS_MAX,
    CampaignId,
    CouponUse,
    Digest,
    Donation,
    Draw,
    OperatorDiscount,
    PromotionUse,
)
from shared.model.store import Language
from shared.model.strict import BasisPoints, Code, Currency, Id, Minor, MinorFromZero, Moment, Name, Quantity, Strict
from shared.model.tax import TaxTotal
from shared.model.tender import CashTender, Tender
from shared.promotions.evaluation import Application, Evaluation
from shared.promotions.families import Promotion
from shared.promotions.families.special import Special
from shared.promotions.gate import Context

# What head office does with an order grows with these, and what is larger no box of ours made.
OPENERS_MAX = MEMBER_TAGS_MAX + OPERATOR_DISCOUNTS_MAX  # an operator's discount is opened by a tag, too
PROMOTION_USES_MAX = 2 * LINES_MAX  # of promotions that may be used so often only: two for each line
VOUCHERS_MAX = COUPONS_MAX  # each is a coupon


class OrderLine(Strict):
    """One line as it was sold. total = gross - discount; the tax is contained in the total."""

    number: int
    sku: Code
    name: Name
    quantity: Quantity
    unit_price_minor: MinorFromZero
    gross_minor: MinorFromZero
    discount_minor: MinorFromZero
    total_minor: MinorFromZero
    tax_class: Code
    tax_rate_bp: BasisPoints
    tax_minor: MinorFromZero
    # What promotions looked at, so that the same order can be priced again.
    floor_price_minor: MinorFromZero = 0
    category: Code | None = None
    brand: Name | None = None
    tags: tuple[Code, ...] = ()
    discountable: bool = True


class PricedWith(Strict):
    """What an order was priced with: with its lines and its pack, enough to come to the same log again."""

    engine_version: int
    at: str | None  # the store's local time
    coupons: Annotated[tuple[str, ...], Field(max_length=COUPONS_MAX)] = ()
    member_tags: Annotated[tuple[str, ...], Field(max_length=OPENERS_MAX)] = ()
    store: Code | None = None
    channel: Code | None = None
    uses: dict[str, int] = Field(default_factory=dict)
    uses_total: dict[str, int] = Field(default_factory=dict)
    proven: bool = True
    digest: str  # of the whole log

    @classmethod
    def of(cls, evaluation: Evaluation) -> "PricedWith":
        return cls(
            engine_version=evaluation.engine_version,
            at=evaluation.at,
            coupons=evaluation.coupons,
            member_tags=evaluation.member_tags,
            store=evaluation.store,
            channel=evaluation.channel,
            uses=evaluation.uses,
            uses_total=evaluation.uses_total,
            proven=evaluation.proven,
            digest=evaluation.digest,
        )

    @property
    def around(self) -> Context:
        return Context(
            now=datetime.fromisoformat(self.at) if self.at else None,
            coupons=frozenset(self.coupons),
            member_tags=frozenset(self.member_tags),
            store=self.store,
            channel=self.channel,
            uses=self.uses,
            uses_total=self.uses_total,
        )


class Order(Strict):
    """A completed basket. Totals were computed once, here; nobody computes them again."""

    id: Id  # the basket's id: one basket can only ever become one order
    receipt_number: Code  # from the node's gap-free series
    store_id: Id
    node_id: Id
    lane: Code
    placed_at: Moment
    business_day: date
    currency: Currency
    language: Language
    lines: Annotated[tuple[OrderLine, ...], Field(max_length=LINES_MAX)]
    applications: tuple[Application, ...]
    pack_version: Code  # of the promotions that priced it
    pricing: PricedWith | None = None  # None in orders of daemons that did not say
    # Those that took something off.
    coupons: Annotated[tuple[CouponUse, ...], Field(max_length=COUPONS_MAX)] = ()
    # Of promotions that may be used so often only.
    promotion_uses: Annotated[tuple[PromotionUse, ...], Field(max_length=PROMOTION_USES_MAX)] = ()
    draws: Annotated[tuple[Draw, ...], Field(max_length=DRAWS_MAX)] = ()  # of lotteries
    donation: Donation | None = None  # no part of any total; it is paid besides
    # With the promotions made for this order alone.
    operator_discounts: Annotated[tuple[OperatorDiscount, ...], Field(max_length=OPERATOR_DISCOUNTS_MAX)] = ()
    # Promotions made for the vouchers that were on it.
    vouchers: Annotated[tuple[Special, ...], Field(max_length=VOUCHERS_MAX)] = ()
    tax_policy: Code  # how tax was rounded
    taxes: tuple[TaxTotal, ...]
    gross_minor: MinorFromZero
    discount_minor: MinorFromZero
    total_minor: MinorFromZero
    rounding_minor: Minor  # added to the total by cash rounding; no part of the tax base
    tenders: Annotated[tuple[Tender, ...], Field(min_length=1)]  # their amounts sum to due + rounding

    @property
    def due_minor(self) -> int:
        """What was to be paid, before cash rounding: the goods and the donation."""
        return self.total_minor + (self.donation.minor if self.donation else 0)

    @property
    def own_promotions(self) -> tuple[Promotion, ...]:
        """What priced it besides the pack: `pack.with_own(order.own_promotions)` prices it again."""
        return (*(discount.promotion for discount in self.operator_discounts), *self.vouchers)


class RefundLine(Strict):
    """Units of one order line that came back, at what was paid for just these units."""

    number: int  # the order line's
    sku: Code
    name: Name
    quantity: Quantity
    amount_minor: MinorFromZero
    tax_class: Code
    tax_rate_bp: BasisPoints
    tax_minor: MinorFromZero


class VoucherReturn(Strict):
    """What goes back on a voucher's code, because goods came back that were paid with it."""

    campaign: CampaignId
    name: Name
    digest: Digest | None
    minor: MinorFromZero


class Refund(Strict):
    """A correction beside an order, which itself never changes. Amounts are positive: money that left the drawer."""

    id: Id
    receipt_number: Code  # from the same series as orders
    order_id: Id
    order_receipt_number: Code
    store_id: Id
    node_id: Id
    placed_at: Moment
    business_day: date
    currency: Currency
    language: Language
    lines: Annotated[tuple[RefundLine, ...], Field(max_length=LINES_MAX)]
    # No part of the total, which is paid out.
    vouchers: Annotated[tuple[VoucherReturn, ...], Field(max_length=VOUCHERS_MAX)] = ()
    taxes: tuple[TaxTotal, ...]
    total_minor: MinorFromZero
    rounding_minor: Minor
    tender: CashTender
