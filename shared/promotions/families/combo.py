"""`combo`: one set that fills named places ("sandwich, drink and snack for 4.50")."""

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from shared.promotions.families.offer import Offered, Shortage, Slot
from shared.promotions.reward import SetReward
from shared.promotions.selector import Selector
from shared.promotions.solver.problem import Form

if TYPE_CHECKING:
    from shared.promotions.shelf import View


class Combo(Offered):
    """One price, amount or percentage for each set that fills every slot."""

    family: Literal["combo"] = "combo"
    slots: Annotated[tuple[Slot, ...], Field(min_length=1, max_length=12)]
    reward: SetReward

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        return tuple(slot.select for slot in self.slots)

    def form(self, view: "View") -> Form | Shortage:
        return view.sets([slot.qty for slot in self.slots], self.reward)

    def rewards_units(self) -> bool:
        return False
