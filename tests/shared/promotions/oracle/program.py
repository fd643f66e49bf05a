"""An integer program in whole numbers, handed to HiGHS in floating point and checked again in whole numbers."""

# scipy and numpy are not always there, and scipy brings no types.
# mypy: disable-error-code="import-untyped,import-not-found"

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from tests.shared.promotions.oracle.basket import SCALE

INFINITE = float("inf")

Terms = Mapping[int, int]  # a whole factor for each column of a linear expression


def added(terms: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return the sum of (column, factor), in which a column may come more than once."""
    total: dict[int, int] = defaultdict(int)
    for column, factor in terms:
        total[column] += factor
    return total


def valued(terms: Terms, counts: list[int]) -> int:
    return sum(factor * counts[column] for column, factor in terms.items())


@dataclass(slots=True)
class Program:
    """Maximise the sum of the columns' worth. Every column is a whole number >= 0, but for those of `least`."""

    worth: list[int] = field(default_factory=list)  # of one, scaled
    most: list[float] = field(default_factory=list)
    is_whole: list[bool] = field(default_factory=list)
    rows: list[tuple[Terms, float, float]] = field(default_factory=list)  # low <= the expression <= high
    leasts: list[tuple[int, list[Terms]]] = field(default_factory=list)  # a column is at most each expression, scaled

    def column(self, most: int) -> int:
        """Add a count from 0 to `most` and return its number."""
        return self._column(most, is_whole=True)

    def row(self, terms: Terms, *, low: float = -INFINITE, high: float = INFINITE) -> None:
        self.rows.append((terms, low, high))

    def earn(self, values: list[Terms], cap: int | None) -> None:
        """Add the least of some values (scaled) and of a cap (minor units) to what is maximised."""
        if cap is None and len(values) == 1:
            for column, factor in values[0].items():
                self.worth[column] += factor
            return
        least = self._column(INFINITE if cap is None else cap, is_whole=False)
        self.worth[least] = SCALE
        self.leasts.append((least, values))

    def arrays(self) -> dict[str, Any]:
        """Return the arguments of `milp`, money in minor units."""
        expressions = [(terms, low, high, 1) for terms, low, high in self.rows]
        for least, values in self.leasts:
            expressions += [({**terms, least: -SCALE}, 0, INFINITE, SCALE) for terms in values]
        entries = [
            (row, column, factor / unit)
            for row, (terms, _, _, unit) in enumerate(expressions)
            for column, factor in terms.items()
        ]
        rows, columns, factors = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = csc_array((factors, (rows, columns)), shape=(len(expressions), len(self.worth)))
        limits = [[low for _, low, _, _ in expressions], [high for _, _, high, _ in expressions]]
        return {
            "c": -np.array(self.worth) / SCALE,
            "integrality": np.array(self.is_whole, dtype=np.uint8),
            "bounds": Bounds(np.zeros(len(self.most)), np.array(self.most, dtype=float)),
            "constraints": [LinearConstraint(matrix, *np.array(limits))] if expressions else [],
            "options": {"mip_rel_gap": 0},
        }

    def solve(self, arrays: dict[str, Any]) -> tuple[list[int], float]:
        """Return the best counts and the proven bound in minor units. All of the time is the solver's."""
        result = milp(**arrays)
        assert result.status == 0, result.message
        bound = -result.fun if result.mip_dual_bound is None else -result.mip_dual_bound
        return [round(value) for value in result.x], bound

    def check(self, counts: list[int]) -> None:
        """Make sure that no row was kept only within the solver's tolerance."""
        for count, most, is_whole in zip(counts, self.most, self.is_whole, strict=True):
            assert not is_whole or 0 <= count <= most
        for terms, low, high in self.rows:
            assert low <= valued(terms, counts) <= high

    def _column(self, most: float, *, is_whole: bool) -> int:
        self.worth.append(0)
        self.most.append(most)
        self.is_whole.append(is_whole)
        return len(self.worth) - 1
