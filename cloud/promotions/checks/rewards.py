"""Whether a promotion's rewards and tiers ever take anything off."""

from collections.abc import Iterator

from cloud.promotions.checks.finding import Shops, found
from cloud.promotions.models import Finding
from shared.promotions.families import Promotion
from shared.promotions.families.basket_threshold import BasketThreshold, ThresholdTier
from shared.promotions.families.combo import Combo
from shared.promotions.families.easy_plus import EasyPlus, PlusTier
from shared.promotions.families.group import Group
from shared.promotions.families.requisite_target import RequisiteTarget
from shared.promotions.reward import AnyReward
from shared.promotions.selector import Selector


def check_tiers(promotion: Promotion, shops: Shops) -> Iterator[Finding]:
    if not isinstance(promotion, EasyPlus | BasketThreshold):
        return
    tiers: tuple[PlusTier | ThresholdTier, ...] = promotion.tiers
    for number, tier in enumerate(tiers, 1):
        field = f"tiers[{number}]"
        most = promotion.limits.max_units
        if isinstance(promotion, EasyPlus) and most is not None and (tier.min_qty or 0) > most:
            message = f"tier {number} needs {tier.min_qty} units, but the promotion takes {most} at most"
            yield found(field, "unreachable-tier", message)
        dearest = _dearest(promotion.target, shops) if isinstance(promotion, EasyPlus) else None
        if most and dearest is not None and (tier.min_amount or 0) > most * dearest:
            message = f"tier {number} needs {tier.min_amount}, but {most} units at most come to {most * dearest}"
            yield found(field, "unreachable-tier", message, "warning")
        for other_number, other in enumerate(tiers, 1):
            if other_number == number or not _reached_first(other, tier):
                continue
            same = _height(other) == _height(tier)
            if same and other_number < number:
                message = f"tiers {other_number} and {number} begin at the same point; one of them never counts"
                yield found(field, "unreachable-tier", message)
            elif not same and _gives_less(tier, other):
                message = f"tier {number} asks for more than tier {other_number} and gives less or the same"
                yield found(field, "worse-tier", message)


def _height(tier: PlusTier | ThresholdTier) -> tuple[int, int]:
    """Return the least quantity and the least amount that reach a tier."""
    over = tier.over_amount if isinstance(tier, ThresholdTier) else None
    return tier.min_qty or 0, max(tier.min_amount or 0, 0 if over is None else over + 1)


def _reached_first(one: PlusTier | ThresholdTier, other: PlusTier | ThresholdTier) -> bool:
    """Tell whether whoever reaches `other` has always reached `one` as well."""
    return all(low <= high for low, high in zip(_height(one), _height(other), strict=True))


def _gives_less(tier: PlusTier | ThresholdTier, lower: PlusTier | ThresholdTier) -> bool:
    if tier.reward.kind != lower.reward.kind:
        return False  # 5.00 or 10 %: which is more depends on the basket
    is_price = tier.reward.kind in {"unit_price", "set_price"}
    return tier.reward.value >= lower.reward.value if is_price else tier.reward.value <= lower.reward.value


def check_rewards(promotion: Promotion, shops: Shops) -> Iterator[Finding]:
    """Warn where a reward is no gain: it is then simply not used, as no promotion raises a price."""
    for field, reward in _rewards(promotion):
        if reward.kind in {"percent", "amount", "set_amount"} and not reward.value:
            yield found(field, "gives-nothing", "it takes nothing off", "warning")
        elif reward.kind == "set_price":
            yield from _set_price(field, reward.value, _set(promotion), shops)
        elif reward.kind == "unit_price":
            yield from _unit_price(field, reward.value, _rewarded(promotion), shops)


def _rewards(promotion: Promotion) -> list[tuple[str, AnyReward]]:
    """Return each reward with what a buyer calls its place."""
    if isinstance(promotion, EasyPlus | BasketThreshold):
        tiers: tuple[PlusTier | ThresholdTier, ...] = promotion.tiers
        return [(f"tiers[{number}].reward.value", tier.reward) for number, tier in enumerate(tiers, 1)]
    return [("reward.value", promotion.reward)]


def _set(promotion: Promotion) -> list[tuple[Selector, int]]:
    """Return what one set of a fixed size is made of; nothing where its size depends on the basket."""
    if isinstance(promotion, Group):
        return [(promotion.target, promotion.n)]
    return [(slot.select, slot.qty) for slot in promotion.slots] if isinstance(promotion, Combo) else []


def _rewarded(promotion: Promotion) -> list[Selector]:
    if isinstance(promotion, RequisiteTarget):
        return [slot.select for slot in promotion.targets]
    return list(promotion.selectors)


def _set_price(field: str, price: int, parts: list[tuple[Selector, int]], shops: Shops) -> Iterator[Finding]:
    cheapest = _sum([(_cheapest(selector, shops), size) for selector, size in parts])
    dearest = _sum([(_dearest(selector, shops), size) for selector, size in parts])
    if dearest is not None and dearest <= price:
        message = f"the dearest set costs {dearest}, no more than the set price {price}; it never takes anything off"
        yield found(field, "never-gains", message, "warning")
    elif cheapest is not None and cheapest <= price:
        message = (
            f"the cheapest set costs {cheapest} already, no more than the set price {price}; "
            "it is left alone, as no promotion raises a price"
        )
        yield found(field, "no-gain", message, "warning")


def _sum(parts: list[tuple[int | None, int]]) -> int | None:
    """Return what a set costs, None where a price is not known."""
    prices = [price * size for price, size in parts if price is not None]
    return sum(prices) if prices and len(prices) == len(parts) else None


def _unit_price(field: str, price: int, selectors: list[Selector], shops: Shops) -> Iterator[Finding]:
    for selector in selectors:
        cheapest, dearest = _cheapest(selector, shops), _dearest(selector, shops)
        if dearest is not None and dearest <= price:
            message = f"its products cost {dearest} at most, no more than {price}; it never takes anything off"
            yield found(field, "never-gains", message, "warning")
        elif cheapest is not None and cheapest <= price:
            message = f"some of its products cost {cheapest} already, no more than {price}; they stay as they are"
            yield found(field, "no-gain", message, "warning")


def _prices(selector: Selector, shops: Shops) -> list[int]:
    """Return the prices, as far as they are known, of the products that a selector names."""
    known = [shops.prices_minor[sku] for sku in selector.skus or () if sku in shops.prices_minor]
    low, high = selector.min_unit_price or 0, selector.max_unit_price
    return [price for price in known if price >= low and (high is None or price <= high)]


def _cheapest(selector: Selector, shops: Shops) -> int | None:
    return min(_prices(selector, shops), default=None)


def _dearest(selector: Selector, shops: Shops) -> int | None:
    """Return the greatest price that a unit can have, None where that is not certain."""
    if selector.skus is not None and selector.skus <= shops.prices_minor.keys():
        return max(_prices(selector, shops), default=None)
    return selector.max_unit_price
