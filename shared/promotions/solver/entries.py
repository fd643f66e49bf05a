"""Contenders as the solver sees them: their best application at given charges, and what several are worth together."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from shared.promotions.reward import WHOLE
from shared.promotions.solver.columns import Best, Charges, Column, Takes
from shared.promotions.solver.problem import Contender, Sets, SetSlot, UnitClass, Units, Use, Whole
from shared.promotions.solver.sets import best_set
from shared.promotions.solver.takings import best_taking

Plan = dict[Column, int]  # how often each column is used
ENDLESS = 1 << 30


class Entry(ABC):
    """One contender.

    limit: how many columns a solution may use of it; None when only units bound it.
    most: the same, with what units allow. size, largest: the least and the most units of a column.
    units: the most units in all, where columns differ in how many they take.
    """

    limit: int | None
    units: int | None = None
    branches: tuple[tuple[SetSlot, ...], ...] = ()  # of sets that only ask for so many units in each slot
    constant = 0
    classes: list[int]
    pooled = False
    size = 1
    largest = ENDLESS
    is_single = False  # it applies once, and to more or fewer units

    @property
    def most(self) -> int:
        by_units = sum([self.all[index].count for index in self.classes]) // self.size
        return by_units if self.limit is None else min(by_units, self.limit)

    def __init__(self, contender: Contender, classes: Sequence[UnitClass]) -> None:
        self.contender, self.all = contender, classes
        self.cap = contender.discount

    @abstractmethod
    def best(self, counts: Sequence[int], charges: Charges) -> Best:
        """Return the column of the greatest reduced value, before charges.application."""

    @abstractmethod
    def unit_most(self, index: int) -> float:
        """Return what a unit of a class counts for at the most: a column is worth no more than its units together."""

    def share(self, column: Column, classes: frozenset[int]) -> int:
        """Return how many units of these classes a column takes, or fewer where prices could not tell."""
        return sum([count for index, count in column.takes if index in classes])

    def shares(self, classes: frozenset[int]) -> tuple[int, int]:
        """Return the least and the most that any column's share of these classes is."""
        return 0, 1

    def value(self, plan: Plan) -> int:
        """Return the exact discount of several columns together, limits and floors respected."""
        value = sum(column.value * often for column, often in plan.items())
        if self.pooled:
            value = min(value, sum(self.headroom(column.takes) * often for column, often in plan.items()))
        return value if self.cap is None else min(value, self.cap)

    def headroom(self, takes: Takes) -> int:
        return sum(self.all[index].headroom * count for index, count in takes) * WHOLE

    def times(self, plan: Plan) -> int:
        return sum(plan.values())

    def allows(self, plan: Plan) -> bool:
        """Whether the promotion's own limits on units and applications let it do this."""
        if self.limit is not None and sum(plan.values()) > self.limit:
            return False
        if self.units is not None and self.units < sum(
            [count * often for column, often in plan.items() for _, count in column.takes]
        ):
            return False
        most = self.contender.per_line
        if most is None:
            return True
        lines: dict[int, int] = {}
        for column, often in plan.items():
            for index, count in column.takes:
                line = self.contender.line_of[index]
                lines[line] = lines.get(line, 0) + count * often
        return max(lines.values(), default=0) <= most

    def off(self, plan: Plan) -> dict[int, int]:
        """Return what each rewarded unit loses, where units are rewarded one by one."""
        return {}

    def use(self, plan: Plan) -> Use:
        full: dict[int, int] = {}
        rewarded: dict[int, int] = {}
        for column, often in plan.items():
            carried = dict(column.rewarded)
            for index, count in column.takes:
                if count > carried.get(index, 0):
                    full[index] = full.get(index, 0) + (count - carried.get(index, 0)) * often
            for index, count in column.rewarded:
                rewarded[index] = rewarded.get(index, 0) + count * often
        return Use(self.contender.rank, self.times(plan), full, rewarded, self.value(plan), self.off(plan))


class SetsEntry(Entry):
    """Takes whole sets; a column is one set. flat: the discount of any one set, where a limit makes all alike.

    is_walked: its best set takes a search, which charges for units taken together would only lengthen.
    """

    flat: int | None = None

    def __init__(self, contender: Contender, form: Sets, classes: Sequence[UnitClass]) -> None:
        super().__init__(contender, classes)
        self.form, self.pooled = form, form.pooled
        self.classes = sorted({index for branch in form.branches for slot in branch for index in slot.off})
        self.size = min([sum([slot.quantity for slot in branch]) or 1 for branch in form.branches])
        by_units = None if contender.units is None else contender.units // self.size
        self.limit = min((limit for limit in (contender.applications, by_units) if limit is not None), default=None)
        has_amounts = any(slot.amount for branch in form.branches for slot in branch)
        if not has_amounts:
            self.largest = max([sum([slot.quantity for slot in branch]) for branch in form.branches])
        self.is_walked = has_amounts or contender.per_line is not None
        if has_amounts:
            self.units = contender.units
        elif not form.ordered and all(slot.rewarded for branch in form.branches for slot in branch):
            self.branches, self.constant = form.branches, form.constant
        if self.cap is not None and not self.pooled:
            self._cap(self.cap)

    def unit_most(self, index: int) -> float:
        if self.flat is not None:
            return self.flat / self.size
        each = max([slot.off.get(index, 0) for branch in self.form.branches for slot in branch])
        return each + self.form.constant / self.size

    def _cap(self, cap: int) -> None:
        """Let the greatest discount in all say how many sets are of use; a set that alone exceeds it counts as that."""
        least = min([self._least(branch) for branch in self.form.branches])
        if least <= 0:
            return
        of_use = -(-cap // least)
        self.limit = of_use if self.limit is None else min(self.limit, of_use)
        if of_use == 1:
            self.flat, self.cap, self.branches = cap, None, ()

    def _least(self, branch: Sequence[SetSlot]) -> int:
        """Return a discount that every set of a branch reaches."""
        return self.form.constant + sum([min(slot.off.values(), default=0) * slot.quantity for slot in branch])

    def best(self, counts: Sequence[int], charges: Charges) -> Best:
        if self.flat is not None:
            return self._best_flat(self.flat, counts, charges)
        found: Best = None
        for branch in self.form.branches:
            best = self._best(branch, self.form.constant, counts, charges)
            if best is not None and (found is None or best[0] > found[0]):
                found = best
        return found

    def _best(self, branch: Sequence[SetSlot], constant: int, counts: Sequence[int], charges: Charges) -> Best:
        contender = self.contender
        return best_set(
            branch, constant, self.form.ordered, self.all, counts, charges, contender.per_line, contender.line_of
        )

    def share(self, column: Column, classes: frozenset[int]) -> int:
        return self.shares(classes)[0] if self.is_walked else super().share(column, classes)

    def shares(self, classes: frozenset[int]) -> tuple[int, int]:
        if classes.isdisjoint(self.classes):
            return 0, 0
        least, most = ENDLESS, 0
        for branch in self.form.branches:
            inside = [slot for slot in branch if not classes.isdisjoint(slot.off)]
            least = min(least, sum([slot.quantity for slot in inside if classes.issuperset(slot.off)]))
            most = max(most, sum([slot.quantity or ENDLESS for slot in inside]))
        if self.is_walked:
            return least, least
        return least, min(most, sum([self.all[index].count for index in classes.intersection(self.classes)]))

    def _best_flat(self, flat: int, counts: Sequence[int], charges: Charges) -> Best:
        """Return the set whose units are worth least: every one gives the same discount."""
        whole = flat * charges.scale
        bare = replace(charges, scale=0.0, least=charges.least - whole)
        found: Best = None
        for branch in self.form.branches:
            best = self._best(branch, 0, counts, bare)
            if best is not None and (found is None or best[0] > found[0]):
                found = best
        charges.steps, charges.is_cut = bare.steps, bare.is_cut
        if found is None:
            return None
        return whole + found[0], found[1] and found[1]._replace(value=flat)

    def off(self, plan: Plan) -> dict[int, int]:
        slots = [slot for branch in self.form.branches for slot in branch if slot.rewarded]
        return {index: off for slot in slots for index, off in slot.off.items()}


class UnitsEntry(Entry):
    """Takes units one by one: a column is one unit, or all it takes where that is one application."""

    def __init__(self, contender: Contender, form: Units, classes: Sequence[UnitClass]) -> None:
        super().__init__(contender, classes)
        self.form = form
        self.most_off: int | None = None  # a limit on the discount of its one application
        self.classes = sorted({index for tier in form.tiers for index in tier.off})
        if form.at_once:
            self.is_single = True
            self.most_off, self.cap = self.cap, None
            self.limit = min(1, 1 if contender.applications is None else contender.applications)
            self.least = min([tier.min_quantity for tier in form.tiers])
        else:
            limits = [limit for limit in (contender.units, contender.applications) if limit is not None]
            self.limit = min(limits, default=None)
            self.largest = 1

    def best(self, counts: Sequence[int], charges: Charges) -> Best:
        found: Best = None
        for number, tier in enumerate(self.form.tiers):
            if self.form.at_once:
                taking = best_taking(tier, number, self.contender, self.all, counts, charges, self.most_off)
                if taking is not None and (found is None or taking[0] > found[0]):
                    found = taking
                continue
            for index, off in tier.off.items():
                score = off * charges.scale - charges.units[index] - charges.rewarded.get(index, 0.0)
                if counts[index] and (found is None or score > found[0]):
                    column = Column(((index, 1),), ((index, 1),), off, number)
                    if not charges.bars(column):
                        found = (score, column)
        return found

    def share(self, column: Column, classes: frozenset[int]) -> int:
        if not self.form.at_once:
            return super().share(column, classes)
        return self.least if classes.issuperset(self.classes) else 0

    def shares(self, classes: frozenset[int]) -> tuple[int, int]:
        if not self.form.at_once:
            return super().shares(classes)
        least = self.least if classes.issuperset(self.classes) else 0
        return least, least

    def unit_most(self, index: int) -> float:
        return max([tier.off.get(index, 0) for tier in self.form.tiers])

    def off(self, plan: Plan) -> dict[int, int]:
        return {index: self.form.tiers[column.tier].off[index] for column in plan for index, _ in column.takes}


class WholeEntry(Entry):
    """Takes everything of its target or nothing."""

    limit = 1

    def __init__(self, contender: Contender, form: Whole, classes: Sequence[UnitClass]) -> None:
        super().__init__(contender, classes)
        self.form = form
        self.classes = sorted(form.classes)
        takes = tuple((index, classes[index].count) for index in self.classes)
        discount = form.discount if self.cap is None else min(form.discount, self.cap)
        self.cap = None
        self.column = Column(takes, takes, discount)
        sizes = sum(count for _, count in takes)
        self.size = sizes
        self.limit = int((contender.applications is None or contender.applications > 0) and self._fits(sizes))

    def _fits(self, units: int) -> bool:
        contender = self.contender
        if contender.units is not None and units > contender.units:
            return False
        if contender.per_line is None:
            return True
        lines: dict[int, int] = {}
        for index in self.classes:
            line = contender.line_of[index]
            lines[line] = lines.get(line, 0) + self.all[index].count
        return max(lines.values()) <= contender.per_line

    def best(self, counts: Sequence[int], charges: Charges) -> Best:
        worth = 0.0
        if charges.bars(self.column):
            return None
        for index, count in self.column.takes:
            if counts[index] < count:
                return None
            worth += (charges.units[index] + charges.rewarded.get(index, 0.0)) * count
        return self.column.value * charges.scale - worth, self.column

    def shares(self, classes: frozenset[int]) -> tuple[int, int]:
        share = self.share(self.column, classes)
        return share, share

    def unit_most(self, index: int) -> float:
        return self.column.value / self.size

    def times(self, plan: Plan) -> int:
        return self.form.times


def entry_of(contender: Contender, classes: Sequence[UnitClass]) -> Entry:
    if isinstance(contender.form, Sets):
        return SetsEntry(contender, contender.form, classes)
    if isinstance(contender.form, Units):
        return UnitsEntry(contender, contender.form, classes)
    return WholeEntry(contender, contender.form, classes)
