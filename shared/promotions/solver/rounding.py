"""Whole solutions near a linear one: the best that is known while a search goes on."""

from collections.abc import Iterable, Iterator, Sequence

from shared.promotions.solver.columns import CLASSES_OF_WORK, STEPS_OF_WORK, Charges, Column
from shared.promotions.solver.entries import Entry, Plan
from shared.promotions.solver.experience import Experience
from shared.promotions.solver.node import WHOLE_ENOUGH, Contest, Kind, Levels, Row
from shared.promotions.solver.spread import spread

TIE = 1e-4  # exact discounts differ by 1 or by nothing


class Trial:
    """A whole solution in the making. left: the units that nobody has yet; values: over leaving all units untaken."""

    def __init__(self, contest: Contest) -> None:
        self.contest = contest
        self.left = list(contest.counts)
        self.plans: list[Plan] = [{} for _ in contest.entries]
        self.values = [0.0] * len(contest.entries)
        self.plain = Charges(list(contest.base), {})
        self.gaining = Charges(list(contest.base), {}, least=TIE)
        self.work = 0

    @property
    def all_work(self) -> int:
        return self.work + (self.plain.steps + self.gaining.steps) // STEPS_OF_WORK

    @property
    def total(self) -> float:
        return sum(self.values)

    def use_columns(self, levels: Levels) -> None:
        """Use the columns that a linear solution uses, the surest first."""
        loose: list[tuple[float, int, Column]] = []
        for place, columns in enumerate(levels):
            for column, level in columns.items():
                often = int(level + WHOLE_ENOUGH)
                used = often if often and self._try(place, column, often) else 0
                if level - used > WHOLE_ENOUGH:
                    loose.append((used - level, place, column))
        for _, place, column in sorted(loose):
            self._try(place, column, 1)

    def use_units(self, levels: Levels) -> None:
        """Give each contender the units that a linear solution gives it, however it puts them together."""
        for place, columns in enumerate(levels):
            given: dict[int, float] = {}
            for column, level in columns.items():
                for index, count in column.takes:
                    given[index] = given.get(index, 0.0) + level * count
            if given:
                room = [0] * len(self.left)
                for index, units in given.items():
                    room[index] = min(int(units + WHOLE_ENOUGH), self.left[index])
                if self.contest.entries[place].pooled:
                    self._pool(place, room, round(sum(columns.values())))
                else:
                    self.fill(place, room)

    def use_times(self, levels: Levels) -> None:
        """Let each contender apply as often as a linear solution says, and divide the units over them anew."""
        wishes: dict[tuple[int, int], int] = {}
        for place, columns in enumerate(levels):
            entry = self.contest.entries[place]
            sums: dict[int, float] = {}
            for column, level in columns.items():
                if entry.branches:
                    branch = _branch_of(entry, column)
                    sums[branch] = sums.get(branch, 0.0) + level
            wishes |= {(place, branch): int(total + WHOLE_ENOUGH) for branch, total in sums.items()}
            if columns and not entry.branches:
                self._use_surest(place, columns)
        wishes = {key: times for key, times in wishes.items() if times}
        if wishes:
            plans, work = spread(self.contest, wishes, self.left)
            self.work += work
            for place, plan in plans.items():
                if plan and self.contest.entries[place].allows(plan) and self._worth(place, plan) > 0:
                    self.take(place, plan)

    def _use_surest(self, place: int, columns: dict[Column, float]) -> None:
        """Use the columns of a contender, the surest first, as often as they are used in all."""
        times = int(sum(columns.values()) + 0.5)
        for column, level in sorted(columns.items(), key=lambda item: (-item[1], item[0])):
            often = min(times, int(level + 0.5) or 1)
            if often and self._try(place, column, often):
                times -= often

    def use_all(self, levels: Levels) -> bool:
        """Do what a linear solution says that is whole already; False when it is not, or limits do not allow it."""
        for place, columns in enumerate(levels):
            plan: Plan = {}
            for column, level in columns.items():
                often = round(level)
                if abs(level - often) > WHOLE_ENOUGH:
                    return False
                plan[column] = often
            if plan:
                if not self.contest.entries[place].allows(plan):
                    return False
                self.take(place, plan)
        return min(self.left) >= 0

    def fill_up(self, places: Iterable[int] | None = None) -> None:
        """Let everybody apply to what is left."""
        for place in range(len(self.plans)) if places is None else places:
            if self._could(self.contest.entries[place]):
                self.fill(place, self.left)

    def _could(self, entry: Entry) -> bool:
        left = self.left
        return sum([left[index] for index in entry.classes]) >= entry.size

    def fill(self, place: int, room: list[int]) -> None:
        """Let a contender apply to units in `room` while that gains."""
        entry = self.contest.entries[place]
        while entry.limit is None or sum(self.plans[place].values()) < entry.limit:
            self.work += 1 + len(entry.classes) // CLASSES_OF_WORK
            found = entry.best(room, self.gaining)
            if found is None or found[1] is None or found[0] <= self.contest.penalties[place] + TIE:
                return
            column = found[1]
            often = min([room[index] // count for index, count in column.takes])
            if entry.limit is not None:
                often = min(often, entry.limit - sum(self.plans[place].values()))
            number = next((number for number in (often, 1) if self._try(place, column, number)), 0)
            if not number:
                return
            if room is not self.left:
                for index, count in column.takes:
                    room[index] -= count * number

    def _pool(self, place: int, room: list[int], times: int) -> None:
        """Put sets together that only gain all together, because a floor stops some of them."""
        entry, plan = self.contest.entries[place], Plan()
        best, best_plan = 0.0, Plan()
        for _ in range(times):
            self.work += 1
            found = entry.best(room, self.plain)
            if found is None or found[1] is None:
                break
            plan[found[1]] = plan.get(found[1], 0) + 1
            for index, count in found[1].takes:
                room[index] -= count
            value = self._worth(place, plan)
            if entry.allows(plan) and value > best:
                best, best_plan = value, dict(plan)
        self.take(place, best_plan)

    def _try(self, place: int, column: Column, often: int) -> bool:
        """Use a column `often` more times if there are units, the limits allow it, and it gains."""
        left = self.left
        for index, count in column.takes:
            if left[index] < count * often:
                return False
        plan = dict(self.plans[place])
        plan[column] = plan.get(column, 0) + often
        if not self.contest.entries[place].allows(plan):
            return False
        value = self._worth(place, plan)
        if value <= self.values[place]:
            return False
        self.plans[place], self.values[place] = plan, value
        for index, count in column.takes:
            left[index] -= count * often
        return True

    def take(self, place: int, plan: Plan) -> None:
        self.plans[place], self.values[place] = plan, self._worth(place, plan)
        for column, often in plan.items():
            for index, count in column.takes:
                self.left[index] -= count * often

    def _worth(self, place: int, plan: Plan) -> float:
        """Return what a plan gains over leaving its units untaken."""
        contest = self.contest
        base = contest.base
        untaken = sum([base[index] * count * often for column, often in plan.items() for index, count in column.takes])
        return contest.entries[place].value(plan) - untaken - contest.penalties[place] * sum(plan.values())


def fractional(contest: Contest, levels: Levels, experience: Experience) -> tuple[float, Row, float] | None:
    """Return what is not whole and best to split by: how far it is from it, its row and level; None when all is whole.

    First how often a promotion applies, what counts most before others; then which units it takes, and rewards. What
    was split by before comes before or after others by what that brought.
    """
    kinds: tuple[Kind, ...] = ("times", "units", "rewarded")
    most, found = 0.0, None
    for kind in kinds:
        first = found is None
        for place, columns in enumerate(levels):
            for weight, row, level in _doubts(contest, kind, place, columns):
                score = weight * experience.hope(row, unknown=first)
                if score > most * (1 + WHOLE_ENOUGH):
                    most, found = score, (weight, row, level)
    if found is not None:
        return found
    for place, columns in enumerate(levels):
        for column, level in columns.items():
            if abs(level - round(level)) > WHOLE_ENOUGH:
                return 1.0, Row("column", place, column=column), level
    return None


def _doubts(
    contest: Contest, kind: Kind, place: int, columns: dict[Column, float]
) -> Iterator[tuple[float, Row, float]]:
    """Yield what is not whole in what a contender does: how far it is from it, the row, and how much of it there is."""
    if kind == "units" and contest.entries[place].is_single:
        apart = _apart(place, columns)
        if apart[0] > WHOLE_ENOUGH:
            yield apart
        return
    weight = max([column.value for column in columns], default=0) if kind == "times" else 1
    for index, total in _sums(kind, columns).items():
        away = abs(total - round(total))
        if away > WHOLE_ENOUGH:
            yield away * weight, Row(kind, place, index), total


def _apart(place: int, columns: dict[Column, float]) -> tuple[float, Row, float]:
    """Return how evenly a class divides the columns of a contender that may use only one, and what divides them."""
    whole = sum(columns.values())
    best = (0.0, Row("single", place), 0.0)
    if len(columns) > 1:
        for index, total in _sums("units", columns).items():
            mean = int(total / whole + WHOLE_ENOUGH)
            above = sum([level for column, level in columns.items() if dict(column.takes).get(index, 0) > mean])
            away = min(above, whole - above)
            if away > best[0] + WHOLE_ENOUGH:
                best = (away, Row("single", place, index), float(mean) + above / whole)
    return best


def _branch_of(entry: Entry, column: Column) -> int:
    first = column.takes[0][0]
    return next(number for number, branch in enumerate(entry.branches) if any(first in slot.off for slot in branch))


def _sums(kind: str, columns: dict[Column, float]) -> dict[int, float]:
    if kind == "times":
        return {-1: sum(columns.values())} if columns else {}
    sums: dict[int, float] = {}
    for column, level in columns.items():
        for index, count in column.takes if kind == "units" else column.rewarded:
            sums[index] = sums.get(index, 0.0) + level * count
    return sums


def nearby(contest: Contest, plans: Sequence[Plan]) -> Iterator[Trial]:
    """Yield what others make of a whole solution when one of its contenders stands back, and may come again last."""
    used = [place for place, plan in enumerate(plans) if plan]
    for without in used:
        trial = Trial(contest)
        for place in used:
            if place != without:
                trial.take(place, plans[place])
        trial.fill_up([*[place for place in range(len(plans)) if place != without], without])
        yield trial


def rounded(contest: Contest, levels: Levels, effort: int) -> tuple[Sequence[Trial], bool]:
    """Return whole solutions near a linear one, and whether it is whole itself.

    effort: 0 only tells whether it is, 1 makes one quickly, 2 makes them in every way.
    """
    exact = Trial(contest)
    if exact.use_all(levels):
        exact.fill_up()  # a program that was not solved to its end leaves units to others
        return (exact,), True
    if not effort:
        return (), False
    trials = [Trial(contest)]
    trials[0].use_times(levels)
    if effort > 1:
        trials += [Trial(contest), Trial(contest)]
        trials[1].use_columns(levels)
        trials[2].use_units(levels)
    for trial in trials:
        trial.fill_up()
    return trials, False
