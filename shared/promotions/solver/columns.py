"""One application of a promotion, and what its units are charged at while prices are sought.

A column is one application: the units it consumes and their discount. Its *reduced value* is that discount less what
its units are worth to others; a positive one says that the prices are still too low.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Takes = tuple[tuple[int, int], ...]  # (class, number of units), in order of class
Share = tuple[frozenset[int], int, float]  # (classes, size, charge for each full size of units of these classes)
NEVER = float("-inf")
DEPTH_MAX = 300  # classes that one search descends into; Python's own limit is not far beyond
STEPS_MAX = 20_000  # of one search for one column; a search that needs more has no proof to offer
STEPS_OF_WORK, CLASSES_OF_WORK = 10, 8  # such steps, and classes that are priced, in one step of work


class Column(NamedTuple):
    """One application. tier: which one it is at, for promotions that have tiers."""

    takes: Takes
    rewarded: Takes  # those of the units that carry the reward
    value: int  # exact discount
    tier: int = 0


# What the best column gains before the charge for an application, and the column. Without one where none gains more
# than is of interest: then none gains more than this. None where there is no column at all.
Best = tuple[float, Column | None] | None


@dataclass(slots=True)
class Guard:
    """What an evaluation may still cost: steps of some ten microseconds on a large machine, a hundred on a small one.

    Steps, not seconds: both sides must stop at the same place.
    """

    left: int

    def spend(self, work: int) -> None:
        self.left = max(self.left - work, 0)


@dataclass(slots=True)
class Charges:
    """What one contender pays: for a unit of a class, more for a rewarded one, for an application.

    scale: which part of its discount counts, where a limit on all of it makes the rest worthless.
    barred: columns, without their values, that are not to be found again.
    at_most, at_least: units of a class that an application must not exceed, or reach.
    shares: what an application pays for how many units of some classes it takes together; never less than nothing.
    steps_max: of one search.
    least: columns of no greater reduced value are of no interest, so that a search may end early.
    steps: what the searches at these charges took so far; is_cut: one of them ended before it was through.
    """

    units: Sequence[float]
    rewarded: dict[int, float]
    application: float = 0.0
    scale: float = 1.0
    barred: set[Column] = field(default_factory=set)
    at_most: dict[int, int] = field(default_factory=dict)
    at_least: dict[int, int] = field(default_factory=dict)
    shares: list[Share] = field(default_factory=list)
    least: float = NEVER
    steps_max: int = STEPS_MAX
    steps: int = 0
    is_cut: bool = False

    @property
    def is_level(self) -> bool:
        """Whether units and applications have their prices and nothing else is asked."""
        return self.scale == 1.0 and not (self.rewarded or self.barred or self.at_most or self.at_least or self.shares)

    def bars(self, column: Column) -> bool:
        return bool(self.barred) and column._replace(value=0) in self.barred
