"""One application of a promotion, and what its units are charged at while prices are sought.

A column is one application: the units it consumes and their discount. Its *reduced value* is that discount less what
its units are worth to others; a positive one says that the prices are still too low.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

Takes = tuple[tuple[int, int], ...]  # (class, number of units), in order of class
NEVER = float("-inf")
DEPTH_MAX = 300  # classes that one search descends into; Python's own limit is not far beyond
STEPS_MAX = 20_000  # of one search for one column; a search that needs more has no proof to offer


class Column(NamedTuple):
    """One application. tier: which one it is at, for promotions that have tiers."""

    takes: Takes
    rewarded: Takes  # those of the units that carry the reward
    value: int  # exact discount
    tier: int = 0


@dataclass(slots=True)
class Charges:
    """What one contender pays: for a unit of a class, more for a rewarded one, for an application.

    scale: which part of its discount counts, where a limit on all of it makes the rest worthless.
    barred: columns, without their values, that are not to be found again.
    at_most, at_least: units of a class that an application must not exceed, or reach.
    least: columns of no greater reduced value are of no interest, so that a search may end early.
    steps: what the searches at these charges took so far; is_cut: one of them ended before it was through.
    """

    units: list[float]
    rewarded: dict[int, float]
    application: float = 0.0
    scale: float = 1.0
    barred: set[Column] = field(default_factory=set)
    at_most: dict[int, int] = field(default_factory=dict)
    at_least: dict[int, int] = field(default_factory=dict)
    least: float = NEVER
    steps: int = 0
    is_cut: bool = False

    def bars(self, column: Column) -> bool:
        return bool(self.barred) and column._replace(value=0) in self.barred
