"""How often each promotion applies is known: which units does it take?

Sets that know neither order nor amounts only ask for so many units in each slot. Dividing the units over the slots is a
transport problem, and the simplex method ends at a whole solution of it (Dantzig, 1951) even where prices leave many
equally good divisions, halves among them.
"""

from collections.abc import Mapping, Sequence

from shared.promotions.solver.columns import Column
from shared.promotions.solver.entries import Plan
from shared.promotions.solver.master import Master
from shared.promotions.solver.node import WHOLE_ENOUGH, Contest
from shared.promotions.solver.problem import SetSlot

Wishes = Mapping[tuple[int, int], int]  # (place of a contender, its branch) -> sets
Cell = tuple[int, int, int, int]  # (place, branch, slot, class)


def spread(contest: Contest, wishes: Wishes, left: Sequence[int]) -> tuple[dict[int, Plan], int]:
    """Return plans that fill as many of these sets as the units left allow, for the greatest discount, and the work.

    A contender whose sets cannot all be filled gets fewer, or none.
    """
    classes = [index for index in contest.members if left[index]]
    row_of = {index: row for row, index in enumerate(classes)}
    master = Master([left[index] for index in classes])
    cells: dict[int, Cell] = {}
    filled = float(max([unit.net for unit in contest.entries[0].all]) + 1) * 10_000  # more than any discount of a unit
    for (place, branch), times in wishes.items():
        entry = contest.entries[place]
        for number, slot in enumerate(entry.branches[branch]):
            slot_row = master.add_row(slot.quantity * times, {})
            for index, off in slot.off.items():
                if index in row_of:
                    profit = off - contest.base[index] + filled
                    cells[master.add_column(profit, ((row_of[index], 1.0), (slot_row, 1.0)))] = (
                        place,
                        branch,
                        number,
                        index,
                    )
    if not master.optimise():
        return {}, master.work
    given: dict[tuple[int, int], dict[int, dict[int, int]]] = {}
    for number, level in master.levels().items():
        if number in cells:
            place, branch, slot_number, index = cells[number]
            units = given.setdefault((place, branch), {}).setdefault(slot_number, {})
            units[index] = int(level + WHOLE_ENOUGH)
    plans: dict[int, Plan] = {}
    for (place, branch), slots in given.items():
        entry = contest.entries[place]
        plan = plans.setdefault(place, {})
        for column, often in _sets(entry.branches[branch], slots, entry.constant):
            plan[column] = plan.get(column, 0) + often
    return plans, master.work


def _sets(branch: Sequence[SetSlot], slots: Mapping[int, Mapping[int, int]], constant: int) -> list[tuple[Column, int]]:
    """Put the units of each slot together to sets, equal ones at once."""
    if len(slots) < len(branch):
        return []
    queues = [sorted(slots[number].items()) for number in range(len(branch))]
    times = min(
        [sum([count for _, count in queue]) // slot.quantity for queue, slot in zip(queues, branch, strict=True)]
    )
    found = []
    while times:
        takes: dict[int, int] = {}
        value, often = constant, times
        for number, slot in enumerate(branch):
            used, most = _head(queues[number], slot.quantity)
            often = min(often, most)
            for index, count in used:
                takes[index] = takes.get(index, 0) + count
                value += slot.off[index] * count
        for number, slot in enumerate(branch):
            queues[number] = _tail(queues[number], slot.quantity * often)
        units = tuple(sorted(takes.items()))
        found.append((Column(units, units, value), often))
        times -= often
    return found


def _head(queue: list[tuple[int, int]], size: int) -> tuple[list[tuple[int, int]], int]:
    """Return the first units of a queue, and how often the same ones come again."""
    index, count = queue[0]
    if count >= size:
        return [(index, size)], count // size
    used = []
    for index, count in queue:
        number = min(count, size)
        used.append((index, number))
        size -= number
        if not size:
            break
    return used, 1


def _tail(queue: list[tuple[int, int]], gone: int) -> list[tuple[int, int]]:
    rest = []
    for index, count in queue:
        number = min(count, gone)
        gone -= number
        if count > number:
            rest.append((index, count - number))
    return rest
