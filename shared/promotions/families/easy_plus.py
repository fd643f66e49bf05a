"""`easy_plus`: the units it takes are rewarded once they are enough ("10 % from 3 pieces, 20 % from 6")."""

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.model.strict import MinorFromZero, Strict
from shared.promotions.families.offer import Offered, Shortage, Size
from shared.promotions.reward import UnitReward
from shared.promotions.selector import EVERYTHING, Selector
from shared.promotions.solver.problem import Form, Tier, Units

if TYPE_CHECKING:
    from shared.promotions.shelf import View


class PlusTier(Strict):
    """What the taken units must come to, and what each of them then gets."""

    min_qty: Size | None = None
    min_amount: MinorFromZero | None = None
    reward: UnitReward

    @model_validator(mode="after")
    def has_a_threshold(self) -> Self:
        if self.min_qty is None and self.min_amount is None:
            raise ValueError("give min_qty or min_amount; a reward without either is the family easy")
        return self


class EasyPlus(Offered):
    """A reward on each taken unit once a tier is reached; one tier only."""

    family: Literal["easy_plus"] = "easy_plus"
    target: Selector = EVERYTHING
    tiers: Annotated[tuple[PlusTier, ...], Field(min_length=1, max_length=20)]

    @cached_property
    def selectors(self) -> tuple[Selector, ...]:
        return (self.target,)

    def form(self, view: "View") -> Form | Shortage:
        quantity, amount_minor = view.available(0)
        reached = [
            tier for tier in self.tiers if quantity >= (tier.min_qty or 0) and amount_minor >= (tier.min_amount or 0)
        ]
        if not reached:
            short = [
                Shortage(max((tier.min_qty or 0) - quantity, 0), max((tier.min_amount or 0) - amount_minor, 0))
                for tier in self.tiers
            ]
            return min(short, key=lambda lack: (lack.amount_minor, lack.quantity))
        tiers = (
            Tier(view.off_units(0, tier.reward, gains_only=False), tier.min_qty or 0, tier.min_amount or 0)
            for tier in reached
        )
        return Units(tuple(tiers), at_once=True)
