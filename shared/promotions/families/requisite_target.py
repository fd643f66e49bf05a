"""`requisite_target`: buy some, get others cheaper ("buy a printer, get ink at half price")."""

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.model.strict import MinorFromZero, Strict
from shared.promotions.families.offer import Offered, Shortage, Size, Slot
from shared.promotions.reward import UnitReward
from shared.promotions.selector import EVERYTHING, Selector
from shared.promotions.solver.problem import Form, Sets, SetSlot

if TYPE_CHECKING:
    from shared.promotions.shelf import View

Slots = Annotated[tuple[Slot, ...], Field(min_length=1, max_length=12)]


class Requisite(Strict):
    """What must be bought at full price: a number of units, or units that come to an amount."""

    select: Selector = EVERYTHING
    qty: Size | None = None
    min_amount: Annotated[MinorFromZero, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def has_one_measure(self) -> Self:
        if self.qty is not None and self.min_amount is not None:
            raise ValueError("give qty or min_amount, not both")
        return self

    @property
    def units(self) -> int:
        return self.qty or (0 if self.min_amount else 1)


class RequisiteTarget(Offered):
    """Requisites are consumed at full price, targets rewarded. lesser_value: no target costs more than a requisite."""

    family: Literal["requisite_target"] = "requisite_target"
    requisites: Annotated[tuple[Requisite, ...], Field(min_length=1, max_length=12)]
    targets: Slots
    reward: UnitReward
    lesser_value: bool = False

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        return (*(need.select for need in self.requisites), *(slot.select for slot in self.targets))

    def form(self, view: "View") -> Form | Shortage:
        missing = view.unfilled([*[need.units for need in self.requisites], *[slot.qty for slot in self.targets]])
        missing_minor = 0
        for at, need in enumerate(self.requisites):
            if need.min_amount:
                missing_minor += max(need.min_amount - view.available(at)[1], 0)
        if missing or missing_minor:
            return Shortage(missing, missing_minor)
        slots = []
        for index, need in enumerate(self.requisites):
            full = dict.fromkeys(view.slots[index], 0)
            slots.append(SetSlot(full, need.units, need.min_amount or 0, rewarded=False))
        for index, slot in enumerate(self.targets, start=len(self.requisites)):
            slots.append(SetSlot(view.off_units(index, self.reward, gains_only=False), slot.qty))
        return Sets((tuple(slots),), ordered=self.lesser_value)
