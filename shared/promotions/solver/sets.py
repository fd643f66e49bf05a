"""The best set that fills a branch's slots at given charges.

Each slot by itself is filled with the units that cost least after their discount. Where these choices do not get in
each other's way they are the best set; else they bound a search, depth first, the cheapest unit first.
"""

from collections.abc import Mapping, Sequence

from shared.promotions.solver.columns import DEPTH_MAX, Best, Charges, Column, Share, Takes
from shared.promotions.solver.problem import SetSlot, UnitClass

Order = list[tuple[float, int]]  # (what a unit costs after its discount, class), in the end cheapest first
Chosen = list[tuple[int, int, int]]  # (place of a slot, class, number of units)
NO_CEILING = 1 << 60
NO_LINES: Mapping[int, int] = {}
Lines = tuple[int | None, Mapping[int, int]]  # the most units of one line, and each class's line


def best_set(
    branch: Sequence[SetSlot],
    constant: int,
    ordered: bool,
    classes: Sequence[UnitClass],
    counts: Sequence[int],
    charges: Charges,
    per_line: int | None = None,
    line_of: Mapping[int, int] = NO_LINES,
) -> Best:
    """Return the set of the greatest reduced value, or None when the slots cannot be filled.

    Where none is worth more than `charges.least` it returns no set, and a value that none exceeds.
    constant: the discount of a set beside that of its units. ordered: no rewarded unit may cost more than another.
    per_line: the most units of one line; `line_of` tells each class's line.
    """
    orders = [_order(slot, classes, counts, charges) for slot in branch]
    rest = [0.0]  # the least that the slots from here on cost, backwards
    easy = True
    for place in range(len(branch) - 1, -1, -1):
        slot = branch[place]
        if slot.amount:
            least, easy = _least_for_amount(slot.amount, orders[place], classes, counts), False
        else:
            least = _least(slot.quantity, orders[place], counts)
        if least is None:
            return None
        rest.append(rest[-1] + least)
    most = constant * charges.scale - rest[-1]
    if most <= charges.least:  # most questions end here
        return most, None
    chosen: Chosen = []
    for place in range(len(branch) - 1, -1, -1):
        if not branch[place].amount:
            orders[place].sort()
            _choose(place, branch[place].quantity, orders[place], counts, chosen)
    is_fitting = per_line is None or _keeps_to_lines(chosen, per_line, line_of)
    if easy and is_fitting and (len(branch) == 1 or _fits(branch, chosen, ordered, classes, counts)):
        column = _column(branch, chosen, constant)
        if not charges.bars(column) and not _shared(column.takes, charges.shares):
            return most, column
    lines = (per_line, line_of)
    if easy and ordered:
        found = _best_in_order(branch, classes, counts, charges, orders, constant * charges.scale, lines)
    else:
        walk = _SetWalk(branch, ordered, classes, counts, charges, orders, rest[::-1], lines)
        found = walk.search(-constant * charges.scale)
    return (charges.least, None) if found is None else (-found[0], _column(branch, found[1], constant))


def _best_in_order(
    branch: Sequence[SetSlot],
    classes: Sequence[UnitClass],
    counts: Sequence[int],
    charges: Charges,
    orders: list[Order],
    constant: float,
    lines: Lines,
) -> tuple[float, Chosen] | None:
    """Try every price that may part the rewarded units from the others: on either side slots are as good as free."""
    nets = {index: classes[index].net for order in orders for _, index in order}
    partings = {nets[index] for slot, order in zip(branch, orders, strict=True) if slot.rewarded for _, index in order}
    least, found = -charges.least, None
    charges.steps += len(partings) * (1 + len(orders[-1]) // 8)
    for net in sorted(partings):
        chosen: Chosen = []
        rest = [0.0]
        for place in range(len(branch) - 1, -1, -1):
            slot = branch[place]
            span = (0, net) if slot.rewarded else (net, NO_CEILING)
            cost = _cheapest_within(place, slot.quantity, orders[place], counts, chosen, nets, span)
            if cost is None:
                break
            rest.append(rest[-1] + cost)
        if len(rest) <= len(branch) or rest[-1] - constant >= least:
            continue
        if (
            _fits(branch, chosen, False, classes, counts)
            and (lines[0] is None or _keeps_to_lines(chosen, *lines))
            and not (charges.barred and charges.bars(_column(branch, chosen, 0)))
            and not (charges.shares and _shared(_column(branch, chosen, 0).takes, charges.shares))
        ):
            least, found = rest[-1] - constant, chosen
            continue
        parted = [
            [item for item in order if (nets[item[1]] <= net if slot.rewarded else nets[item[1]] >= net)]
            for slot, order in zip(branch, orders, strict=True)
        ]
        walk = _SetWalk(branch, False, classes, counts, charges, parted, rest[::-1], lines)
        walk.least = least
        better = walk.search(-constant)
        if better is not None:
            least, found = better
    return None if found is None else (least, found)


def _cheapest_within(
    place: int,
    need: int,
    order: Order,
    counts: Sequence[int],
    chosen: Chosen,
    nets: Mapping[int, int],
    span: tuple[int, int],
) -> float | None:
    """Fill one slot as if it were alone with units whose prices lie in a span; return what that costs."""
    low, high = span
    total = 0.0
    for cost, index in order:
        if low <= nets[index] <= high:
            number = min(need, counts[index])
            total += number * cost
            chosen.append((place, index, number))
            need -= number
            if not need:
                return total
    return None


def _order(slot: SetSlot, classes: Sequence[UnitClass], counts: Sequence[int], charges: Charges) -> Order:
    units, scale = charges.units, charges.scale
    if scale == 1.0 and not charges.rewarded:
        order = [(units[index] - off, index) for index, off in slot.off.items() if counts[index]]
    else:
        extra = charges.rewarded if slot.rewarded else {}
        order = [
            (units[index] + extra.get(index, 0.0) - off * scale, index)
            for index, off in slot.off.items()
            if counts[index]
        ]
    if slot.amount:  # what counts is the cost of each minor unit
        order.sort(key=lambda item: (item[0] / classes[item[1]].net if classes[item[1]].net else item[0], item[1]))
    return order


def _least(need: int, order: Order, counts: Sequence[int]) -> float | None:
    """Return what it costs to fill one slot as if it were alone; None if there are not enough units."""
    if not order:
        return None
    cost, index = min(order)
    if counts[index] >= need:
        return need * cost
    total = 0.0
    for cost, index in sorted(order):
        number = min(need, counts[index])
        total += number * cost
        need -= number
        if not need:
            return total
    return None


def _choose(place: int, need: int, order: Order, counts: Sequence[int], chosen: Chosen) -> None:
    """Fill one slot with the cheapest units; there are enough."""
    for _, index in order:
        number = min(need, counts[index])
        chosen.append((place, index, number))
        need -= number
        if not need:
            return


def _least_for_amount(
    need: int, order: Order, classes: Sequence[UnitClass], counts: Sequence[int], at: int = 0
) -> float | None:
    """Return the least that units worth `need` cost if the last could be divided; None if there are not enough."""
    total = 0.0
    for cost, index in order[at:] if at else order:
        worth = classes[index].net * counts[index]
        if cost <= 0:
            total += cost * counts[index]
            need -= worth
        elif need > 0 and worth:
            total += cost * counts[index] * min(1.0, need / worth)
            need -= worth
    return total if need <= 0 else None


def _fits(
    branch: Sequence[SetSlot], chosen: Chosen, ordered: bool, classes: Sequence[UnitClass], counts: Sequence[int]
) -> bool:
    """Tell whether the slots' own choices can stand together."""
    used: dict[int, int] = {}
    dearest, cheapest = 0, NO_CEILING
    for place, index, number in chosen:
        total = used[index] = used.get(index, 0) + number
        if total > counts[index]:
            return False
        if ordered:
            net = classes[index].net
            if branch[place].rewarded:
                dearest = max(dearest, net)
            else:
                cheapest = min(cheapest, net)
    return dearest <= cheapest


def _keeps_to_lines(chosen: Chosen, per_line: int | None, line_of: Mapping[int, int]) -> bool:
    lines: dict[int, int] = {}
    for _, index, number in chosen:
        line = line_of[index]
        lines[line] = lines.get(line, 0) + number
    return per_line is None or max(lines.values(), default=0) <= per_line


def _column(branch: Sequence[SetSlot], chosen: Chosen, constant: int) -> Column:
    takes: dict[int, int] = {}
    rewarded: dict[int, int] = {}
    value = constant
    for place, index, number in chosen:
        slot = branch[place]
        takes[index] = takes.get(index, 0) + number
        if slot.rewarded:
            rewarded[index] = rewarded.get(index, 0) + number
        value += slot.off[index] * number
    return Column(tuple(sorted(takes.items())), tuple(sorted(rewarded.items())), value)


def _shared(takes: Takes, shares: Sequence[Share]) -> float:
    """Return what an application pays for units that it takes together."""
    cost = 0.0
    for classes, size, charge in shares:
        cost += sum([count for index, count in takes if index in classes]) // size * charge
    return cost


class _SetWalk:
    """The search where slots compete for units, or have to stand in order of price. Costs, so less is better."""

    def __init__(
        self,
        branch: Sequence[SetSlot],
        ordered: bool,
        classes: Sequence[UnitClass],
        counts: Sequence[int],
        charges: Charges,
        orders: list[Order],
        rest: list[float],
        lines: Lines,
    ) -> None:
        self.branch, self.ordered, self.classes, self.charges = branch, ordered, classes, charges
        self.left, self.orders, self.rest = list(counts), orders, rest
        self.least = -charges.least
        self.found: Chosen | None = None
        self.chosen: Chosen = []
        self.steps, self.steps_max = 0, charges.steps_max
        per_line, self.line_of = lines
        self.room_of_line = {} if per_line is None else dict.fromkeys(self.line_of.values(), per_line)

    def search(self, constant: float) -> tuple[float, Chosen] | None:
        """Return the least cost of a set and its units; None when none costs less than what is known."""
        self.enter(0, constant, NO_CEILING)
        self.charges.steps += self.steps
        self.charges.is_cut |= self.steps > self.steps_max
        return None if self.found is None else (self.least, self.found)

    def enter(self, place: int, cost: float, ceiling: int) -> None:
        """Go on to the next slot. ceiling: what a rewarded unit may cost when sets are ordered."""
        if place == len(self.branch):
            if self.charges.shares and cost < self.least:
                cost += _shared(_column(self.branch, self.chosen, 0).takes, self.charges.shares)
            if cost < self.least and not (self.charges.barred and self._is_barred()):
                self.least, self.found = cost, list(self.chosen)
            return
        slot = self.branch[place]
        if slot.amount:
            self._fill_amount(place, 0, slot.amount, cost, ceiling)
        else:
            self._fill(place, 0, slot.quantity, cost, ceiling)

    def _is_barred(self) -> bool:
        return self.charges.bars(_column(self.branch, self.chosen, 0))

    def _fill(self, place: int, at: int, need: int, cost: float, ceiling: int) -> None:
        if not need:
            self.enter(place + 1, cost, ceiling)
            return
        slot, order = self.branch[place], self.orders[place]
        sure = self.rest[place + 1] + cost
        for after, (each, index) in enumerate(order[at:], at + 1):
            self.steps += 1 if len(self.chosen) <= DEPTH_MAX else self.steps_max + 1
            if sure + need * each >= self.least or self.steps > self.steps_max:
                return
            room = self._room(index, need)
            net = self.classes[index].net
            if not room or (self.ordered and slot.rewarded and net > ceiling):
                continue
            below = min(ceiling, net) if self.ordered and not slot.rewarded else ceiling
            for number in range(room, 0, -1):
                self._take(place, index, number)
                self._fill(place, after, need - number, cost + number * each, below)
                self._take_back()

    def _fill_amount(self, place: int, at: int, need: int, cost: float, ceiling: int) -> None:
        """Choose full-price units that cost at least `need` together; no more of one class than reaches it."""
        if need <= 0:
            self.enter(place + 1, cost, ceiling)
            return
        order, left = self.orders[place], self.left
        self.steps += 1 if at <= DEPTH_MAX else self.steps_max + 1
        sure = _least_for_amount(need, order, self.classes, left, at)
        if sure is None or cost + sure + self.rest[place + 1] >= self.least or self.steps > self.steps_max:
            return
        each, index = order[at]
        net = self.classes[index].net
        most = self._room(index, -(-need // net)) if net else 0
        for number in range(most, 0, -1):
            self._take(place, index, number)
            below = min(ceiling, net) if self.ordered else ceiling
            self._fill_amount(place, at + 1, need - number * net, cost + number * each, below)
            self._take_back()
        self._fill_amount(place, at + 1, need, cost, ceiling)

    def _room(self, index: int, need: int) -> int:
        room = min(self.left[index], need)
        return min(room, self.room_of_line[self.line_of[index]]) if self.room_of_line else room

    def _take(self, place: int, index: int, number: int) -> None:
        self.left[index] -= number
        self.chosen.append((place, index, number))
        if self.room_of_line:
            self.room_of_line[self.line_of[index]] -= number

    def _take_back(self) -> None:
        _, index, number = self.chosen.pop()
        self.left[index] += number
        if self.room_of_line:
            self.room_of_line[self.line_of[index]] += number
