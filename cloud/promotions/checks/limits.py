"""Whether a promotion's limits let it do anything."""

from collections.abc import Iterator

from cloud.promotions.checks.finding import Shops, found
from cloud.promotions.models import Finding
from shared.promotions.families import Promotion
from shared.promotions.families.combo import Combo
from shared.promotions.families.group import Group
from shared.promotions.families.line_special import LineSpecial
from shared.promotions.families.requisite_target import RequisiteTarget


def check_limits(promotion: Promotion, _: Shops) -> Iterator[Finding]:
    limits = promotion.limits
    for name in ("max_units", "max_units_per_line", "max_applications", "max_discount"):
        if getattr(limits, name) == 0:
            yield found(f"limits.{name}", "never-applies", f"{name} is 0, so that it can never do anything")
    units = _units_of_a_set(promotion)
    if limits.max_units and units > limits.max_units:
        message = f"one set takes {units} units, but the promotion takes {limits.max_units} at most"
        yield found("limits.max_units", "never-applies", message)
    of_one_line = units if isinstance(promotion, LineSpecial) and promotion.same_sku else 0
    if limits.max_units_per_line and of_one_line > limits.max_units_per_line:
        message = f"one set takes {units} units of one product, but {limits.max_units_per_line} of a line at most"
        yield found("limits.max_units_per_line", "never-applies", message)


def _units_of_a_set(promotion: Promotion) -> int:
    """Return the least number of units that one application consumes."""
    if isinstance(promotion, LineSpecial | Group):
        return promotion.n
    if isinstance(promotion, Combo):
        return sum(slot.qty for slot in promotion.slots)
    if isinstance(promotion, RequisiteTarget):
        return sum(need.units for need in promotion.requisites) + sum(slot.qty for slot in promotion.targets)
    return 1
