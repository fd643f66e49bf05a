"""What types cannot say about a promotion: whether it can ever apply, and whether it means what its buyer meant."""

from collections.abc import Iterator

from cloud.promotions.checks.finding import Check, Shops, found
from cloud.promotions.checks.gates import check_gate
from cloud.promotions.checks.limits import check_limits
from cloud.promotions.checks.rewards import check_rewards, check_tiers
from cloud.promotions.checks.selectors import check_products, check_selectors
from cloud.promotions.models import Finding
from shared.model.special import MADE
from shared.promotions.families import Promotion

__all__ = ["Shops", "findings", "named_skus"]

RESERVED = {"alarms", "changes", "check", "imports", "packs", "trials", "try"}  # addresses below /api/promotions


def findings(promotion: Promotion, shops: Shops) -> tuple[Finding, ...]:
    """Return everything that a buyer should know, errors first."""
    told = [finding for check in CHECKS for finding in check(promotion, shops)]
    return tuple(sorted(told, key=lambda finding: finding.severity != "error"))


def named_skus(promotion: Promotion) -> set[str]:
    """Return the products that a promotion names one by one, whose prices the checks ask for."""
    return {sku for selector in promotion.selectors for sku in selector.skus or ()}


def _check_id(promotion: Promotion, _: Shops) -> Iterator[Finding]:
    if promotion.id in RESERVED:
        yield found("id", "reserved-id", f"{promotion.id!r} is the name of a page here; choose another id")
    if promotion.id.startswith(MADE):
        message = f"{promotion.id!r} begins like what tills make for one basket; choose another id"
        yield found("id", "made-id", message)


CHECKS: tuple[Check, ...] = (
    _check_id,
    check_gate,
    check_limits,
    check_selectors,
    check_products,
    check_tiers,
    check_rewards,
)
