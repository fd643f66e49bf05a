"""`line_special`: of each n units the m cheapest get the reward ("3 for 2", "second at half price")."""

from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from shared.promotions.families.offer import Offered, Shortage, Size
from shared.promotions.reward import UnitReward
from shared.promotions.selector import EVERYTHING, Selector
from shared.promotions.solver.problem import Form, Sets, SetSlot

if TYPE_CHECKING:
    from shared.promotions.shelf import View


class LineSpecial(Offered):
    """Sets of `n` units of one product or one group, the `m` cheapest rewarded, the others consumed at full price."""

    family: Literal["line_special"] = "line_special"
    target: Selector = EVERYTHING
    n: Size
    m: Size = 1
    same_sku: bool = False
    reward: UnitReward

    @model_validator(mode="after")
    def rewards_no_more_than_it_takes(self) -> Self:
        if self.m > self.n:
            raise ValueError("m must not exceed n: a set cannot reward more units than it holds")
        return self

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        return (self.target,)

    @cached_property
    def keeps_skus_apart(self) -> bool:
        return self.same_sku

    def form(self, view: "View") -> Form | Shortage:
        groups = view.by_sku(0) if self.same_sku else [view.slots[0]]
        sizes = [view.count(group) for group in groups]
        enough = [group for group, size in zip(groups, sizes, strict=True) if size >= self.n]
        if not enough:
            return Shortage(quantity=self.n - max(sizes, default=0))
        off = view.off_units(0, self.reward, gains_only=False)
        return Sets(tuple(self._branch(group, off) for group in enough), ordered=self.m < self.n)

    def _branch(self, group: list[int], off: dict[int, int]) -> tuple[SetSlot, ...]:
        rewarded = SetSlot({index: off[index] for index in group}, self.m)
        if self.m == self.n:
            return (rewarded,)
        return SetSlot(dict.fromkeys(group, 0), self.n - self.m, rewarded=False), rewarded
