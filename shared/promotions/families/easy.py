"""`easy`: every unit of the target gets the reward ("20 % off all bags", "each for 1.00")."""

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from shared.promotions.families.offer import Offered, Shortage
from shared.promotions.reward import UnitReward
from shared.promotions.selector import EVERYTHING, Selector
from shared.promotions.solver.problem import Form, Tier, Units

if TYPE_CHECKING:
    from shared.promotions.shelf import View


class Easy(Offered):
    """A reward on each target unit."""

    family: Literal["easy"] = "easy"
    target: Selector = EVERYTHING
    reward: UnitReward

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        return (self.target,)

    def form(self, view: "View") -> Form | Shortage:
        return Units((Tier(view.off_units(0, self.reward)),))
