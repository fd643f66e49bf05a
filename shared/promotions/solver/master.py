"""A small linear program that grows: the price of each unit, and a bound on every solution.

Revised simplex in floating point with an explicit inverse. Columns are added when they gain (primal steps), rows when a
branch forbids what the present solution does (dual steps). Source: Gilmore and Gomory (1961); Dantzig and Wolfe (1960).
"""

from collections.abc import Mapping, Sequence

Entries = tuple[tuple[int, float], ...]  # (row, coefficient)

TINY = 1e-9
PIVOT_LEAST = 1e-7  # to divide by less blows rounding errors up
NOISE = 1e-13  # of floating point, in proportion
PIVOTS_MAX = 2_000  # against going round in circles; far more than any layer takes


class Master:
    """maximise profit . x with A x <= limits, x >= 0."""

    __slots__ = ("basis", "columns", "duals", "inverse", "limits", "values", "work")

    def __init__(self, limits: Sequence[float]) -> None:
        size = len(limits)
        self.limits = [float(limit) for limit in limits]
        self.values = list(self.limits)  # of the basic variables
        self.columns: list[tuple[float, Entries]] = [(0.0, ((row, 1.0),)) for row in range(size)]  # slacks first
        self.basis = list(range(size))  # the column in each row's place
        self.inverse = [[float(row == column) for row in range(size)] for column in range(size)]  # by columns
        self.duals = [0.0] * size
        self.work = 0  # in steps of some ten microseconds

    def copy(self) -> "Master":
        twin = Master.__new__(Master)
        twin.limits, twin.values, twin.columns = list(self.limits), list(self.values), list(self.columns)
        twin.basis, twin.duals, twin.work = list(self.basis), list(self.duals), 0
        twin.inverse = [list(entries) for entries in self.inverse]
        return twin

    @property
    def objective(self) -> float:
        return sum([dual * limit for dual, limit in zip(self.duals, self.limits, strict=True)])

    def add_column(self, profit: float, entries: Entries) -> int:
        self.columns.append((profit, entries))
        return len(self.columns) - 1

    def add_row(self, limit: float, coefficients: Mapping[int, float]) -> int:
        """Add a constraint over columns that exist; returns its number and leaves its slack in the basis."""
        size = len(self.basis)
        for column, coefficient in coefficients.items():
            profit, entries = self.columns[column]
            self.columns[column] = (profit, (*entries, (size, coefficient)))
        value = float(limit)
        mine = [(row, coefficients[column]) for row, column in enumerate(self.basis) if column in coefficients]
        for row, coefficient in mine:
            value -= coefficient * self.values[row]
        for inverse in self.inverse:
            inverse.append(-sum([coefficient * inverse[row] for row, coefficient in mine]))
        self.inverse.append([*[0.0] * size, 1.0])
        self.limits.append(float(limit))
        self.values.append(value)
        self.duals.append(0.0)
        self.basis.append(self.add_column(0.0, ((size, 1.0),)))
        return size

    def reduced(self, column: int) -> float:
        profit, entries = self.columns[column]
        duals = self.duals
        for row, coefficient in entries:
            profit -= duals[row] * coefficient
        return profit

    def optimise(self) -> bool:
        """Pivot over the columns that are known until none gains; tells whether it came to an end."""
        hopeful: list[int] = []
        for _ in range(PIVOTS_MAX):
            if not self._repair():
                return False
            entering, gain = self._best_of(hopeful)
            if entering < 0:  # most pivots find their column among those that gained a moment ago
                hopeful = self._gaining()
                entering, gain = self._best_of(hopeful)
            if entering < 0:
                return True
            if not self._enter(entering, gain):
                return False
        return False

    def _gaining(self) -> list[int]:
        duals, found = self.duals, []
        for column, (profit, entries) in enumerate(self.columns):
            value = profit
            for row, coefficient in entries:
                value -= duals[row] * coefficient
            if value > TINY:
                found.append(column)
        self.work += len(self.columns) // 30
        return found

    def _best_of(self, columns: list[int]) -> tuple[int, float]:
        best, gain = -1, TINY
        for column in columns:
            value = self.reduced(column)
            if value > gain and value > self._noise(column):
                best, gain = column, value
        return best, gain

    def _noise(self, column: int) -> float:
        """Return what a reduced profit may be off by: it is a difference of large numbers."""
        profit, entries = self.columns[column]
        return NOISE * (abs(profit) + sum([abs(self.duals[row] * coefficient) for row, coefficient in entries]))

    def _enter(self, column: int, gain: float) -> bool:
        step = self._step(column)
        leaving, least = -1, 0.0
        for row, change in enumerate(step):
            if change > PIVOT_LEAST:
                ratio = self.values[row] / change
                if leaving < 0 or ratio < least - TINY or (ratio < least + TINY and change > step[leaving]):
                    leaving, least = row, ratio
        if leaving < 0:
            return False
        self._pivot(leaving, column, step, gain)
        return True

    def _step(self, column: int) -> list[float]:
        """Return how the basic variables change with one of this column."""
        entries, inverse = self.columns[column][1], self.inverse
        place, coefficient = entries[0]
        step = [entry * coefficient for entry in inverse[place]]
        for place, coefficient in entries[1:]:
            for row, entry in enumerate(inverse[place]):
                if entry:
                    step[row] += entry * coefficient
        return step

    def _repair(self) -> bool:
        """Dual steps until no basic variable is negative; False when that is impossible."""
        for _ in range(PIVOTS_MAX):
            leaving = min(range(len(self.values)), key=self.values.__getitem__, default=-1)
            if leaving < 0 or self.values[leaving] > -TINY:
                return True
            row = [entries[leaving] for entries in self.inverse]
            entering, least, gain = -1, 0.0, 0.0
            for column, (_, entries) in enumerate(self.columns):
                change = 0.0
                for place, coefficient in entries:
                    change += row[place] * coefficient
                if change < -PIVOT_LEAST:  # never so for a basic column
                    reduced = min(self.reduced(column), 0.0)
                    ratio = reduced / change
                    if entering < 0 or ratio < least:
                        entering, least, gain = column, ratio, reduced
            if entering < 0:
                return False
            self._pivot(leaving, entering, self._step(entering), gain)
        return False

    def _pivot(self, leaving: int, column: int, step: list[float], gain: float) -> None:
        pivot = step[leaving]
        moving = [(row, change) for row, change in enumerate(step) if abs(change) > 1e-12 and row != leaving]
        filled = 0
        for place, entries in enumerate(self.inverse):
            entry = entries[leaving]
            if entry:  # few are, in all but the last pivots
                entry /= pivot
                for row, change in moving:
                    entries[row] -= change * entry
                entries[leaving] = entry
                self.duals[place] += gain * entry
                filled += 1
        amount = self.values[leaving] / pivot
        for row, change in moving:
            self.values[row] -= change * amount
        self.values[leaving] = amount
        self.basis[leaving] = column
        self.work += 1 + (len(moving) * filled + 2 * len(self.basis)) // 60

    def levels(self) -> dict[int, float]:
        """Return how much of each column the solution uses."""
        return {column: value for column, value in zip(self.basis, self.values, strict=True) if value > 1e-7}
