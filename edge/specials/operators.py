"""What staff decide on the spot: a discount with a reason and within the store's caps, and who is shopping."""

from datetime import datetime

from edge.baskets import service as baskets
from edge.baskets.pricing import Pricing
from edge.database import Transaction
from edge.specials.models import NothingToDiscount, OperatorCap, OperatorDiscountRequest, TooManyDiscounts
from shared.errors import NotFound
from shared.model.basket import Basket
from shared.model.special import OPERATOR, OPERATOR_DISCOUNTS_MAX, Member, OperatorDiscount, operator_tag
from shared.model.store import Store
from shared.money import divide_half_up
from shared.promotions.families.special import Special
from shared.promotions.gate import UNLIMITED, Gate, Limits
from shared.promotions.reward import WHOLE, Percent, SetAmount
from shared.promotions.selector import EVERYTHING, Selector

LAYER = 50  # behind coupons, before staff prices


def give(
    tx: Transaction, basket_id: str, wanted: OperatorDiscountRequest, store: Store, pricing: Pricing, now: datetime
) -> Basket:
    """Make a promotion for this basket alone. It competes with nothing but other operators' discounts.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed, NotFound, OperatorCap, NothingToDiscount,
    TooManyDiscounts.
    """
    specials = baskets.specials(tx, basket_id)
    if len(specials.operator) >= OPERATOR_DISCOUNTS_MAX:
        raise TooManyDiscounts(discounts=OPERATOR_DISCOUNTS_MAX)
    target, units = _target(baskets.basket(tx, basket_id, pricing), wanted.line)
    number = max((int(given.promotion.id.removeprefix(OPERATOR)) for given in specials.operator), default=0) + 1
    promotion = Special(
        id=f"{OPERATOR}{number}",
        name=wanted.reason,
        layer=LAYER,
        gate=Gate(member_tag=operator_tag(wanted.operator)),
        target=target,
        # A share is of what is there now, and of no units that the shopper adds later.
        limits=Limits(max_units=units) if wanted.percent_bp else UNLIMITED,
        reward=Percent(value=wanted.percent_bp) if wanted.percent_bp else SetAmount(value=wanted.amount_minor or 0),
    )
    made = OperatorDiscount(operator=wanted.operator, reason=wanted.reason, promotion=promotion, at=now)
    given = specials.model_copy(update={"operator": (*specials.operator, made)})
    basket = baskets.set_specials(tx, basket_id, given, pricing)
    if not basket.evaluation.promotion_minor(promotion.id):
        raise NothingToDiscount
    demand_within_caps(basket, store)
    return basket


def _target(basket: Basket, number: int | None) -> tuple[Selector, int]:
    """Return what selects a line, or all of the basket, and its units. A basket has one line for each product."""
    if number is None:
        return EVERYTHING, sum(line.quantity for line in basket.lines)
    line = next((line for line in basket.lines if line.number == number), None)
    if line is None:
        raise NotFound(kind="line in this basket", line=number)
    return Selector(skus=frozenset({line.sku})), line.quantity


def take_off(tx: Transaction, basket_id: str, promotion_id: str, pricing: Pricing) -> Basket:
    """Take an operator's discount off a basket. Raises as `give`."""
    specials = baskets.specials(tx, basket_id)
    left = tuple(given for given in specials.operator if given.promotion.id != promotion_id)
    if len(left) == len(specials.operator):
        raise NotFound(kind="discount on this basket", discount=promotion_id)
    return baskets.set_specials(tx, basket_id, specials.model_copy(update={"operator": left}), pricing)


def demand_within_caps(basket: Basket, store: Store) -> None:
    """Raises OperatorCap when operators' discounts take off more than they may; a basket may have shrunk since."""
    if not basket.specials.operator:
        return
    rewards = {given.promotion.id: given.promotion.reward for given in basket.specials.operator}
    uses = [use for use in basket.evaluation.applications if use.promotion_id in rewards]
    for use in uses:
        most_minor = divide_half_up(use.net_minor * store.operator_discount_max_bp, WHOLE)
        reward = rewards[use.promotion_id]
        # A percentage is compared as such: rounded line by line, it may come to some minor units more or less.
        is_percent = reward.kind == "percent"
        if reward.value > store.operator_discount_max_bp if is_percent else use.discount_minor > most_minor:
            raise OperatorCap(most_minor=most_minor)
    in_all_minor = store.operator_discount_max_minor
    if in_all_minor is not None and sum(use.discount_minor for use in uses) > in_all_minor:
        raise OperatorCap(most_minor=in_all_minor)


def set_member(tx: Transaction, basket_id: str, member: Member, pricing: Pricing) -> Basket:
    """Note who is shopping, which opens the prices of staff and members.

    Raises UnknownBasket, BasketIsBeingPaid, BasketIsClosed.
    """
    specials = baskets.specials(tx, basket_id)
    noted = member if member != Member() else None
    # Of what one customer may use no more, another may have uses left.
    given = specials.model_copy(update={"member": noted, "used_up": ()})
    return baskets.set_specials(tx, basket_id, given, pricing)
