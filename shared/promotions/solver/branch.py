"""Branch and bound over a growing linear program: the greatest discount of one part of a layer, proven.

Every node is a linear program over columns (applications). Where its solution uses a promotion one and a half times, or
gives it half a unit, two nodes follow: at most the lower whole number, at least the upper. Discounts are whole numbers,
so a node whose bound is less than one above the best known is done. Of equally great discounts the one with fewer
applications wins, then that of promotions that stand first: each application costs a little less than nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.promotions.solver.columns import Charges, Column
from shared.promotions.solver.entries import Entry, Plan
from shared.promotions.solver.node import Contest, Node
from shared.promotions.solver.rounding import TIE, fractional, rounded

# Work, not seconds: both sides must stop at the same place. Small parts are worth a proof (100 ms on a small box);
# of a large one (hundreds of classes and contenders) a step costs more and proves less, and its gap is small.
WORK_MAX = 8_000
WORK_MAX_BY_SIZE = 800_000  # divided by classes and contenders
TIES_MAX = 300  # once the discount is known to be the greatest: for finding the best way to come to it
ROUNDS_MAX = 200
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


class Search:
    """The search for one part of a layer. `work` counts pricings and pivots, some ten microseconds each."""

    def __init__(self, contest: Contest, first: Sequence[Column]) -> None:
        self.contest, self.entries = contest, list(contest.entries)
        self.work = 0
        self.work_max = min(WORK_MAX, WORK_MAX_BY_SIZE // (len(contest.members) + len(self.entries)))
        self.best: list[Plan] = [{} for _ in self.entries]
        self.value = 0.0
        self.quiet: list[list[float] | None] = [None] * len(self.entries)
        self.root = Node(contest)
        for place, column in enumerate(first):
            self.root.add_column(place, column)

    def run(self) -> Found:
        stack, missed, nodes = [self.root], float("-inf"), 0
        while stack:
            # The most promising first, of equal ones the newest: what is left open at the end bounds what is missing.
            node = stack.pop(max(range(len(stack)), key=lambda at: (stack[at].bound, at)))
            if node.bound <= self.value + TIE:
                continue
            if self._is_enough(node):
                missed = max(missed, node.bound)
                continue
            self._settle(node)
            nodes += 1
            if node.bound <= self.value + TIE or not node.is_possible:
                continue
            levels = node.levels()
            trials, is_whole = rounded(self.contest, levels, effort(nodes))
            for trial in trials:
                self.work += trial.all_work
                if trial.total > self.value + TIE / 10:
                    self.value, self.best = trial.total, trial.plans
            if node.bound <= self.value + TIE:
                continue
            branches = None if is_whole else self._branch(node)
            if branches is None:
                missed = max(missed, node.bound)
            else:
                stack += branches
        return Found(self.best, self.value, max(missed, self.value))

    def _is_enough(self, node: Node) -> bool:
        if self.work > self.work_max:
            return True
        return self.work > TIES_MAX and node.bound < self.value + STEP

    def _settle(self, node: Node) -> None:
        """Solve a node's linear program over all columns there are, or until its bound says that it is hopeless."""
        master = node.master
        for _ in range(ROUNDS_MAX):
            ended = master.optimise()
            self.work += master.work
            master.work = 0
            if not ended:
                return  # its bound stays that of the node above
            beyond, is_fresh = self._price(node)
            node.bound = min(node.bound, master.objective + beyond)
            if not is_fresh or node.bound <= self.value + TIE or self.work > self.work_max:
                return

    def _price(self, node: Node) -> tuple[float, bool]:
        """Add the best column of each contender for which units are still too cheap.

        Returns what these could add to the objective at the most, and whether there was a new one.
        """
        beyond, is_fresh = 0.0, False
        prices = node.prices()
        special, plain = node.charges(prices), Charges(prices, {}, least=NOISE)
        for charges in special.values():
            charges.least = charges.application + NOISE
        for place, entry in enumerate(self.entries):
            charges = special.get(place, plain)
            if charges is plain and self._is_quiet(place, entry, prices):
                continue
            found = entry.best(self.contest.counts, charges)
            self.work += 1
            gain = 0.0
            if found is not None:
                gain = found[0] - charges.application - self.contest.penalties[place]
                if gain > NOISE:
                    beyond += gain * entry.most
                    is_fresh |= node.add_column(place, found[1])
            if charges is plain and not plain.is_cut:
                self.quiet[place] = [prices[index] for index in entry.classes] if gain <= NOISE else None
        for charges in (plain, *special.values()):
            self.work += charges.steps // 10
            if charges.is_cut:
                beyond = float("inf")
        return beyond, is_fresh

    def _is_quiet(self, place: int, entry: Entry, prices: list[float]) -> bool:
        """Tell whether a contender had nothing to offer when its units were no dearer than now."""
        known = self.quiet[place]
        return known is not None and all(
            prices[index] >= price for index, price in zip(entry.classes, known, strict=True)
        )

    def _branch(self, node: Node) -> list[Node] | None:
        """Return the two nodes that forbid what is not whole in a solution; None when nothing can be told apart."""
        found = fractional(self.contest, node.levels())
        if found is None:
            return None
        row, level = found
        below, above = node.split(row, level)
        return [below, above] if level - int(level) > 0.4 else [above, below]
