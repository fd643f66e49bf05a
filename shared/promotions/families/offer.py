"""What every family has in common."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from shared.model.strict import QUANTITY_MAX, Code, Name, Strict
from shared.promotions.gate import ALWAYS, UNLIMITED, Gate, Limits
from shared.promotions.selector import Selector

if TYPE_CHECKING:
    from shared.promotions.shelf import View
    from shared.promotions.solver.problem import Form

LAYER_MAX = 99
Layer = Annotated[int, Field(ge=1, le=LAYER_MAX)]
Size = Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
Exclusive = Annotated[Literal["no", "unit", "basket"], BeforeValidator(lambda value: "no" if value is None else value)]


class Slot(Strict):
    """A place in a set: `qty` units of what `select` takes."""

    select: Selector = Selector()
    qty: Size = 1


@dataclass(frozen=True, slots=True)
class Shortage:
    """What a basket lacks for one (more) application: pieces, or an amount in minor units."""

    quantity: int = 0
    amount_minor: int = 0

    def __bool__(self) -> bool:
        return self.quantity > 0 or self.amount_minor > 0


class Offered(Strict):
    """Fields of all families. `slots` are the selectors that units come through, in a fixed order."""

    id: Code
    name: Name | None = None  # what shoppers read; without one they read the id
    external_id: Code | None = None
    version: Annotated[int, Field(ge=1)] = 1
    layer: Layer = 1
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0  # decides between equally good ones, higher first
    exclusive: Exclusive = "no"  # consumed units are closed to later layers; or no other promotion beside it
    gate: Gate = ALWAYS
    limits: Limits = UNLIMITED
    set_scope: bool = False  # a percentage is rounded once for the promotion, not for each line
    allocate: Literal["rewarded", "all"] = "rewarded"  # which consumed units carry the discount

    @property
    def title(self) -> str:
        return self.name or self.id

    @property
    @abstractmethod
    def selectors(self) -> tuple[Selector, ...]:
        """The slots that units come through."""

    @cached_property
    def measured(self) -> frozenset[int]:
        """The slots that only look at units: also at those that are closed or must not be discounted."""
        return frozenset()

    @cached_property
    def keeps_skus_apart(self) -> bool:
        """Whether units of different products must not be mixed in a set."""
        return False

    @abstractmethod
    def form(self, view: "View") -> "Form | Shortage":
        """Tell the solver what this promotion can do with the units of a layer, or what it lacks to do anything."""

    def rewards_units(self) -> bool:
        """Whether each unit is rewarded by itself: rounded per line, not per promotion."""
        return True
