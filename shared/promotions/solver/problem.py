"""What the solver is asked: classes of equal units, and promotions that would take some of them.

Discounts are exact whole numbers (ten-thousandths of a minor unit). A class is named by its index.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

NOTHING: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class UnitClass:
    """Units that are equal to every promotion of the layer."""

    net: int  # minor units that each costs now
    headroom: int  # minor units that it may still lose: down to its floor
    count: int


class SetSlot(NamedTuple):
    """A place in a set: `quantity` units, or as many as cost `amount` minor units together."""

    off: Mapping[int, int]  # class -> discount of one unit here; its keys are what may stand here
    quantity: int = 0
    amount: int = 0
    rewarded: bool = True


class Sets(NamedTuple):
    """Takes whole sets, as often as units last. Each application fills all slots of one branch."""

    branches: tuple[tuple[SetSlot, ...], ...]
    constant: int = 0  # discount of each application beside that of its units
    ordered: bool = False  # no rewarded unit of a set may cost more than any other of that set
    pooled: bool = False  # all sets together give at most what their units may lose


class Tier(NamedTuple):
    """Each unit taken has its own discount, once enough are taken."""

    off: Mapping[int, int]
    min_quantity: int = 0
    min_amount: int = 0


class Units(NamedTuple):
    """Takes units one by one, at one of its tiers. `at_once`: all of it is one application."""

    tiers: tuple[Tier, ...]
    at_once: bool = False


class Whole(NamedTuple):
    """Takes all units of its classes or none, for one discount."""

    classes: tuple[int, ...]
    discount: int
    times: int = 1


Form = Sets | Units | Whole


class Contender(NamedTuple):
    """One promotion in the contest. rank: its place among equals, smaller is preferred.

    applications, units: the most it may have; per_line: the most units of one line, lines given by `line_of`.
    discount: the most it may give in all.
    """

    rank: int
    form: Form
    applications: int | None = None
    units: int | None = None
    per_line: int | None = None
    discount: int | None = None
    line_of: Mapping[int, int] = NOTHING


class Use(NamedTuple):
    """What one contender got: units at full price and rewarded ones by class, and their exact discount together.

    off: what each rewarded unit of a class loses, where units are rewarded one by one.
    """

    rank: int
    times: int
    full: Mapping[int, int]
    rewarded: Mapping[int, int]
    discount: int
    off: Mapping[int, int] = NOTHING


class Solution(NamedTuple):
    """Uses in order of rank. bound: no solution gives more than this; `proven` when this one is the greatest."""

    uses: tuple[Use, ...]
    discount: int
    bound: int
    route: Literal["closed form", "search", "guard"]

    @property
    def proven(self) -> bool:
        return self.discount >= self.bound
