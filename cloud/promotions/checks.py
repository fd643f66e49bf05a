"""What types cannot say about a promotion: whether it can ever apply, and whether it means what its buyer meant."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cloud.promotions.models import Finding
from shared.promotions.families import Promotion
from shared.promotions.families.basket_threshold import BasketThreshold, ThresholdTier
from shared.promotions.families.combo import Combo
from shared.promotions.families.easy_plus import EasyPlus, PlusTier
from shared.promotions.families.group import Group
from shared.promotions.families.requisite_target import RequisiteTarget
from shared.promotions.reward import SetPrice
from shared.promotions.selector import Selector

RESERVED = {"alarms", "imports", "packs", "try"}  # addresses below /api/promotions


@dataclass(frozen=True, slots=True)
class Shops:
    """What head office knows around a promotion. prices_minor: by sku, as far as they were asked for."""

    store_codes: Collection[str]
    prices_minor: Mapping[str, int]


Check = Callable[[Promotion, Shops], Iterator[Finding]]


def findings(promotion: Promotion, shops: Shops) -> tuple[Finding, ...]:
    """Return everything that a buyer should know, errors first."""
    found = [finding for check in CHECKS for finding in check(promotion, shops)]
    return tuple(sorted(found, key=lambda finding: finding.severity != "error"))


def named_skus(promotion: Promotion) -> set[str]:
    """Return the products that a promotion names one by one, whose prices the checks ask for."""
    return {sku for selector in promotion.selectors for sku in selector.skus or ()}


def _found(field: str, code: str, message: str, severity: Literal["error", "warning"] = "error") -> Finding:
    return Finding(severity=severity, field=field, code=code, message=message)


def _ids(promotion: Promotion, _: Shops) -> Iterator[Finding]:
    if promotion.id in RESERVED:
        yield _found("id", "reserved-id", f"{promotion.id!r} is the name of a page here; choose another id")


def _gate(promotion: Promotion, shops: Shops) -> Iterator[Finding]:
    gate = promotion.gate
    if gate.from_ and gate.to and gate.from_.replace(" ", "T") > f"{gate.to.replace(' ', 'T')}T24":
        yield _found("gate.to", "ends-before", f"it ends on {gate.to}, before it begins on {gate.from_}")
    if gate.hours and gate.hours[0] == gate.hours[1]:
        yield _found("gate.hours", "never-open", f"it begins and ends at {gate.hours[0]}, so that it is never open")
    for name, listed in (("days", gate.days), ("stores", gate.stores), ("channels", gate.channels)):
        if listed is not None and not listed:
            yield _found(f"gate.{name}", "never-open", f"its list of {name} is empty, so that it is never open")
    for code in sorted(gate.stores or ()):
        if code not in shops.store_codes:
            yield _found("gate.stores", "unknown-store", f"no store has the code {code!r}")


def _limits(promotion: Promotion, _: Shops) -> Iterator[Finding]:
    for name in ("max_uses_per_customer", "max_uses_total"):
        if getattr(promotion.gate, name) == 0:
            yield _found(f"gate.{name}", "never-open", f"{name} is 0, so that nobody can ever use it")
    for name in ("max_units", "max_units_per_line", "max_applications", "max_discount"):
        if getattr(promotion.limits, name) == 0:
            yield _found(f"limits.{name}", "never-applies", f"{name} is 0, so that it can never do anything")


def _selectors(promotion: Promotion, _: Shops) -> Iterator[Finding]:
    for place, selector in zip(_places(promotion), promotion.selectors, strict=True):
        for name in ("skus", "categories", "brands", "tags"):
            wanted, unwanted = getattr(selector, name), getattr(selector, f"not_{name}")
            if wanted is None:
                continue
            both = sorted(wanted & unwanted)
            if not wanted:
                message = f"its list of {name} is empty and takes nothing; leave it out to take everything"
                yield _found(f"{place}.{name}", "selects-nothing", message)
            elif not wanted - unwanted and name != "tags":
                message = f"everything in {name} is left out again in not_{name}, so that it takes nothing"
                yield _found(f"{place}.{name}", "selects-nothing", message)
            elif both:
                message = f"{both[0]!r} is both wanted and left out"
                yield _found(f"{place}.{name}", "contradiction", message)
        lowest, highest = selector.min_unit_price, selector.max_unit_price
        if lowest is not None and highest is not None and lowest > highest:
            message = f"the least price {lowest} is above the greatest, {highest}"
            yield _found(f"{place}.min_unit_price", "contradiction", message)


def _places(promotion: Promotion) -> list[str]:
    """Return what a buyer calls each of a promotion's selectors, in their order."""
    if isinstance(promotion, Combo):
        return [f"slots[{number}]" for number in range(1, len(promotion.slots) + 1)]
    if isinstance(promotion, RequisiteTarget):
        requisites = [f"requisites[{number}]" for number in range(1, len(promotion.requisites) + 1)]
        return requisites + [f"targets[{number}]" for number in range(1, len(promotion.targets) + 1)]
    return ["qualify", "target"] if isinstance(promotion, BasketThreshold) else ["target"]


def _tiers(promotion: Promotion, _: Shops) -> Iterator[Finding]:
    if not isinstance(promotion, EasyPlus | BasketThreshold):
        return
    tiers: tuple[PlusTier | ThresholdTier, ...] = promotion.tiers
    for number, tier in enumerate(tiers, 1):
        field = f"tiers[{number}]"
        most = promotion.limits.max_units
        if isinstance(promotion, EasyPlus) and most is not None and (tier.min_qty or 0) > most:
            message = f"tier {number} needs {tier.min_qty} units, but the promotion takes {most} at most"
            yield _found(field, "unreachable-tier", message)
        for other_number, other in enumerate(tiers, 1):
            if other_number == number or not _reached_first(other, tier):
                continue
            same = _height(other) == _height(tier)
            if same and other_number < number:
                message = f"tiers {other_number} and {number} begin at the same point; one of them never counts"
                yield _found(field, "unreachable-tier", message)
            elif not same and _gives_less(tier, other):
                message = f"tier {number} asks for more than tier {other_number} and gives less or the same"
                yield _found(field, "worse-tier", message)


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


def _prices(promotion: Promotion, shops: Shops) -> Iterator[Finding]:
    """Warn where a fixed price is no gain: it is then simply not used, as no promotion raises a price."""
    reward = getattr(promotion, "reward", None)
    if reward is None:
        return
    if reward.kind in {"percent", "amount", "set_amount"} and not reward.value:
        yield _found("reward.value", "gives-nothing", "it takes nothing off", "warning")
    if isinstance(promotion, Group | Combo) and isinstance(reward, SetPrice):
        sets = (
            [(promotion.target, promotion.n)]
            if isinstance(promotion, Group)
            else [(slot.select, slot.qty) for slot in promotion.slots]
        )
        least = [_least(selector, shops) for selector, _ in sets]
        if None not in least:
            cheapest = sum((price or 0) * size for price, (_, size) in zip(least, sets, strict=True))
            if cheapest <= reward.value:
                message = (
                    f"the cheapest set costs {cheapest} already, no more than the set price {reward.value}; "
                    "it is left alone, as no promotion raises a price"
                )
                yield _found("reward.value", "no-gain", message, "warning")
    if reward.kind == "unit_price":
        for selector in promotion.selectors:
            price = _least(selector, shops)
            if price is not None and price <= reward.value:
                message = (
                    f"some of its products cost {price} already, no more than {reward.value}; they stay as they are"
                )
                yield _found("reward.value", "no-gain", message, "warning")


def _least(selector: Selector, shops: Shops) -> int | None:
    """Return the least price of the products that a selector names, None where they or their prices are not known."""
    known = [shops.prices_minor[sku] for sku in selector.skus or () if sku in shops.prices_minor]
    low, high = selector.min_unit_price or 0, selector.max_unit_price
    return min((price for price in known if price >= low and (high is None or price <= high)), default=None)


CHECKS: tuple[Check, ...] = (_ids, _gate, _limits, _selectors, _tiers, _prices)
