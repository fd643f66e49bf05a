"""What it brought to divide the search at something: what lowered the bound before is likely to do so again.

Where bounds are equal on all sides, most divisions bring nothing and one of them everything; which one, only trying
tells. Source: Bénichou and others (1971), pseudo-costs.
"""

from shared.promotions.solver.node import Division, Kind, Row

LEAST = 0.01  # of what divisions bring on the average: who brought nothing yet comes last, not never


class Experience:
    """How much the bound fell with divisions, in proportion to their weights.

    known: the sum and number of those at each thing that a row may be about, whichever side; total, count: of those by
    how often a promotion applies.
    """

    __slots__ = ("count", "known", "total")

    def __init__(self) -> None:
        self.known: dict[tuple[Kind, int, int], tuple[float, int]] = {}
        self.total, self.count = 0.0, 0

    def learn(self, division: Division, bound: float) -> None:
        """Take in that a division led to a bound."""
        brought = max(division.bound - bound, 0.0) / division.weight
        key = division.kind, division.place, division.about
        total, count = self.known.get(key, (0.0, 0))
        self.known[key] = total + brought, count + 1
        if division.kind == "times":
            self.total += brought
            self.count += 1

    def hope(self, row: Row, *, unknown: bool) -> float:
        """Return what a division at a row may bring in proportion to its weight.

        unknown: whether one that was not tried yet counts, with the average, or is worth nothing.
        """
        known = self.known.get((row.kind, row.place, row.about))
        if known is None and not unknown:
            return 0.0
        if not self.total:
            return 1.0
        average = self.total / self.count
        total, count = known or (average, 1)
        return max(total / count, average * LEAST)
