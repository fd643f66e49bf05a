"""Closed forms: what one promotion does with units that nobody else wants."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from shared.promotions.solver.columns import Column, Takes
from shared.promotions.solver.entries import Entry, Plan, SetsEntry
from shared.promotions.solver.problem import SetSlot


def lone_plan(entry: Entry, counts: Sequence[int], base: Sequence[float], first: Column) -> Plan | None:
    """Return the best that a contender does alone, or None where that takes a search.

    base: what units are worth untaken; first: the best single application.
    """
    if entry.cap is not None or entry.pooled or entry.units is not None:
        return None
    if entry.most == 1:
        return {first: 1}
    if isinstance(entry, SetsEntry) and entry.form.ordered and entry.flat is None and entry.contender.per_line is None:
        return _cheapest_of_sets(entry, counts, base)
    return None


def _cheapest_of_sets(entry: SetsEntry, counts: Sequence[int], base: Sequence[float]) -> Plan | None:
    """Put the dearest units together: of every number of dearest units as many are rewarded as can be at all.

    That is the best where a dearer unit never has the smaller discount, and none is worth anything untaken.
    """
    branches = entry.form.branches
    if (len(branches) > 1 and entry.limit is not None) or any(base[index] for index in entry.classes):
        return None
    plan: Plan = {}
    for branch in branches:
        if len(branch) != 2 or branch[0].rewarded or branch[0].amount or branch[0].off.keys() != branch[1].off.keys():
            return None
        off = branch[1].off
        queue = sorted([index for index in off if counts[index]], key=lambda index: (-entry.all[index].net, index))
        if not _falls(queue, off, entry):
            return None
        for column, often in _sets_from(queue, list(counts), branch, entry.limit):
            if column.value:
                plan[column] = plan.get(column, 0) + often
    return plan


def _falls(queue: Sequence[int], off: Mapping[int, int], entry: SetsEntry) -> bool:
    """Tell whether discounts fall with prices; of units at one price some may have less, because of a floor."""
    pairs = [(entry.all[index].net, off[index]) for index in queue]
    return all(dear[1] >= cheap[1] and (dear[0] > cheap[0] or dear == cheap) for dear, cheap in pairwise(pairs))


def _sets_from(
    queue: Sequence[int], left: list[int], branch: Sequence[SetSlot], limit: int | None
) -> list[tuple[Column, int]]:
    """Cut a queue of units into sets, equal ones at once."""
    full, rewarded = branch[0].quantity, branch[1].quantity
    sets = sum([left[index] for index in queue]) // (full + rewarded)
    sets = sets if limit is None else min(sets, limit)
    found = []
    at = 0
    while sets:
        while not left[queue[at]]:
            at += 1
        often = max(1, min(sets, left[queue[at]] // (full + rewarded)))
        dear = _next_units(queue, at, full * often, left)
        cheap = _next_units(queue, at, rewarded * often, left)
        takes = dict(dear)
        for index, count in cheap:
            takes[index] = takes.get(index, 0) + count
        value = sum([branch[1].off[index] * count for index, count in cheap]) // often
        units: Takes = tuple(sorted((index, count // often) for index, count in takes.items()))
        found.append((Column(units, tuple(sorted((index, count // often) for index, count in cheap)), value), often))
        sets -= often
    return found


def _next_units(queue: Sequence[int], at: int, need: int, left: list[int]) -> list[tuple[int, int]]:
    """Take so many units off a queue; there are as many."""
    found = []
    while need:
        index = queue[at]
        number = min(need, left[index])
        if number:
            found.append((index, number))
            left[index] -= number
            need -= number
        at += 1
    return found
