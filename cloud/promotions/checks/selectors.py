"""Whether the products that a promotion is about can exist, and do."""

from collections.abc import Iterator

from cloud.promotions.checks.finding import Shops, found
from cloud.promotions.models import Finding
from shared.promotions.families import Promotion
from shared.promotions.families.basket_threshold import BasketThreshold
from shared.promotions.families.combo import Combo
from shared.promotions.families.requisite_target import RequisiteTarget

NAMED_MAX = 2_000  # products one by one: every box keeps the list, and nobody reads it


def check_selectors(promotion: Promotion, _: Shops) -> Iterator[Finding]:
    for place, selector in zip(_places(promotion), promotion.selectors, strict=True):
        for name in ("skus", "categories", "brands", "tags"):
            wanted, unwanted = getattr(selector, name), getattr(selector, f"not_{name}")
            if wanted is None:
                continue
            both = sorted(wanted & unwanted)
            if not wanted:
                message = f"its list of {name} is empty and takes nothing; leave it out to take everything"
                yield found(f"{place}.{name}", "selects-nothing", message)
            elif not wanted - unwanted and name != "tags":
                message = f"everything in {name} is left out again in not_{name}, so that it takes nothing"
                yield found(f"{place}.{name}", "selects-nothing", message)
            elif both:
                message = f"{both[0]!r} is both wanted and left out"
                yield found(f"{place}.{name}", "contradiction", message)
        lowest, highest = selector.min_unit_price, selector.max_unit_price
        if lowest is not None and highest is not None and lowest > highest:
            message = f"the least price {lowest} is above the greatest, {highest}"
            yield found(f"{place}.min_unit_price", "contradiction", message)


def _places(promotion: Promotion) -> list[str]:
    """Return what a buyer calls each of a promotion's selectors, in their order."""
    if isinstance(promotion, Combo):
        return [f"slots[{number}]" for number in range(1, len(promotion.slots) + 1)]
    if isinstance(promotion, RequisiteTarget):
        requisites = [f"requisites[{number}]" for number in range(1, len(promotion.requisites) + 1)]
        return requisites + [f"targets[{number}]" for number in range(1, len(promotion.targets) + 1)]
    return ["qualify", "target"] if isinstance(promotion, BasketThreshold) else ["target"]


def check_products(promotion: Promotion, shops: Shops) -> Iterator[Finding]:
    """Warn where the catalogue has nothing for a promotion yet, and where it names very much."""
    for number, (place, selector) in enumerate(zip(_places(promotion), promotion.selectors, strict=True)):
        named = selector.skus or frozenset()
        unknown = sorted(named & set(shops.unknown_skus))
        if number in shops.unmatched:
            yield found(place, "no-products", "no product of the catalogue is meant by it so far", "warning")
        elif unknown:
            message = f"{len(unknown)} of its products are not in the catalogue, such as {unknown[0]!r}"
            yield found(f"{place}.skus", "unknown-products", message, "warning")
        if len(named) > NAMED_MAX:
            message = f"it names {len(named)} products one by one; mark them with a tag, and name that"
            yield found(f"{place}.skus", "many-products", message, "warning")
