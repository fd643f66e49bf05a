"""Putting coupons into baskets, and counting their uses when a basket is paid."""

from collections.abc import Container
from datetime import datetime

from edge import requests
from edge.baskets import service as baskets
from edge.baskets.pricing import Pricing
from edge.database import Transaction
from edge.journal import Handler
from edge.specials import storage
from edge.specials.models import (
    CountedUse,
    Counting,
    CouponInBasket,
    CouponNeedsCustomer,
    CouponNotChecked,
    CouponNotInBasket,
    CouponOver,
    CouponTooEarly,
    CouponUsed,
    CouponUsedUp,
    TooManyCoupons,
    Unreturned,
)
from shared.coupons import Coupon
from shared.events.fact import Fact
from shared.events.orders import OrderCompleted
from shared.model.basket import Basket
from shared.model.special import COUPONS_MAX, BasketCoupon, Campaign, CouponUse, DonationChoice, Draw, DrawnCode, Grant
from shared.protocol.specials import ReservationRequest, WantedUse


def add_coupon(tx: Transaction, basket_id: str, coupon: Coupon, pricing: Pricing) -> Basket:
    """Put a coupon into a basket. It is counted when the basket is paid, if it takes anything off.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed, CouponTooEarly, CouponOver, CouponUsed, CouponUsedUp,
    CouponInBasket, TooManyCoupons.
    """
    specials = baskets.specials(tx, basket_id)
    campaign = coupon.campaign
    _demand_in_time(campaign, pricing)
    if campaign.id in specials.campaigns:
        raise CouponInBasket(name=campaign.name)
    if len(specials.coupons) >= COUPONS_MAX:
        raise TooManyCoupons(coupons=COUPONS_MAX)
    added = BasketCoupon(campaign=campaign.id, name=campaign.name, digest=coupon.digest)
    _demand_unused(tx, campaign, basket_id, added, None)
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


def _demand_in_time(campaign: Campaign, pricing: Pricing) -> None:
    shut = campaign.shut(pricing.around())
    if shut == "not_yet":
        raise CouponTooEarly(name=campaign.name, opens=campaign.opens)
    if shut is not None:
        raise CouponOver(name=campaign.name)


def _demand_unused(
    tx: Transaction, campaign: Campaign, basket_id: str, coupon: BasketCoupon, customer: str | None
) -> None:
    """Raises CouponUsed or CouponUsedUp where this box knows by itself that a use would be one too many."""

    def is_reached(limit: int | None, **of: str | None) -> bool:
        return limit is not None and storage.uses(tx, campaign.id, basket_id, **of) >= limit

    if coupon.digest is not None and is_reached(campaign.max_uses_per_code, digest=coupon.digest):
        raise CouponUsed(name=campaign.name)
    if customer is not None and is_reached(campaign.max_uses_per_customer, customer=customer):
        raise CouponUsedUp(name=campaign.name)
    if is_reached(campaign.uses_max):
        raise CouponUsedUp(name=campaign.name)


def ask(
    tx: Transaction, basket: Basket, attempt: str, counting: Counting, pricing: Pricing, now: datetime
) -> ReservationRequest | None:
    """Say what head office must reserve before the basket is paid, written down before it is asked; None: nothing.

    Raises CouponOver, CouponUsed, CouponUsedUp, CouponNeedsCustomer.
    """
    customer = _customer(basket)
    counted = [coupon for coupon in _taking(basket) if _usable(tx, basket, coupon, counting, pricing).is_counted]
    if not counted:
        return None
    for coupon in counted:
        use = CouponUse(campaign=coupon.campaign, digest=coupon.digest, customer=customer, grant="reserved")
        storage.ask(tx, basket.id, use, attempt, now)
    return ReservationRequest(
        basket_id=basket.id,
        attempt=attempt,
        uses=tuple(WantedUse(campaign=coupon.campaign, digest=coupon.digest, customer=customer) for coupon in counted),
    )


def hold(tx: Transaction, basket: Basket, counting: Counting, pricing: Pricing, now: datetime) -> None:
    """Hold the uses of a basket's coupons that take something off, as a part of its payment.

    Raises CouponOver, CouponUsed, CouponUsedUp, CouponNeedsCustomer, CouponNotChecked.
    """
    customer = _customer(basket)
    for coupon in _taking(basket):
        campaign = _usable(tx, basket, coupon, counting, pricing)
        grant = _grant(tx, campaign, basket.id, counting, (campaign.id, coupon.digest, customer))
        use = CouponUse(campaign=campaign.id, digest=coupon.digest, customer=customer, grant=grant)
        storage.hold(tx, basket.id, use, now)


def _usable(tx: Transaction, basket: Basket, coupon: BasketCoupon, counting: Counting, pricing: Pricing) -> Campaign:
    """Return the campaign of a coupon that this box knows nothing against. Raises as `ask`."""
    campaign = counting.campaigns.get(coupon.campaign)
    if campaign is None:  # withdrawn since it was put into the basket
        raise CouponOver(name=coupon.name)
    _demand_in_time(campaign, pricing)
    customer = _customer(basket)
    if campaign.max_uses_per_customer is not None and customer is None:
        raise CouponNeedsCustomer(name=campaign.name)
    _demand_unused(tx, campaign, basket.id, coupon, customer)
    return campaign


def _grant(tx: Transaction, campaign: Campaign, basket_id: str, counting: Counting, use: CountedUse) -> Grant:
    """Decide on whose account a use goes. Raises CouponUsed, CouponUsedUp, CouponOver, CouponNotChecked."""
    result = counting.results.get(use)  # of another code, put in while head office was asked, nothing is known
    if not campaign.is_counted:
        return "free"
    if result == "reserved":
        return "reserved"
    if result == "unknown":
        raise CouponOver(name=campaign.name)
    if result == "code_used":
        raise CouponUsed(name=campaign.name)
    if result == "customer_used":
        raise CouponUsedUp(name=campaign.name)
    # Head office does not answer, or has given the rest away: some of it to this box, which may spend that.
    lease = counting.leases.get(campaign.id)
    leased = lease.nodes.get(counting.node_id, 0) if lease else 0
    if storage.uses(tx, campaign.id, basket_id, granted="leased") < leased:
        return "leased"
    if result == "used_up":
        raise CouponUsedUp(name=campaign.name)
    raise CouponNotChecked(name=campaign.name)


def draw(tx: Transaction, basket: Basket, counting: Counting, pricing: Pricing) -> tuple[Draw, ...]:
    """Draw what a basket that becomes an order gets of the lotteries, out of the blocks of this box."""
    draws = []
    around = pricing.around()
    for lottery in counting.lotteries.values():
        due = lottery.codes_due(basket.total_minor, around)
        if not due:
            continue
        last = storage.last_drawn(tx, lottery.id)
        left = sorted(
            (number, code)
            for block in counting.blocks.values()
            if (block.lottery, block.node_id) == (lottery.id, counting.node_id)
            for number, code in enumerate(block.codes, block.first)
            if number > last
        )
        drawn = tuple(DrawnCode(number=number, code=code) for number, code in left[:due])
        for one in drawn:
            storage.add_draw(tx, lottery.id, one.number, basket.id)
        draws.append(Draw(lottery=lottery.id, name=lottery.name, due=due, codes=drawn))
    return tuple(draws)


def give_back(tx: Transaction, basket_id: str) -> None:
    """A basket's payment came to nothing: its coupons can be used again."""
    storage.give_back(tx, basket_id)


def held(tx: Transaction, basket: Basket) -> tuple[CouponUse, ...]:
    """Return the uses that a basket's payment holds."""
    return storage.held(tx, basket.id) if basket.specials.coupons else ()


def unreturned(tx: Transaction, going_on: Container[str]) -> list[Unreturned]:
    """Return the reservations that head office shall forget. going_on: attempts to pay that may still need theirs."""
    return storage.unreturned(tx, going_on)


def returned(tx: Transaction, told: Unreturned) -> None:
    storage.set_returned(tx, told)


def on_order_completed(tx: Transaction, completed: OrderCompleted) -> None:
    if completed.order.coupons:
        storage.make_final(tx, completed.order.id)


def _taking(basket: Basket) -> list[BasketCoupon]:
    """Return the coupons that take something off; the others are not spent."""
    openers = {use.opened_by for use in basket.evaluation.applications}
    return [coupon for coupon in basket.specials.coupons if coupon.campaign in openers]


def _customer(basket: Basket) -> str | None:
    return basket.specials.member.customer if basket.specials.member else None


handlers: dict[type[Fact], Handler] = {OrderCompleted: on_order_completed}
