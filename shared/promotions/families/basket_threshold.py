"""`basket_threshold`: a discount on a whole basket or group once it is large enough ("5.00 off from 50.00")."""

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from shared.model.strict import MinorFromZero, Strict
from shared.promotions.families.offer import Offered, Shortage
from shared.promotions.reward import SetReward
from shared.promotions.selector import EVERYTHING, Selector
from shared.promotions.solver.problem import Form

if TYPE_CHECKING:
    from shared.promotions.shelf import View


class ThresholdTier(Strict):
    """Every threshold that is given must be met; without any, it always is."""

    min_qty: Annotated[int, Field(ge=0)] | None = None
    min_amount: MinorFromZero | None = None
    over_amount: MinorFromZero | None = None  # strictly above
    reward: SetReward

    @property
    def height(self) -> tuple[int, int, int]:
        return max(self.min_amount or 0, self.over_amount or 0), self.over_amount or 0, self.min_qty or 0

    def lack(self, quantity: int, amount_minor: int) -> Shortage:
        need_minor = max(self.min_amount or 0, -1 if self.over_amount is None else self.over_amount + 1)
        return Shortage(quantity=max((self.min_qty or 0) - quantity, 0), amount_minor=max(need_minor - amount_minor, 0))

    def multiples(self, quantity: int, amount_minor: int) -> int:
        """Return how often the thresholds are met in full; at least once, as they are met."""
        times = [
            *([quantity // self.min_qty] if self.min_qty else []),
            *([amount_minor // self.min_amount] if self.min_amount else []),
            *([(amount_minor - 1) // self.over_amount] if self.over_amount else []),
        ]
        return max(min(times, default=1), 1)


class BasketThreshold(Offered):
    """Measures what `qualify` takes, consuming none of it; then takes all of the target, or nothing."""

    family: Literal["basket_threshold"] = "basket_threshold"
    qualify: Selector = EVERYTHING
    target: Selector = EVERYTHING
    tiers: Annotated[tuple[ThresholdTier, ...], Field(min_length=1, max_length=20)]
    basis: Literal["net", "gross"] = "net"
    repeat: bool = False  # a set_amount once for each full multiple

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        return self.qualify, self.target

    @cached_property
    def measured(self) -> frozenset[int]:
        return frozenset({0})

    def form(self, view: "View") -> Form | Shortage:
        quantity, amount_minor = view.measure(0, self.basis)
        met = [tier for tier in self.tiers if not tier.lack(quantity, amount_minor)]
        if not met:
            lacks = [tier.lack(quantity, amount_minor) for tier in self.tiers]
            return min(lacks, key=lambda lack: (lack.amount_minor, lack.quantity))
        tier = max(met, key=lambda tier: tier.height)
        times = 1
        if self.repeat and tier.reward.kind == "set_amount":
            times = tier.multiples(quantity, amount_minor)
            if self.limits.max_applications:
                times = min(times, self.limits.max_applications)
        return view.whole(1, tier.reward, times)

    def rewards_units(self) -> bool:
        return False
