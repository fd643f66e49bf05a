"""Which tier of a threshold the basket meets at the start of its layer."""

from tests.shared.promotions.oracle.basket import Basket, Json


def tier_met(promotion: Json, basket: Basket) -> tuple[Json | None, int]:
    """Return the last tier that is met, and how many full multiples of it when the promotion repeats (else 1).

    A promotion without tiers (a special) has no threshold, and its own reward.
    """
    found = basket.matching(promotion.get("qualify", {}))
    quantity = sum(found.values())
    is_gross = promotion.get("basis", "net") == "gross"
    amount = sum((basket.lines[at.line].price if is_gross else at.net) * count for at, count in found.items())
    met, multiples = None, 1
    for tier in promotion.get("tiers") or [{"reward": promotion["reward"]}]:
        reached = _multiples(tier, quantity, amount)
        if reached:
            met, multiples = tier, reached
    if not promotion.get("repeat"):
        return met, 1
    most = promotion.get("limits", {}).get("max_applications")
    return met, multiples if most is None else min(multiples, most)


def _multiples(tier: Json, quantity: int, amount: int) -> int:
    """Return the largest k for which k times every threshold is met: 1 where there is none to multiply."""
    reached = [
        quantity // tier["min_qty"] if tier.get("min_qty") else None,
        amount // tier["min_amount"] if tier.get("min_amount") else None,
        (amount - 1) // tier["over_amount"] if tier.get("over_amount") else None,
        min(amount, 1) if tier.get("over_amount") == 0 else None,
    ]
    return min((max(0, times) for times in reached if times is not None), default=1)
