"""Branch and bound over a growing linear program: the greatest discount of one part of a layer, proven.

Every node is a linear program over columns (applications). Where its solution uses a promotion one and a half times, or
gives it half a unit, it is bound by what no whole solution does (see `cuts`), and then two nodes follow: at most the
lower whole number, at least the upper. Promotions that nothing better can use are not asked any more. Discounts are
whole numbers, so a node whose bound is less than one above the best known is done. Of equally great discounts the one
with fewer applications wins, then that of promotions that stand first: an application costs a little more than nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared.promotions.solver.columns import CLASSES_OF_WORK, STEPS_OF_WORK, Charges, Column
from shared.promotions.solver.cuts import violated
from shared.promotions.solver.entries import Entry, Plan
from shared.promotions.solver.experience import Experience
from shared.promotions.solver.node import Contest, Division, Levels, Node, Row
from shared.promotions.solver.rounding import TIE, Trial, fractional, nearby, rounded

TIES_MAX = 300  # once the discount is known to be the greatest: for finding the best way to come to it
ROUNDS_MAX = 200
CUTS_AT_ROOT, CUTS_ELSEWHERE = 10, 2  # how often bounds are added to a node that divides units
LONG, DEEP = 24, 6  # nodes of a long search, and how many of `THOROUGH` ones are then chosen for being deep
THOROUGH, QUICK = 16, 4  # every so many nodes whole solutions are sought in every way, and in the quickest
NOISE = 1e-3
# Exact discounts are whole; what applications cost to tell ties apart comes to less than 0.4 in all.
STEP = 0.6


def effort(nodes: int) -> int:
    """Return how hard the search shall look for whole solutions at its next node: hardest at the first."""
    return 2 if nodes % THOROUGH == 1 else 1 if nodes % QUICK == 1 else 0


@dataclass(slots=True)
class Found:
    """The best solution known: how often each contender uses which columns."""

    plans: list[Plan]
    value: float  # over leaving all units untaken, ties told apart
    bound: float

    @property
    def proven(self) -> bool:
        return self.bound < self.value + STEP


class Known(NamedTuple):
    """What no column of a contender gained more than, before its charge for an application, at these prices."""

    most: float
    prices: list[float]


class Search:
    """The search for one part of a layer. `work` counts what it took, `work_max` is where it ends unproven."""

    best: list[Plan]
    value: float

    def __init__(self, contest: Contest, first: Sequence[Column | None], work_max: int) -> None:
        self.contest, self.entries = contest, list(contest.entries)
        self.work, self.work_max = 0, work_max
        self.improved = float("-inf")  # the value of the solution whose neighbours were looked at
        self.known: list[Known | None] = [None] * len(self.entries)
        self.experience = Experience()
        self.root = Node(contest)
        self._begin(first)

    def _begin(self, first: Sequence[Column | None]) -> None:
        """Let those whose best application gives most for each unit take theirs first."""
        density = [column.value / (sum([count for _, count in column.takes]) or 1) if column else 0 for column in first]
        trial = Trial(self.contest)
        trial.fill_up(sorted(range(len(first)), key=lambda place: (-density[place], place)))
        self.work += trial.all_work
        self.value, self.best = trial.total, trial.plans
        for place, plan in enumerate(trial.plans):
            for column in (first[place], *plan):
                if column is not None:
                    self.root.add_column(place, column)

    def run(self) -> Found:
        stack, missed, nodes = [self.root], float("-inf"), 0
        is_deep = False
        while stack:
            # The most promising first, of equal ones the newest: what is left open at the end bounds what is missing.
            # In a long search the newest for a while: deep down there are better whole solutions.
            promising = max(range(len(stack)), key=lambda at: (stack[at].bound, at))
            node = stack.pop(-1 if is_deep else promising)
            is_deep = False
            if node.bound <= self.value + TIE:
                continue
            if self._is_enough(node):
                missed = max(missed, node.bound)
                continue
            self._settle(node)
            if node.division is not None:
                self.experience.learn(node.division, max(node.bound, self.value))
            nodes += 1
            if node.bound <= self.value + TIE or not node.is_possible:
                continue
            levels = self._tightened(node, CUTS_AT_ROOT if nodes == 1 else CUTS_ELSEWHERE)
            if node.bound <= self.value + TIE or not node.is_possible:
                continue
            trials, is_whole = rounded(self.contest, levels, effort(nodes))
            self._look_at(trials)
            if nodes % THOROUGH == 0 and self.improved < self.value:
                self.improved = self.value
                self._look_at(nearby(self.contest, self.best))
            if node.bound <= self.value + TIE:
                continue
            branches = None if is_whole else self._branch(node)
            if branches is None:
                missed = max(missed, node.bound)
            else:
                stack += branches
                is_deep = nodes > LONG and nodes % THOROUGH < DEEP
        return Found(self.best, self.value, max(missed, self.value))

    def _look_at(self, trials: Iterable[Trial]) -> None:
        for trial in trials:
            self.work += trial.all_work
            if trial.total > self.value + TIE / 10:
                self.value, self.best = trial.total, trial.plans

    def _is_enough(self, node: Node) -> bool:
        if self.work > self.work_max:
            return True
        return self.work > TIES_MAX and node.bound < self.value + STEP

    def _tightened(self, node: Node, rounds: int) -> Levels:
        """Forbid what no whole solution does, a few times over; return the linear solution that is left."""
        for _ in range(rounds):
            levels = node.levels()
            cuts, work = violated(self.contest, levels)
            self.work += work
            if not cuts or self.work > self.work_max:
                return levels
            for cut in cuts:
                node.forbid(Row("share", size=float(cut.size), classes=cut.classes), cut.limit)
            self._settle(node)
            if node.bound <= self.value + TIE or not node.is_possible:
                break
        return node.levels()

    def _settle(self, node: Node) -> None:
        """Solve a node's linear program over all columns there are, or until its bound says that it is hopeless."""
        master = node.master
        for _ in range(ROUNDS_MAX):
            ended = master.optimise()
            self.work += master.work
            master.work = 0
            if not ended:
                return  # its bound stays that of the node above
            bound, is_fresh = self._price(node)
            node.bound = min(node.bound, bound)
            if not is_fresh or node.bound <= self.value + TIE or self.work > self.work_max:
                return

    def _price(self, node: Node) -> tuple[float, bool]:
        """Add the best column of each contender for which units are still too cheap.

        Returns what no solution exceeds, as these could add to the objective, and whether there was a new one.
        """
        beyond, is_fresh = 0.0, False
        losses: list[tuple[int, float]] = []
        prices = node.prices()
        special, plain = node.charges(prices), Charges(prices, {}, least=NOISE)
        for charges in special.values():
            charges.least = charges.application + NOISE
        for place, entry in enumerate(self.entries):
            charges = special.get(place, plain)
            is_level = charges is plain or (charges.units is prices and charges.is_level)
            if node.reach[place] <= self.value + TIE:
                continue
            if is_level and (most := self._most(place, charges)) <= NOISE:
                losses.append((place, most))
                continue
            gain, column = self._best(place, entry, charges)
            if column is not None and gain > NOISE:
                beyond += gain * entry.most
                is_fresh |= node.add_column(place, column)
            elif gain < 0.0:
                losses.append((place, gain))
            if is_level and not charges.is_cut:
                self.known[place] = Known(gain + charges.application, [prices[index] for index in entry.classes])
        asked = (plain, *special.values())
        self.work += sum([charges.steps // STEPS_OF_WORK for charges in asked])
        if any(charges.is_cut for charges in asked):
            beyond = float("inf")
        bound = node.master.objective + beyond
        for place, loss in losses:  # whoever uses this contender once loses that much of the bound
            node.reach[place] = min(node.reach[place], bound + loss)
        return bound, is_fresh

    def _best(self, place: int, entry: Entry, charges: Charges) -> tuple[float, Column | None]:
        """Return what a contender's best column gains at these charges."""
        found = entry.best(self.contest.counts, charges)
        self.work += 1 + len(entry.classes) // CLASSES_OF_WORK
        if found is None:
            return 0.0, None
        return found[0] - charges.application - self.contest.penalties[place], found[1]

    def _most(self, place: int, charges: Charges) -> float:
        """Return what a contender gains at the most, as far as prices tell at which it was asked before."""
        known, entry, prices = self.known[place], self.entries[place], charges.units
        if known is None:
            return float("inf")
        cheaper = max([price - prices[index] for index, price in zip(entry.classes, known.prices, strict=True)])
        return known.most + max(cheaper, 0.0) * entry.largest - charges.application

    def _branch(self, node: Node) -> list[Node] | None:
        """Return the two nodes that forbid what is not whole in a solution; None when nothing can be told apart."""
        found = fractional(self.contest, node.levels(), self.experience)
        if found is None:
            return None
        weight, row, level = found
        below, above = node.split(row, level)
        for half in (below, above):
            half.division = Division(row.kind, row.place, row.about, weight, half.bound)
        return [below, above] if level - int(level) > 0.4 else [above, below]
