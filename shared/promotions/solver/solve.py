"""The greatest discount of one layer: independent parts, each by the shortest road, none of them twice."""

from collections.abc import Hashable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from shared.promotions.solver.branch import Search
from shared.promotions.solver.closed import could_gain, lone_plan
from shared.promotions.solver.columns import STEPS_OF_WORK, Charges, Column, Guard
from shared.promotions.solver.entries import Entry, Plan, entry_of
from shared.promotions.solver.node import Contest
from shared.promotions.solver.problem import Contender, Form, Solution, UnitClass, Use, Whole

PARTS_KEPT_MAX = 5_000  # some 10 MB; when they are more, all are forgotten
WORK_MAX = 12_000  # of the search of one part: small ones are worth a proof
WORK_LEAST = 300  # of each part, even when nothing is left of what the evaluation may cost
FIRST_STEPS_MAX = 2_000  # of looking for what a contender could do alone; always the same, for memory must not matter
LITTLE = 0.2  # what all applications of a part cost together at the least, and less than half of it at the most
Route = Literal["closed form", "search", "guard"]
ROUTES: tuple[Route, ...] = ("closed form", "search", "guard")


class Untaken(NamedTuple):
    """What a unit of a class is worth if no contender takes it: the best promotion that takes it alone."""

    rank: int
    discount: int


@dataclass(slots=True)
class Part:
    """Contenders that compete for the same classes, each with the best application that it could have alone.

    is_cut: looking for one of these ended early, so that there may be better ones.
    """

    entries: list[Entry]
    first: list[Column | None]
    classes: list[int]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Solved:
    """What a part came to. Classes are named by their places in the part, so that it can be found in other baskets.

    work: what it took; work_max: what it would have been allowed.
    """

    uses: tuple[Use, ...]
    missing: int
    route: Route
    work: int = 0
    work_max: int = 0

    def holds(self, work_max: int) -> bool:
        """Whether a search that may cost so much comes to this."""
        return self.work_max == work_max or (self.route != "guard" and self.work <= work_max)


Memory = MutableMapping[Hashable, Solved]


def solve(
    classes: Sequence[UnitClass],
    untaken: Sequence[Untaken | None],
    contenders: Sequence[Contender],
    guard: Guard,
    names: Sequence[int] = (),
    memory: Memory | None = None,
) -> Solution:
    """Return the greatest discount of these contenders on these units, and how it comes about.

    guard: what the evaluation may still cost; what this costs is taken off it.
    untaken: for each class, what its units get from a promotion without limits that takes units one by one.
    names: for each class a number that says which contenders may take its units and where, and what these cost;
    with it, parts are looked up in `memory` and kept there. It changes how fast an answer comes, never the answer.
    """
    counts = [unit.count for unit in classes]
    entries = [entry_of(contender, classes) for contender in sorted(contenders, key=lambda item: item.rank)]
    base = _base(untaken)
    uses: list[Use] = []
    missing, routes = 0, set(ROUTES[:1])
    for part in _parts(entries, counts, base, guard):
        work_max = min(WORK_MAX, max(guard.left, WORK_LEAST))
        key = None if memory is None else _key(part, counts, untaken, names)
        solved = None if memory is None else memory.get(key)
        if solved is None or not solved.holds(work_max):
            solved = _solved(part, counts, untaken, work_max)
            if memory is not None:
                if len(memory) >= PARTS_KEPT_MAX:
                    memory.clear()
                memory[key] = solved
        guard.spend(solved.work)
        uses += [_moved(use, part.classes) for use in solved.uses]
        missing += solved.missing
        routes.add(solved.route)
    uses += _alone(untaken, counts, uses)
    uses.sort(key=lambda use: use.rank)
    discount = sum([use.discount for use in uses])
    return Solution(tuple(uses), discount, discount + missing, max(routes, key=ROUTES.index))


def hopeful(
    forms: Mapping[int, Form], classes: Sequence[UnitClass], untaken: Sequence[Untaken | None]
) -> dict[int, Form]:
    """Return those of some forms that could gain anything; nobody needs to know more of the others."""
    counts, base = [unit.count for unit in classes], _base(untaken)
    return {rank: form for rank, form in forms.items() if could_gain(form, counts, base)}


def _base(untaken: Sequence[Untaken | None]) -> list[float]:
    return [best.discount - LITTLE if best and best.discount else 0.0 for best in untaken]


def _parts(entries: Sequence[Entry], counts: Sequence[int], base: list[float], guard: Guard) -> list[Part]:
    """Divide the contest into parts that share no class, leaving out who could never gain anything."""
    at_base = Charges(base, {}, least=0.0, steps_max=FIRST_STEPS_MAX)
    root = list(range(len(counts)))

    def find(index: int) -> int:
        while root[index] != index:
            root[index] = root[root[index]]
            index = root[index]
        return index

    able: list[tuple[Entry, Column | None, bool]] = []
    for entry in entries:
        if entry.limit != 0 and entry.cap != 0:
            at_base.is_cut = False
            best = entry.best(counts, at_base)
            column = best[1] if best and best[0] > 0 else None
            if column or at_base.is_cut:
                able.append((entry, column, at_base.is_cut))
                first = find(entry.classes[0])
                for index in entry.classes[1:]:
                    root[find(index)] = first
    guard.spend(at_base.steps // STEPS_OF_WORK)
    parts: dict[int, Part] = {}
    for entry, column, is_cut in able:
        part = parts.setdefault(find(entry.classes[0]), Part([], [], []))
        part.entries.append(entry)
        part.first.append(column)
        part.is_cut |= is_cut
    for part in parts.values():
        part.classes = sorted({index for entry in part.entries for index in entry.classes})
    return list(parts.values())


def _key(part: Part, counts: Sequence[int], untaken: Sequence[Untaken | None], names: Sequence[int]) -> Hashable:
    units = tuple([(names[index], counts[index], untaken[index]) for index in part.classes])
    forms = [entry.contender.form for entry in part.entries]
    measured = tuple([(form.discount, form.times) for form in forms if isinstance(form, Whole)])
    return units, tuple([entry.contender.rank for entry in part.entries]), measured


def _solved(part: Part, counts: Sequence[int], untaken: Sequence[Untaken | None], work_max: int) -> Solved:
    ranks = [entry.contender.rank for entry in part.entries]
    ranks += [best.rank for index in part.classes if (best := untaken[index])]
    little = LITTLE / (sum([counts[index] for index in part.classes]) + 1)

    def penalty(rank: int) -> float:
        """Return what an application costs: fewer are better, and of as many those that stand first."""
        return little * (1.0 + rank / (max(ranks) + 1))

    base = [0.0] * len(counts)
    for index in part.classes:
        best = untaken[index]
        if best is not None and best.discount:
            base[index] = best.discount - penalty(best.rank)
    contest = Contest(part.entries, counts, base, [penalty(rank) for rank in ranks[: len(part.entries)]])
    place_of = {index: place for place, index in enumerate(part.classes)}
    if len(part.entries) == 1:
        first = None if part.is_cut else part.first[0]
        plan = lone_plan(part.entries[0], counts, base, contest.penalties[0], first)
        if plan is not None:
            return Solved(_uses(part, [_gaining(plan, base, contest.penalties[0])], place_of), 0, ROUTES[0])
    search = Search(contest, part.first, work_max)
    found = search.run()
    missing = 0 if found.proven else int(found.bound - found.value + 0.5)
    route = ROUTES[1 if found.proven else 2]
    return Solved(_uses(part, found.plans, place_of), missing, route, search.work, work_max)


def _gaining(plan: Plan, base: Sequence[float], penalty: float) -> Plan:
    """Return the columns that are better than leaving their units untaken."""
    return {
        column: often
        for column, often in plan.items()
        if column.value - penalty > sum([base[index] * count for index, count in column.takes])
    }


def _uses(part: Part, plans: Sequence[Plan], place_of: dict[int, int]) -> tuple[Use, ...]:
    uses = [entry.use(plan) for entry, plan in zip(part.entries, plans, strict=True) if plan]
    return tuple(_renamed(use, place_of) for use in uses)


def _moved(use: Use, classes: Sequence[int]) -> Use:
    return _renamed(use, dict(enumerate(classes)))


def _renamed(use: Use, names: dict[int, int]) -> Use:
    """Return the same with other names for its classes."""
    full = {names[index]: count for index, count in use.full.items()}
    rewarded = {names[index]: count for index, count in use.rewarded.items()}
    off = {names[index]: off for index, off in use.off.items() if index in names}
    return Use(use.rank, use.times, full, rewarded, use.discount, off)


def _alone(untaken: Sequence[Untaken | None], counts: Sequence[int], uses: Sequence[Use]) -> list[Use]:
    """Return what the promotions that take any unit alone make of the units that are left."""
    left = list(counts)
    for use in uses:
        for units in (use.full, use.rewarded):
            for index, count in units.items():
                left[index] -= count
    alone: dict[int, dict[int, int]] = {}
    for index, best in enumerate(untaken):
        if best and best.discount and left[index]:
            alone.setdefault(best.rank, {})[index] = left[index]
    found = []
    for rank, units in alone.items():
        off = {index: best.discount for index in units if (best := untaken[index])}
        exact = sum([off[index] * count for index, count in units.items()])
        found.append(Use(rank, sum(units.values()), {}, units, exact, off))
    return found
