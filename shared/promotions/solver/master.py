"""A small linear program that grows: the price of each unit, and a bound on every solution.

Revised simplex in floating point with an explicit inverse, most of which is zero and left out. Columns are added when
they gain (primal steps), rows when a branch forbids what the present solution does (dual steps). Source: Gilmore and
Gomory (1961); Dantzig and Wolfe (1960).
"""

from collections.abc import Mapping, Sequence

Entries = tuple[tuple[int, float], ...]  # (row, coefficient)

TINY = 1e-9
ZERO = 1e-12  # what is less comes from rounding
PIVOT_LEAST = 1e-7  # to divide by less blows rounding errors up
NOISE = 1e-13  # of floating point, in proportion
HOPEFUL_MAX = 24  # columns that are looked at before all are again
PIVOTS_MAX = 2_000  # against going round in circles; far more than any layer takes


class Master:
    """maximise profit . x with A x <= limits, x >= 0."""

    __slots__ = ("basis", "columns", "duals", "has_moved", "inverse", "limits", "settled", "values", "work")

    def __init__(self, limits: Sequence[float]) -> None:
        size = len(limits)
        self.limits = [float(limit) for limit in limits]
        self.values = list(self.limits)  # of the basic variables
        self.columns: list[tuple[float, Entries]] = [(0.0, ((row, 1.0),)) for row in range(size)]  # slacks first
        self.basis = list(range(size))  # the column in each row's place
        self.inverse = [{row: 1.0} for row in range(size)]  # by columns, what is zero left out
        self.duals = [0.0] * size
        self.settled, self.has_moved = 0, True  # the first so many columns gain nothing, but for later pivots
        self.work = 0  # in steps of some ten microseconds

    def copy(self) -> "Master":
        twin = Master.__new__(Master)
        twin.limits, twin.values, twin.columns = list(self.limits), list(self.values), list(self.columns)
        twin.basis, twin.duals, twin.work = list(self.basis), list(self.duals), 0
        twin.settled, twin.has_moved = self.settled, self.has_moved
        twin.inverse = [entries.copy() for entries in self.inverse]
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
        for inverse in self.inverse if mine else ():
            entry = sum([coefficient * inverse[row] for row, coefficient in mine if row in inverse])
            if entry:
                inverse[size] = -entry
        self.inverse.append({size: 1.0})
        self.limits.append(float(limit))
        self.values.append(value)
        self.duals.append(0.0)
        self.basis.append(self.add_column(0.0, ((size, 1.0),)))
        return size

    def optimise(self) -> bool:
        """Pivot over the columns that are known until none gains; tells whether it came to an end."""
        hopeful = self._gaining(self.settled) if self.settled < len(self.columns) else []
        for _ in range(PIVOTS_MAX):
            if not self._repair():
                return False
            entering, gain = self._best_of(hopeful)
            if entering < 0 and self.has_moved:  # most pivots find their column among those that gained a moment ago
                hopeful, self.has_moved = self._gaining(0), False
                entering, gain = self._best_of(hopeful)
            if entering < 0:
                self.settled = len(self.columns)
                return True
            if not self._enter(entering, gain):
                return False
        return False

    def _gaining(self, first: int) -> list[int]:
        """Return the columns that gain most, of those from the first on."""
        duals, found = self.duals, []
        for column, (profit, entries) in enumerate(self.columns[first:], first):
            value = profit
            for row, coefficient in entries:
                value -= duals[row] * coefficient
            if value > TINY:
                found.append((-value, column))
        self.work += (len(self.columns) - first) // 30
        found.sort()
        return [column for _, column in found[:HOPEFUL_MAX]]

    def _best_of(self, columns: list[int]) -> tuple[int, float]:
        duals = self.duals
        best, gain = -1, TINY
        for column in columns:
            value, entries = self.columns[column]
            for row, coefficient in entries:
                value -= duals[row] * coefficient
            if value > gain and value > self._noise(column):
                best, gain = column, value
        return best, gain

    def _noise(self, column: int) -> float:
        """Return what a reduced profit may be off by: it is a difference of large numbers."""
        profit, entries = self.columns[column]
        return NOISE * (abs(profit) + sum([abs(self.duals[row] * coefficient) for row, coefficient in entries]))

    def _enter(self, column: int, gain: float) -> bool:
        step, values = self._step(column), self.values
        leaving, least = -1, 0.0
        for row, change in step.items():
            if change > PIVOT_LEAST:
                ratio = values[row] / change
                if leaving < 0 or ratio < least - TINY or (ratio < least + TINY and change > step[leaving]):
                    leaving, least = row, ratio
        if leaving < 0:
            return False
        self._pivot(leaving, column, step, gain)
        return True

    def _step(self, column: int) -> dict[int, float]:
        """Return how the basic variables change with one of this column."""
        step: dict[int, float] = {}
        for place, coefficient in self.columns[column][1]:
            for row, entry in self.inverse[place].items():
                step[row] = step.get(row, 0.0) + entry * coefficient
        return step

    def _repair(self) -> bool:
        """Dual steps until no basic variable is negative; False when that is impossible."""
        for _ in range(PIVOTS_MAX):
            least = min(self.values, default=0.0)
            if least > -TINY:
                return True
            leaving = self.values.index(least)
            entering, gain = self._best_instead(leaving)
            if entering < 0:
                return False
            self._pivot(leaving, entering, self._step(entering), gain)
        return False

    def _best_instead(self, leaving: int) -> tuple[int, float]:
        """Return the column that takes the place of one that is negative at the least loss, and that loss."""
        line = {place: entries[leaving] for place, entries in enumerate(self.inverse) if leaving in entries}
        duals = self.duals
        entering, least, gain = -1, 0.0, 0.0
        for column, (profit, entries) in enumerate(self.columns):
            change = 0.0
            for place, coefficient in entries:
                if place in line:
                    change += line[place] * coefficient
            if change < -PIVOT_LEAST:  # never so for a basic column
                reduced = profit
                for place, coefficient in entries:
                    reduced -= duals[place] * coefficient
                reduced = min(reduced, 0.0)
                ratio = reduced / change
                if entering < 0 or ratio < least:
                    entering, least, gain = column, ratio, reduced
        return entering, gain

    def _pivot(self, leaving: int, column: int, step: dict[int, float], gain: float) -> None:
        pivot = step.pop(leaving)
        moving = [(row, change) for row, change in step.items() if abs(change) > ZERO]
        filled = 0
        for place, entries in enumerate(self.inverse):
            if leaving in entries:  # in few, but for the last pivots
                entry = entries[leaving] / pivot
                for row, change in moving:
                    value = entries.get(row, 0.0) - change * entry
                    if -ZERO < value < ZERO:
                        entries.pop(row, None)
                    else:
                        entries[row] = value
                entries[leaving] = entry
                self.duals[place] += gain * entry
                filled += 1
        values = self.values
        amount = values[leaving] / pivot
        for row, change in moving:
            values[row] -= change * amount
        values[leaving] = amount
        self.basis[leaving] = column
        self.has_moved = True
        self.work += 1 + (len(moving) * filled + len(self.basis)) // 100

    def levels(self) -> dict[int, float]:
        """Return how much of each column the solution uses."""
        return {column: value for column, value in zip(self.basis, self.values, strict=True) if value > 1e-7}
