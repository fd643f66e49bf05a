"""Counting what a basket uses when it is paid: its coupons, and its promotions that may be used so often only."""

from collections.abc import Collection, Iterator
from datetime import datetime

from edge.baskets import service as baskets
from edge.baskets.pricing import Pricing
from edge.database import Transaction
from edge.specials.models import (
    Counting,
    CouponNeedsCustomer,
    CouponNotChecked,
    CouponOver,
    CouponTooEarly,
    CouponUsed,
    CouponUsedUp,
    PromotionUsedUp,
    VoucherChanged,
    VoucherElsewhere,
    VoucherSpent,
)
from edge.uses import service as uses
from edge.uses.models import Result, Use
from shared.coupons import Coupon
from shared.errors import Conflict
from shared.model.basket import Basket
from shared.model.quota import PROMOTION, Quota, is_of_promotion, quota_of
from shared.model.special import BasketCoupon, BasketVoucher, Campaign, CouponUse, PromotionUse, VoucherUse
from shared.promotions.pack import Pack
from shared.protocol.uses import USES_MAX, ReservationRequest, WantedUse


def demand_in_time(campaign: Campaign, pricing: Pricing) -> None:
    """Raises CouponTooEarly, CouponOver."""
    shut = campaign.shut(pricing.around())
    if shut == "not_yet":
        raise CouponTooEarly(name=campaign.name, opens=campaign.opens)
    if shut is not None:
        raise CouponOver(name=campaign.name)


def demand_unused(
    tx: Transaction, campaign: Campaign, basket_id: str, coupon: BasketCoupon, customer: str | None
) -> None:
    """Raises CouponUsed or CouponUsedUp where this box knows by itself that a use would be one too many."""

    def is_reached(limit: int | None, **of: str | None) -> bool:
        return limit is not None and uses.count(tx, campaign.id, basket_id, **of) >= limit

    if coupon.digest is not None and is_reached(campaign.max_uses_per_code, digest=coupon.digest):
        raise CouponUsed(name=campaign.name)
    if customer is not None and is_reached(campaign.max_uses_per_customer, customer=customer):
        raise CouponUsedUp(name=campaign.name)
    if is_reached(campaign.uses_max):
        raise CouponUsedUp(name=campaign.name)


def voucher(tx: Transaction, coupon: Coupon, basket_id: str, currency: str) -> BasketVoucher | None:
    """Return what a coupon's code is worth, as far as this box knows; None where it is no voucher.

    Raises VoucherSpent, VoucherElsewhere.
    """
    campaign, terms = coupon.campaign, coupon.campaign.voucher
    if terms is None:
        return None
    if terms.currency != currency:
        raise VoucherElsewhere(name=campaign.name, currency=terms.currency)
    left_minor = uses.balance_minor(tx, campaign.quota, coupon.digest, basket_id)
    if not left_minor:
        raise VoucherSpent(name=campaign.name)
    return BasketVoucher(balance_minor=left_minor, stays=terms.remainder == "stays")


def may_ask(basket: Basket, pricing: Pricing) -> bool:
    """Tell whether head office may have to count something of a basket as it was shown.

    Limited promotions that did not apply then may apply now: their time has come, or the line is back.
    """
    return bool(basket.specials.coupons or pricing.pack_of(basket.pack_version).limited)


def ask(
    tx: Transaction, basket: Basket, attempt: str, counting: Counting, pricing: Pricing, now: datetime
) -> tuple[ReservationRequest, ...]:
    """Say what head office must reserve before the basket is paid, written down before it is asked.

    Raises CouponOver, CouponUsed, CouponUsedUp, CouponNeedsCustomer, VoucherChanged.
    """
    customer = basket.specials.customer
    counted = [
        Use(quota.id, digest, customer, "reserved", minor)
        for quota, digest, minor in _spent(tx, basket, counting, pricing)
        if quota.is_counted
    ]
    uses.ask(tx, basket.id, counted, attempt, now)
    wanted = tuple(
        WantedUse(quota=use.quota, digest=use.digest, customer=use.customer, minor=use.minor) for use in counted
    )
    return tuple(
        ReservationRequest(basket_id=basket.id, attempt=attempt, uses=wanted[first : first + USES_MAX])
        for first in range(0, len(wanted), USES_MAX)
    )


def hold(tx: Transaction, basket: Basket, counting: Counting, pricing: Pricing, now: datetime) -> None:
    """Hold the uses of what takes something off a basket, as a part of its payment.

    Raises CouponOver, CouponUsed, CouponUsedUp, CouponNeedsCustomer, CouponNotChecked, PromotionUsedUp, VoucherChanged.
    """
    customer, used_up = basket.specials.customer, []
    for quota, digest, minor in _spent(tx, basket, counting, pricing):
        # Of another code or customer, put in while head office was asked, nothing is known.
        result = counting.results.get((quota.id, digest, customer))
        grant = uses.grant(tx, quota, basket.id, pricing.share, result)
        if grant is not None:
            uses.hold(tx, basket.id, Use(quota.id, digest, customer, grant, minor), now)
        elif is_of_promotion(quota.id):
            used_up.append(quota)
        else:
            raise _refused(quota, result)
    if used_up:
        names = ", ".join(quota.name for quota in used_up)
        raise PromotionUsedUp(name=names, promotions=tuple(_promotion_id(quota.id) for quota in used_up))


def leave_out(tx: Transaction, basket_id: str, promotions: Collection[str], pricing: Pricing) -> Basket:
    """Price a basket without promotions of which it could get no use, from now on.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed.
    """
    specials = baskets.specials(tx, basket_id)
    used_up = tuple(dict.fromkeys((*specials.used_up, *promotions)))
    return baskets.set_specials(tx, basket_id, specials.model_copy(update={"used_up": used_up}), pricing)


def lower_balance(tx: Transaction, basket_id: str, campaign_id: str, left_minor: int, pricing: Pricing) -> Basket:
    """Price a basket with what head office says to be left on its voucher, where it is less than was thought.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed.
    """
    specials = baskets.specials(tx, basket_id)
    known = tuple(_with_balance(coupon, left_minor, of=campaign_id) for coupon in specials.coupons)
    if known == specials.coupons:
        return baskets.basket(tx, basket_id, pricing)
    return baskets.set_specials(tx, basket_id, specials.model_copy(update={"coupons": known}), pricing)


def _with_balance(coupon: BasketCoupon, left_minor: int, of: str) -> BasketCoupon:
    if coupon.campaign != of or coupon.voucher is None:
        return coupon
    balance_minor = min(coupon.voucher.balance_minor, left_minor)
    voucher = coupon.voucher.model_copy(update={"balance_minor": balance_minor, "is_told": True})
    return coupon.model_copy(update={"voucher": voucher})


def held(tx: Transaction, basket: Basket) -> tuple[tuple[CouponUse, ...], tuple[PromotionUse, ...]]:
    """Return what a basket's payment holds, coupons and promotions."""
    found = uses.held(tx, basket.id)
    vouchers = {coupon.campaign: coupon.voucher for coupon in basket.specials.coupons}
    coupons = tuple(
        CouponUse(
            campaign=use.quota,
            digest=use.digest,
            customer=use.customer,
            grant=use.grant,
            voucher=_voucher_use(vouchers.get(use.quota), use.minor),
        )
        for use in found
        if not is_of_promotion(use.quota)
    )
    promotions = tuple(
        PromotionUse(promotion=_promotion_id(use.quota), customer=use.customer, grant=use.grant)
        for use in found
        if is_of_promotion(use.quota)
    )
    return coupons, promotions


def _voucher_use(voucher: BasketVoucher | None, minor: int) -> VoucherUse | None:
    return VoucherUse(minor=minor, left_minor=voucher.balance_minor - minor, stays=voucher.stays) if voucher else None


def _spent(
    tx: Transaction, basket: Basket, counting: Counting, pricing: Pricing
) -> Iterator[tuple[Quota, str | None, int]]:
    """Yield what takes something off a basket; the rest is not spent.

    As (quota, the code's digest, what a voucher's code is to lose).
    """
    openers = {use.opened_by for use in basket.evaluation.applications}
    for coupon in basket.specials.coupons:
        if coupon.campaign in openers:
            quota = _usable(tx, basket, coupon, counting, pricing).quota
            yield quota, coupon.digest, _taken_minor(tx, basket, coupon, quota)
    for quota in _limited(basket, pricing.pack_of(basket.pack_version)):
        yield quota, None, 0


def _taken_minor(tx: Transaction, basket: Basket, coupon: BasketCoupon, quota: Quota) -> int:
    """Return what a voucher's code is to lose. Raises VoucherChanged where this box knows that less is left."""
    if coupon.voucher is None or quota.worth_minor is None:
        return 0
    own_id = basket.specials.voucher_id(coupon.campaign)
    minor = coupon.voucher.taken_minor(basket.evaluation.promotion_minor(own_id))
    left_minor = uses.balance_minor(tx, quota, coupon.digest, basket.id)
    if left_minor < minor:
        raise VoucherChanged(name=coupon.name, campaign=coupon.campaign, left_minor=left_minor)
    return minor


def _usable(tx: Transaction, basket: Basket, coupon: BasketCoupon, counting: Counting, pricing: Pricing) -> Campaign:
    """Return the campaign of a coupon that this box knows nothing against. Raises as `ask`."""
    campaign = counting.campaigns.get(coupon.campaign)
    if campaign is None:  # withdrawn since it was put into the basket
        raise CouponOver(name=coupon.name)
    demand_in_time(campaign, pricing)
    customer = basket.specials.customer
    if campaign.max_uses_per_customer is not None and customer is None:
        raise CouponNeedsCustomer(name=campaign.name)
    demand_unused(tx, campaign, basket.id, coupon, customer)
    return campaign


def _limited(basket: Basket, pack: Pack) -> list[Quota]:
    """Return the quotas of promotions that take something off a basket and may be used so often only."""
    if not pack.limited:
        return []
    applied = {use.promotion_id for use in basket.evaluation.applications}
    limited = (pack.promotions[place] for place in sorted(pack.limited))
    quotas = (quota_of(promotion) for promotion in limited if promotion.id in applied)
    return [quota for quota in quotas if quota is not None]


def _promotion_id(quota_id: str) -> str:
    return quota_id.removeprefix(PROMOTION)


def _refused(quota: Quota, result: Result | None) -> Conflict:
    """Return why a coupon cannot be used."""
    match result:
        case "unknown":
            return CouponOver(name=quota.name)
        case "code_used":
            return CouponUsed(name=quota.name)
        case "customer_used" | "used_up":
            return CouponUsedUp(name=quota.name)
        case _:
            return CouponNotChecked(name=quota.name)
