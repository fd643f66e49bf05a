"""What a screen shows of a basket, and what can go wrong with one."""

from collections.abc import Sequence

from shared.currencies import CashRule
from shared.errors import Conflict, Invalid, NotFound
from shared.model.basket import LINES_MAX, Basket, BasketLine
from shared.model.special import BasketCoupon
from shared.model.strict import QUANTITY_MAX, Strict
from shared.promotions.evaluation import Saving
from shared.promotions.hints import Hint


class UnknownBasket(NotFound):
    """There is no such basket, or it was finished long ago."""

    hint = "Scan a product to begin a new one."


class BasketIsBeingPaid(Conflict):
    """The basket is being paid and cannot change now."""

    hint = "Wait for the payment to end, or cancel it."


class BasketIsClosed(Conflict):
    """The basket is finished and cannot change any more."""

    hint = "Scan a product to begin a new one."


class BasketIsParked(Conflict):
    """The basket waits under its code and cannot change until it is continued."""

    hint = "Type its code at the till where it shall go on; the same till will do, too."


class BasketHasMoved(Conflict):
    """The basket was handed over to another till of the store and is not here any more."""

    hint = "Go on at that till."


class LaneHasBasket(Conflict):
    """There is another basket at this till."""

    hint = "Pay that one, park it or start over, and then type the code once more; its basket waits meanwhile."


class BasketFull(Conflict):
    """The basket has {lines} different products, which is all it can hold."""

    hint = f"Pay these {LINES_MAX} first and begin another basket."


class QuantityOutOfRange(Invalid):
    """{quantity} pieces of one product are more than a basket takes."""

    hint = f"The most is {QUANTITY_MAX}; ask the staff for more."


class AppliedView(Strict):
    """A promotion's effect on a line."""

    name: str
    discount_minor: int


class HintView(Strict):
    """A promotion that nearly applies, what is missing (pieces, or an amount), and how much more it takes off then."""

    name: str
    missing_quantity: int
    missing_minor: int
    gain_minor: int  # the least that it can be


class LineView(Strict):
    """One line with its price after promotions."""

    number: int
    sku: str
    name: str
    quantity: int
    unit_price_minor: int
    gross_minor: int
    discount_minor: int
    total_minor: int
    promotions: tuple[AppliedView, ...]
    hint: HintView | None


class CouponView(Strict):
    """A coupon in a basket. One that takes nothing off is not spent when the basket is paid.

    left_minor: what stays on a voucher then; None where nothing can.
    """

    campaign: str
    name: str
    discount_minor: int
    left_minor: int | None


class OperatorDiscountView(Strict):
    """A discount that one of the staff gave on the spot."""

    id: str
    reason: str
    discount_minor: int


class DonationView(Strict):
    """What the shopper gives besides; it is in the total and no promotion counts it."""

    campaign: str
    name: str
    minor: int


class BasketView(Strict):
    """A basket as a screen shows it, in the order of the first scans."""

    id: str
    state: str
    version: int
    currency: str
    lines: tuple[LineView, ...]
    quantity: int
    gross_minor: int
    discount_minor: int
    total_minor: int  # to be paid: gross less discount, and the donation
    donation: DonationView | None
    cash_total_minor: int  # after cash rounding
    hint: HintView | None  # about the whole basket
    coupons: tuple[CouponView, ...]
    operator_discounts: tuple[OperatorDiscountView, ...]


def view(basket: Basket, cash: CashRule) -> BasketView:
    """Return what a screen shows. cash: how the store rounds it."""
    given, savings = basket.donation, basket.evaluation.savings
    hints = {hint.line_number: _hint(hint) for hint in reversed(basket.hints)}  # the first of a line
    return BasketView(
        id=basket.id,
        state=basket.state,
        version=basket.version,
        currency=basket.currency,
        lines=tuple(_line(line, savings.get(line.number, ()), hints.get(line.number)) for line in basket.lines),
        quantity=sum(line.quantity for line in basket.lines),
        gross_minor=basket.gross_minor,
        discount_minor=basket.evaluation.discount_minor,
        total_minor=basket.due_minor,
        donation=DonationView(campaign=given.campaign, name=given.name, minor=given.minor) if given else None,
        cash_total_minor=cash.payable_minor(basket.due_minor),
        hint=hints.get(None),
        coupons=tuple(_coupon(basket, coupon) for coupon in basket.specials.coupons),
        operator_discounts=tuple(
            OperatorDiscountView(
                id=given.promotion.id,
                reason=given.reason,
                discount_minor=basket.evaluation.promotion_minor(given.promotion.id),
            )
            for given in basket.specials.operator
        ),
    )


def _coupon(basket: Basket, coupon: BasketCoupon) -> CouponView:
    left_minor = None
    if coupon.voucher is not None and coupon.voucher.stays:
        own_id = basket.specials.voucher_id(coupon.campaign)
        left_minor = coupon.voucher.balance_minor - basket.evaluation.promotion_minor(own_id)
    return CouponView(
        campaign=coupon.campaign,
        name=coupon.name,
        discount_minor=basket.evaluation.opened_minor(coupon.campaign),
        left_minor=left_minor,
    )


def _hint(hint: Hint) -> HintView:
    return HintView(
        name=hint.name,
        missing_quantity=hint.missing_quantity,
        missing_minor=hint.missing_minor,
        gain_minor=hint.gain_minor,
    )


def _line(line: BasketLine, savings: Sequence[Saving], hint: HintView | None) -> LineView:
    discount_minor = sum(saving.minor for saving in savings)
    return LineView(
        number=line.number,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        gross_minor=line.gross_minor,
        discount_minor=discount_minor,
        total_minor=line.gross_minor - discount_minor,
        promotions=tuple(AppliedView(name=saving.name, discount_minor=saving.minor) for saving in savings),
        hint=hint,
    )
