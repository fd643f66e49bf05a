"""What a basket was given besides its lines, when it comes from another box of the store.

Discounts by operators, the member that staff noted, the donation and promotions that are used up for it are facts of
the basket and come along. A coupon is counted when it is paid, by head office or of the lease of the box where that
happens, so it comes along, too, where this box knows nothing against it. Leases stay with their boxes.
"""

from collections.abc import Mapping

from edge.baskets.pricing import Pricing
from edge.database import Transaction
from edge.specials import counting
from shared.coupons import Coupon
from shared.errors import Conflict
from shared.model.special import BasketCoupon, BasketVoucher, Campaign, Specials


def brought(
    tx: Transaction, specials: Specials, basket_id: str, campaigns: Mapping[str, Campaign], pricing: Pricing
) -> tuple[Specials, dict[str, str]]:
    """Return what holds at this box of what a basket was given elsewhere, and the names of coupons that do not.

    The names are by campaign.
    """
    good, left_out = [], {}
    customer = specials.customer
    for coupon in specials.coupons:
        campaign = campaigns.get(coupon.campaign)
        try:
            checked = None if campaign is None else _checked(tx, coupon, campaign, basket_id, customer, pricing)
        except Conflict:
            checked = None
        if checked is None:
            left_out[coupon.campaign] = coupon.name
        else:
            good.append(checked)
    return specials.model_copy(update={"coupons": tuple(good)}), left_out


def _checked(
    tx: Transaction, coupon: BasketCoupon, campaign: Campaign, basket_id: str, customer: str | None, pricing: Pricing
) -> BasketCoupon:
    """Return a coupon as this box takes it: a voucher with what either box knows to be left on it.

    Raises CouponTooEarly, CouponOver, CouponUsed, CouponUsedUp, VoucherSpent, VoucherElsewhere.
    """
    counting.demand_in_time(campaign, pricing)
    counting.demand_unused(tx, campaign, basket_id, coupon, customer)
    known = counting.voucher(tx, Coupon(campaign, coupon.digest), basket_id, pricing.store.currency)
    if known is None or coupon.voucher is None:
        return coupon.model_copy(update={"voucher": known})
    left_minor = min(known.balance_minor, coupon.voucher.balance_minor)
    return coupon.model_copy(update={"voucher": BasketVoucher(balance_minor=left_minor, stays=known.stays)})
