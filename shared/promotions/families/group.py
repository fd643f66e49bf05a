"""`group`: any n units of a group as a set ("3 for 5.00", mix and match)."""

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from shared.promotions.families.offer import Offered, Shortage, Size
from shared.promotions.reward import SetReward
from shared.promotions.selector import EVERYTHING, Selector
from shared.promotions.solver.problem import Form

if TYPE_CHECKING:
    from shared.promotions.shelf import View


class Group(Offered):
    """One price, amount or percentage for each `n` target units."""

    family: Literal["group"] = "group"
    target: Selector = EVERYTHING
    n: Size
    reward: SetReward

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        return (self.target,)

    def form(self, view: "View") -> Form | Shortage:
        return view.sets([self.n], self.reward)

    def rewards_units(self) -> bool:
        return False
