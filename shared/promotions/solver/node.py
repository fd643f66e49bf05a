"""A linear program of the search, with what its rows and columns mean to the contenders."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from shared.promotions.reward import WHOLE
from shared.promotions.solver.columns import Charges, Column
from shared.promotions.solver.entries import Entry
from shared.promotions.solver.master import Master

Kind = Literal[
    "class", "limit", "cap", "pool", "line", "all", "times", "units", "rewarded", "column", "single", "share"
]
Levels = list[dict[Column, float]]  # for each contender how much of which column a linear solution uses

WHOLE_ENOUGH = 1e-6


class Row(NamedTuple):
    """A constraint. place: whose it is. about: which class or line of it. sign: -1 turns "at least" around.

    single: an application must not take more of a class than `size`, or (sign -1) not less; those that do are left out.
    share: of everybody's applications, those that take `size` units of `classes`.
    """

    kind: Kind
    place: int = -1
    about: int = -1
    sign: int = 1
    size: float = 1.0  # what a cap or pool is counted in
    column: Column | None = None
    classes: frozenset[int] = frozenset()


class Division(NamedTuple):
    """How a node came to be: what its part of the search was divided by, how far that was from whole, the bound."""

    kind: Kind
    place: int
    about: int
    weight: float
    bound: float


@dataclass(slots=True)
class Contest:
    """What a linear program is about. base: what a unit of each class is worth untaken; counts: how many there are.

    penalties: what an application of each contender costs, so that equally great discounts are told apart.
    """

    entries: Sequence[Entry]
    counts: Sequence[int]
    base: Sequence[float]
    penalties: Sequence[float]
    members: list[int] = field(init=False)  # the classes that anybody wants, in order of their rows
    row_of: dict[int, int] = field(init=False)
    _sharers: dict[tuple[frozenset[int], int], list[tuple[int, int, int]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.members = sorted({index for entry in self.entries for index in entry.classes})
        self.row_of = {index: row for row, index in enumerate(self.members)}

    @property
    def ceiling(self) -> float:
        """What no solution exceeds: everything down to its floor, each unit for the most that anybody gives for it."""
        units, most = self.entries[0].all, dict.fromkeys(self.members, 0.0)
        for entry in self.entries:
            for index in entry.classes:
                most[index] = max(most[index], entry.unit_most(index))
        floors = {index: float(units[index].headroom * WHOLE) for index in self.members}
        return min(
            sum([max(each[index] - self.base[index], 0.0) * self.counts[index] for index in self.members])
            for each in (floors, most)
        )

    def sharers(self, classes: frozenset[int], size: int) -> list[tuple[int, int, int]]:
        """Return whose applications may take `size` units of these classes: how often at the least and at the most."""
        known = self._sharers.get((classes, size))
        if known is None:
            bounds = [(place, *entry.shares(classes)) for place, entry in enumerate(self.entries)]
            known = [(place, least // size, most // size) for place, least, most in bounds if most >= size]
            self._sharers[classes, size] = known
        return known


class Node:
    """A linear program: each class's units at most once, what limits each contender, and what branches forbid."""

    __slots__ = (
        "artificial", "bound", "contest", "division", "known", "master", "meaning", "reach", "rows", "rows_of"
    )  # fmt: skip

    def __init__(self, contest: Contest) -> None:
        self.contest = contest
        self.master = Master([contest.counts[index] for index in contest.members])
        self.rows = [Row("class", about=index) for index in contest.members]
        self.rows_of: dict[int, tuple[int, ...]] = {}  # by contender, -1 for everybody; those of classes left out
        self.meaning: list[tuple[int, Column] | None] = [None] * len(self.rows)  # of columns; None for slacks
        self.known: set[tuple[int, Column]] = set()
        self.artificial: set[int] = set()
        self.division: Division | None = None
        self.bound = contest.ceiling
        self.reach = [self.bound] * len(contest.entries)  # what no solution exceeds that uses this contender

    def copy(self) -> "Node":
        twin = Node.__new__(Node)
        twin.contest, twin.bound, twin.division = self.contest, self.bound, None
        twin.master, twin.rows, twin.meaning = self.master.copy(), list(self.rows), list(self.meaning)
        twin.known, twin.artificial, twin.reach = set(self.known), set(self.artificial), list(self.reach)
        twin.rows_of = dict(self.rows_of)
        return twin

    @property
    def is_possible(self) -> bool:
        """Whether the solution keeps to all rows without help."""
        master = self.master
        return not self.artificial or not any(
            column in self.artificial and value > WHOLE_ENOUGH
            for column, value in zip(master.basis, master.values, strict=True)
        )

    def levels(self) -> Levels:
        levels: Levels = [{} for _ in self.contest.entries]
        for column, level in self.master.levels().items():
            meaning = self.meaning[column]
            if meaning is not None:
                levels[meaning[0]][meaning[1]] = level
        return levels

    # Prices

    def prices(self) -> list[float]:
        """Return what a unit of each class is worth: untaken, and beyond that to those who compete for it."""
        prices, duals = list(self.contest.base), self.master.duals
        for row, index in enumerate(self.contest.members):
            prices[index] += duals[row]
        return prices

    def charges(self, prices: list[float]) -> dict[int, Charges]:
        """Return what the contenders pay that have rows of their own."""
        found: dict[int, Charges] = {}
        duals = self.master.duals
        for number in range(len(self.contest.members), len(self.rows)):
            row = self.rows[number]
            if not duals[number] and row.kind not in ("single", "column"):
                continue
            if row.kind != "share":
                self._charge(row, duals[number], _of(found, row.place, prices))
            elif duals[number] > 0.0:
                size = int(row.size)
                for place, least, most in self.contest.sharers(row.classes, size):
                    charge = _of(found, place, prices)
                    if most > least:
                        charge.shares.append((row.classes, size, duals[number]))
                    else:
                        charge.application += duals[number] * least
        return found

    def _charge(self, row: Row, dual: float, charge: Charges) -> None:
        match row.kind:
            case "limit" | "times":
                charge.application += row.sign * dual
            case "cap" | "pool":
                charge.scale -= dual / row.size
            case "rewarded":
                charge.rewarded[row.about] = charge.rewarded.get(row.about, 0.0) + row.sign * dual
            case "single" if row.sign > 0:
                charge.at_most[row.about] = min(int(row.size), charge.at_most.get(row.about, int(row.size)))
            case "single":
                charge.at_least[row.about] = max(int(row.size), charge.at_least.get(row.about, 0))
            case "column":
                assert row.column is not None
                charge.barred.add(row.column._replace(value=0))
            case "line" | "all" | "units":
                charge.units = self._unit_prices(row, dual, charge.units)
        if row.kind == "pool":
            charge.units = self._unit_prices(row, dual, charge.units)

    def _unit_prices(self, row: Row, dual: float, prices: Sequence[float]) -> list[float]:
        entry, units = self.contest.entries[row.place], list(prices)
        match row.kind:
            case "pool":
                for index in entry.classes:
                    units[index] -= dual / row.size * entry.all[index].headroom * WHOLE
            case "line":
                for index in entry.classes:
                    if entry.contender.line_of[index] == row.about:
                        units[index] += dual
            case "all":
                for index in entry.classes:
                    units[index] += dual
            case "units":
                units[row.about] += row.sign * dual
        return units

    # Columns and rows

    def add_column(self, place: int, column: Column) -> bool:
        """Let the program use a column; tells whether it is a new one."""
        if (place, column) in self.known:
            return False
        contest = self.contest
        self.known.add((place, column))
        if place not in self.rows_of:
            self.rows_of[place] = ()
            self._add_own_rows(place, column)
        entries = [(contest.row_of[index], float(count)) for index, count in column.takes]
        entries += [
            (number, coefficient)
            for number in (*self.rows_of[place], *self.rows_of.get(-1, ()))
            if (coefficient := self._coefficient(self.rows[number], place, column))
        ]
        base = contest.base
        untaken = sum([base[index] * count for index, count in column.takes])
        self.master.add_column(column.value - untaken - contest.penalties[place], tuple(entries))
        self.meaning.append((place, column))
        return True

    def _coefficient(self, row: Row, place: int, column: Column) -> float:
        entry = self.contest.entries[place]
        match row.kind:
            case "share":
                return float(entry.share(column, row.classes) // int(row.size))
            case "limit" | "times":
                return float(row.sign)
            case "cap":
                return column.value / row.size
            case "pool":
                return (column.value - entry.headroom(column.takes)) / row.size
            case "line":
                line_of = entry.contender.line_of
                return float(sum(count for index, count in column.takes if line_of[index] == row.about))
            case "all":
                return float(sum(count for _, count in column.takes))
            case "units" | "rewarded":
                units = column.takes if row.kind == "units" else column.rewarded
                return float(row.sign * dict(units).get(row.about, 0))
            case "single":
                return float(row.sign * (dict(column.takes).get(row.about, 0) - row.size) > 0)
            case _:
                return float(row.sign * (column == row.column))

    def _add_own_rows(self, place: int, column: Column) -> None:
        """Add what limits a contender beside units, before its first column."""
        entry = self.contest.entries[place]
        contender = entry.contender
        if entry.limit is not None:
            self._add_row(Row("limit", place), entry.limit, {})
        if entry.units is not None:
            self._add_row(Row("all", place), entry.units, {})
        size = float(max(column.value if entry.cap is None else entry.cap, 1))
        taken_back = []
        if entry.cap is not None:
            taken_back.append(self._add_row(Row("cap", place, size=size), entry.cap / size, {}))
        if entry.pooled:
            taken_back.append(self._add_row(Row("pool", place, size=size), 0.0, {}))
        if taken_back:  # once for both: what is over one limit is not over the other as well
            self._add_help(-size, *taken_back)
        if contender.per_line is not None:
            for line in sorted({contender.line_of[index] for index in entry.classes}):
                self._add_row(Row("line", place, line), contender.per_line, {})

    def _add_row(self, row: Row, limit: float, coefficients: dict[int, float]) -> int:
        self.rows_of[row.place] = (*self.rows_of.get(row.place, ()), len(self.rows))
        self.rows.append(row)
        self.meaning.append(None)
        return self.master.add_row(limit, coefficients)

    def _add_help(self, profit: float, *rows: int) -> int:
        """Add a column that only makes room in rows: discount taken back, or a price for what is not possible."""
        self.meaning.append(None)
        return self.master.add_column(profit, tuple((row, -1.0) for row in rows))

    def split(self, row: Row, level: float) -> tuple["Node", "Node"]:
        """Return this program with what a row is about at most at the whole number below `level`, and one above it."""
        floor = int(level)
        below, above = self, self.copy()
        if row.kind == "single":
            below.forbid(row._replace(size=float(floor)), 0)
            above.forbid(row._replace(size=float(floor + 1), sign=-1), 0)
        else:
            below.forbid(row, floor)
            above.forbid(row._replace(sign=-1), -(floor + 1))
        return below, above

    def forbid(self, row: Row, limit: int) -> None:
        """Add a branch's row: at most `limit`; at least minus `limit`, if that is possible, for a negative one."""
        coefficients = {}
        for number, meaning in enumerate(self.meaning):
            if meaning is not None and row.place in (meaning[0], -1):
                coefficient = self._coefficient(row, *meaning)
                if coefficient:
                    coefficients[number] = coefficient
        number = self._add_row(row, float(limit), coefficients)
        if limit < 0:
            self.artificial.add(self._add_help(-1e3 * max(self.bound, 1.0), number))


def _of(found: dict[int, Charges], place: int, prices: list[float]) -> Charges:
    """Return what a contender of its own rows pays, first what everybody pays."""
    charge = found.get(place)
    if charge is None:
        charge = found[place] = Charges(prices, {})
    return charge
