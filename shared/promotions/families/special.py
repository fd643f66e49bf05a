"""`special`: opened by a coupon, a voucher, a member, the staff or an operator; rewards units or all of its target."""

from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from shared.promotions.families.offer import Offered, Shortage
from shared.promotions.reward import AnyReward, Percent, SetAmount, SetPrice
from shared.promotions.selector import EVERYTHING, Selector
from shared.promotions.solver.problem import Form, Tier, Units

if TYPE_CHECKING:
    from shared.promotions.shelf import View


class Special(Offered):
    """A reward on each target unit; with a set reward or `set_scope`, one on the whole target."""

    family: Literal["special"] = "special"
    target: Selector = EVERYTHING
    reward: AnyReward

    @model_validator(mode="after")
    def reward_fits_its_scope(self) -> Self:
        if self.set_scope and self.reward.kind in {"amount", "unit_price"}:
            raise ValueError("set_scope goes with percent, set_amount or set_price")
        return self

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        return (self.target,)

    def form(self, view: "View") -> Form | Shortage:
        if isinstance(self.reward, SetAmount | SetPrice):
            return view.whole(0, self.reward, 1)
        if isinstance(self.reward, Percent) and self.set_scope:
            return view.whole(0, self.reward, 1)
        return Units((Tier(view.off_units(0, self.reward)),))

    def rewards_units(self) -> bool:
        return not (self.set_scope or self.reward.kind in {"set_amount", "set_price"})
