"""The best units to take at one tier: all that gain, and the others that the tier still needs."""

from collections.abc import Mapping, Sequence

from shared.promotions.solver.columns import DEPTH_MAX, Best, Charges, Column, Takes
from shared.promotions.solver.problem import Contender, Tier, UnitClass

NOTHING: set[Takes] = set()
NEVER_CAPPED = 1 << 80
HALVINGS = 30  # of the span in which the worth of a minor unit towards the tier is sought


def best_taking(
    tier: Tier,
    number: int,
    contender: Contender,
    classes: Sequence[UnitClass],
    counts: Sequence[int],
    charges: Charges,
    cap: int | None = None,
) -> Best:
    """Return the taking of the greatest reduced value at this tier, or None when it cannot be reached.

    Where none is worth more than `charges.least` it returns no taking, and a value that none exceeds.
    cap: the most that it gives off, however much its units would get; `charges.scale` is 1 then.
    """
    units, scale, extra = charges.units, charges.scale, charges.rewarded
    scores = [(off * scale - units[index], index) for index, off in tier.off.items() if counts[index]]
    if extra:
        scores = [(score - extra.get(index, 0.0), index) for score, index in scores]
    barred = {column.takes for column in charges.barred if column.tier == number} if charges.barred else NOTHING
    if charges.at_most:
        counts = [min(count, charges.at_most.get(index, count)) for index, count in enumerate(counts)]
    needed = charges.at_least
    if any(index not in tier.off or counts[index] < count for index, count in needed.items()):
        return None
    best = _greedy(tier, contender, counts, scores, needed)
    if best is None:
        return None
    reduced, chosen = best
    if reduced <= charges.least:  # amounts, caps and what is barred could only make it less
        return reduced, None
    takes = tuple(sorted(chosen.items()))
    amount = sum([classes[index].net * count for index, count in takes]) if tier.min_amount else 0
    value = sum([tier.off[index] * count for index, count in takes])
    if amount < tier.min_amount or takes in barred or (cap is not None and value > cap):
        walk = _TakingWalk(tier, contender, classes, counts, scores, barred, charges)
        walk.cap = NEVER_CAPPED if cap is None else cap
        walk.go(0, 0.0, 0, 0, 0)
        charges.steps += walk.steps
        charges.is_cut |= walk.steps > walk.steps_max
        if walk.found is not None:
            reduced, takes = walk.least, walk.found
            value = min(sum([tier.off[index] * count for index, count in takes]), walk.cap)
        elif walk.steps > walk.steps_max and amount >= tier.min_amount and takes not in barred:
            reduced -= max(value - walk.cap, 0)  # the greedy one, for want of the best
            value = min(value, walk.cap)
        else:
            return charges.least, None
    return reduced, Column(takes, takes, value, number)


def _greedy(
    tier: Tier,
    contender: Contender,
    counts: Sequence[int],
    scores: list[tuple[float, int]],
    needed: Mapping[int, int],
) -> tuple[float, dict[int, int]] | None:
    """Take the best units first, amounts not looked at; limits of a line inside a limit of all make this exact.

    needed: units that have to be among them.
    """
    if needed or contender.units is not None or contender.per_line is not None:
        return _greedy_within(tier, contender, counts, scores, needed)
    chosen: dict[int, int] = {}
    reduced = 0.0
    missing = tier.min_quantity
    for score, index in scores:
        if score > 0:
            number = chosen[index] = counts[index]
            reduced += score * number
            missing -= number
    if missing > 0:
        for score, index in sorted([item for item in scores if item[0] <= 0], key=_best_first):
            number = chosen[index] = min(counts[index], missing)
            reduced += score * number
            missing -= number
            if not missing:
                break
        else:
            return None
    return (reduced, chosen) if chosen or tier.min_amount else None


def _greedy_within(
    tier: Tier,
    contender: Contender,
    counts: Sequence[int],
    scores: list[tuple[float, int]],
    needed: Mapping[int, int],
) -> tuple[float, dict[int, int]] | None:
    """Do the same within a promotion's limits on units."""
    room = _Room(contender)
    chosen: dict[int, int] = {}
    reduced = 0.0
    for score, index in scores:
        if index in needed:
            chosen[index] = needed[index]
            reduced += score * needed[index]
            if room.of(index, needed[index]) < needed[index]:
                return None
            room.take(index, needed[index])
    for score, index in sorted(scores, key=_best_first):
        wanted = counts[index] - chosen.get(index, 0)
        if score <= 0:
            wanted = min(wanted, tier.min_quantity - room.taken)
        number = room.of(index, wanted)
        if number > 0:
            chosen[index] = chosen.get(index, 0) + number
            reduced += score * number
            room.take(index, number)
    if room.taken < tier.min_quantity or not (room.taken or tier.min_amount):
        return None
    return reduced, chosen


class _Room:
    """What a promotion's limits on units still allow."""

    __slots__ = ("contender", "lines", "taken")

    def __init__(self, contender: Contender) -> None:
        self.contender, self.taken = contender, 0
        self.lines: dict[int, int] = {}

    def of(self, index: int, wanted: int) -> int:
        contender = self.contender
        if contender.units is not None:
            wanted = min(wanted, contender.units - self.taken)
        if contender.per_line is not None:
            wanted = min(wanted, contender.per_line - self.lines.get(contender.line_of[index], 0))
        return wanted

    def take(self, index: int, number: int) -> None:
        self.taken += number
        if self.contender.per_line is not None:
            line = self.contender.line_of[index]
            self.lines[line] = self.lines.get(line, 0) + number


def _best_first(item: tuple[float, int]) -> tuple[float, int]:
    return -item[0], item[1]


class _TakingWalk:
    """The search where an amount has to be reached: depth first.

    Bound: a minor unit towards the tier is worth `rate`. At the best rate, units that gain after it are taken and the
    others left, and the few exceptions that whole units ask for are found early.
    """

    def __init__(
        self,
        tier: Tier,
        contender: Contender,
        classes: Sequence[UnitClass],
        counts: Sequence[int],
        scores: list[tuple[float, int]],
        barred: set[Takes],
        charges: Charges,
    ) -> None:
        self.tier, self.barred, self.steps, self.cap = tier, barred, 0, NEVER_CAPPED
        self.units_max, self.per_line, self.line_of = contender.units, contender.per_line, contender.line_of
        self.nets = {index: classes[index].net for _, index in scores}
        self.counts = {index: self._at_most(counts[index]) for _, index in scores}
        self.needed, self.steps_max = charges.at_least, charges.steps_max
        self.rate = self._rate(scores)
        rated = [(score + self.rate * self.nets[index], score, index) for score, index in scores]
        self.order = sorted(rated, key=lambda item: (-item[0], item[2]))
        self.worth = [0] * (len(scores) + 1)  # what the units from here on cost together
        self.hope = [0.0] * (len(scores) + 1)  # the most that they add, amounts paid for at the rate
        self.bare = [0.0] * (len(scores) + 1)  # the most that they add by themselves
        for at in range(len(scores) - 1, -1, -1):
            rated_score, score, index = self.order[at]
            self.worth[at] = self.worth[at + 1] + self.nets[index] * self.counts[index]
            count, needed = self.counts[index], self.needed.get(index, 0)
            self.hope[at] = self.hope[at + 1] + max(rated_score * count, rated_score * needed)
            self.bare[at] = self.bare[at + 1] + max(score * count, score * needed)
        self.lines: dict[int, int] = {}
        self.chosen: dict[int, int] = {}
        self.least = charges.least
        self.found: Takes | None = None

    def _at_most(self, count: int) -> int:
        return count if self.per_line is None else min(count, self.per_line)

    def _rate(self, scores: list[tuple[float, int]]) -> float:
        """Return the least worth of a minor unit at which the units that gain reach the tier's amount."""
        if not self.tier.min_amount:
            return 0.0
        low, high = 0.0, max([-score / self.nets[index] for score, index in scores if self.nets[index]], default=0.0)
        if self.units_max is not None:  # dearer units push cheaper ones out
            high = max(high, 2 * max([abs(score) for score, _ in scores], default=0.0)) + 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if self._reached(scores, middle) < self.tier.min_amount:
                low = middle
            else:
                high = middle
        return max(high, 0.0)

    def _reached(self, scores: list[tuple[float, int]], rate: float) -> int:
        rated = [(score + rate * self.nets[index], index) for score, index in scores]
        if self.units_max is None:
            return sum([self.nets[index] * self.counts[index] for score, index in rated if score > 0])
        left, amount = self.units_max, 0
        for score, index in sorted(rated, key=_best_first):
            if score > 0:
                number = min(left, self.counts[index])
                amount += number * self.nets[index]
                left -= number
        return amount

    def go(self, at: int, reduced: float, quantity: int, amount: int, value: int) -> None:
        self.steps += 1
        if at > DEPTH_MAX:
            self.steps = self.steps_max + 1
        if self.steps > self.steps_max or reduced + self._hope(at, quantity, amount) <= self.least:
            return
        beyond = max(value - self.cap, 0)  # more units only cost more then
        if reduced - beyond <= self.least and value >= self.cap:
            return
        if amount + self.worth[at] < self.tier.min_amount:
            return
        if at == len(self.order):
            self._keep(reduced - beyond, quantity)
            return
        rated, score, index = self.order[at]
        line = self.line_of.get(index, -1)
        least, most = self.needed.get(index, 0), self._room(index, line, quantity)
        for number in range(most, least - 1, -1) if rated > 0 else range(least, most + 1):
            after = (
                at + 1,
                reduced + score * number,
                quantity + number,
                amount + self.nets[index] * number,
                value + self.tier.off[index] * number,
            )
            if self.units_max is None and after[1] + self._rated_hope(at + 1, after[3]) <= self.least:
                return  # away from what the rate prefers this bound only falls
            self.chosen[index] = number
            self.lines[line] = self.lines.get(line, 0) + number
            self.go(*after)
            self.lines[line] -= number
            self.chosen[index] = 0

    def _hope(self, at: int, quantity: int, amount: int) -> float:
        """Return the most that the units from here on can add."""
        hope = self._rated_hope(at, amount)
        if self.units_max is not None:
            left = self.units_max - quantity
            hope -= self.hope[at]
            for rated, _, index in self.order[at:]:
                if rated <= 0 or left <= 0:
                    break
                number = min(left, self.counts[index])
                hope += rated * number
                left -= number
        return min(hope, self.bare[at])

    def _rated_hope(self, at: int, amount: int) -> float:
        """Return the same where wanting amounts are paid for at the rate, as many units as there are."""
        return self.rate * (amount - self.tier.min_amount) + self.hope[at]

    def _room(self, index: int, line: int, quantity: int) -> int:
        room = self.counts[index]
        if self.units_max is not None:
            room = min(room, self.units_max - quantity)
        if self.per_line is not None:
            room = min(room, self.per_line - self.lines.get(line, 0))
        return room

    def _keep(self, reduced: float, quantity: int) -> None:
        if reduced <= self.least or not quantity or quantity < self.tier.min_quantity:
            return
        found = tuple(sorted((index, count) for index, count in self.chosen.items() if count))
        if found not in self.barred:
            self.least, self.found = reduced, found
