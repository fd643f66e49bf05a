"""Putting coupons into baskets and gifts beside them, and drawing codes of lotteries."""

from edge import requests
from edge.baskets import service as baskets
from edge.baskets.pricing import Pricing
from edge.database import Transaction
from edge.specials import counting, storage
from edge.specials.models import Counting, CouponInBasket, CouponNotInBasket, TooManyCoupons
from shared.coupons import Coupon
from shared.model.basket import Basket
from shared.model.special import COUPONS_MAX, DRAWS_MAX, BasketCoupon, DonationChoice, Draw, DrawnCode


def add_coupon(tx: Transaction, basket_id: str, coupon: Coupon, pricing: Pricing) -> Basket:
    """Put a coupon into a basket. It is counted when the basket is paid, if it takes anything off.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed, CouponTooEarly, CouponOver, CouponUsed, CouponUsedUp,
    CouponInBasket, TooManyCoupons, VoucherSpent, VoucherElsewhere.
    """
    specials = baskets.specials(tx, basket_id)
    campaign = coupon.campaign
    counting.demand_in_time(campaign, pricing)
    if campaign.id in specials.campaigns:
        raise CouponInBasket(name=campaign.name)
    if len(specials.coupons) >= COUPONS_MAX:
        raise TooManyCoupons(coupons=COUPONS_MAX)
    voucher = counting.voucher(tx, coupon, basket_id, pricing.store.currency)
    added = BasketCoupon(campaign=campaign.id, name=campaign.name, digest=coupon.digest, voucher=voucher)
    counting.demand_unused(tx, campaign, basket_id, added, None)
    given = specials.model_copy(update={"coupons": (*specials.coupons, added)})
    return baskets.set_specials(tx, basket_id, given, pricing)


def scan_coupon(
    tx: Transaction, lane: str, coupon: Coupon, currency: str, pricing: Pricing, key: str | None = None
) -> Basket:
    """Put a scanned coupon into the lane's basket, which is opened if there is none. Raises as `add_coupon`.

    A repeat with `key` changes nothing.
    """
    if not requests.is_first(tx, key, f"coupon {lane} {coupon.campaign.id} {coupon.digest}", pricing.now):
        return baskets.newest_of_lane(tx, lane, pricing)
    return add_coupon(tx, baskets.opened(tx, lane, currency, pricing), coupon, pricing)


def remove_coupon(tx: Transaction, basket_id: str, campaign_id: str, pricing: Pricing) -> Basket:
    """Take a coupon off a basket. Raises as `add_coupon`, and CouponNotInBasket."""
    specials = baskets.specials(tx, basket_id)
    if campaign_id not in specials.campaigns:
        raise CouponNotInBasket(kind="coupon on this basket", campaign=campaign_id)
    left = tuple(coupon for coupon in specials.coupons if coupon.campaign != campaign_id)
    return baskets.set_specials(tx, basket_id, specials.model_copy(update={"coupons": left}), pricing)


def set_donation(tx: Transaction, basket_id: str, choice: DonationChoice | None, pricing: Pricing) -> Basket:
    """Note what the shopper gives besides; None for nothing.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed.
    """
    specials = baskets.specials(tx, basket_id)
    return baskets.set_specials(tx, basket_id, specials.model_copy(update={"donation": choice}), pricing)


def draw(tx: Transaction, basket: Basket, known: Counting, pricing: Pricing) -> tuple[Draw, ...]:
    """Draw what a basket that becomes an order gets of the lotteries, out of the blocks of this box."""
    draws: list[Draw] = []
    around = pricing.around()
    for lottery in known.lotteries.values():
        due = lottery.codes_due(basket.total_minor, around)
        if not due or len(draws) == DRAWS_MAX:
            continue
        last = storage.last_drawn(tx, lottery.id)
        left = sorted(
            (number, code)
            for block in known.blocks.values()
            if (block.lottery, block.node_id) == (lottery.id, pricing.share.node_id)
            for number, code in enumerate(block.codes, block.first)
            if number > last
        )
        drawn = tuple(DrawnCode(number=number, code=code) for number, code in left[:due])
        for one in drawn:
            storage.add_draw(tx, lottery.id, one.number, basket.id)
        draws.append(Draw(lottery=lottery.id, name=lottery.name, due=due, codes=drawn))
    return tuple(draws)
