"""Closed forms: what one promotion does with units that no other contender wants, and whether it could do anything."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from shared.promotions.solver.columns import Column, Takes
from shared.promotions.solver.entries import Entry, Plan, SetsEntry
from shared.promotions.solver.problem import Form, SetSlot, Units, Whole


def could_gain(form: Form, counts: Sequence[int], base: Sequence[float]) -> bool:
    """Tell whether an application may be worth more than leaving its units untaken; quick, so that few are asked more.

    base: what units are worth untaken.
    """
    if isinstance(form, Whole):
        return form.discount > sum([base[index] * counts[index] for index in form.classes])
    if isinstance(form, Units):
        return any(off > base[index] for tier in form.tiers for index, off in tier.off.items())
    for branch in form.branches:
        most: float = form.constant
        for slot in branch:
            each = max([off - base[index] for index, off in slot.off.items()], default=0.0)
            most += each * slot.quantity
            if slot.amount and each > 0:
                return True
        if most > 0:
            return True
    return False


def lone_plan(
    entry: Entry, counts: Sequence[int], base: Sequence[float], penalty: float, first: Column | None
) -> Plan | None:
    """Return the best that a contender does alone, or None where that takes a search.

    base: what units are worth untaken; penalty: what an application costs; first: the best single application, None
    when it is not known.
    """
    if entry.cap is not None or entry.pooled or entry.units is not None:
        return None
    if entry.most == 1:
        return {first: 1} if first else None
    if not isinstance(entry, SetsEntry) or entry.flat is not None or entry.contender.per_line is not None:
        return None
    if len(entry.form.branches) > 1 and entry.limit is not None:
        return None  # branches would have to share the limit
    if entry.form.ordered:
        return _cheapest_of_sets(entry, counts, base)
    return _slots_apart(entry, counts, base, penalty)


def _slots_apart(entry: SetsEntry, counts: Sequence[int], base: Sequence[float], penalty: float) -> Plan | None:
    """Fill each slot with the units that gain most there, set by set, until one does not gain.

    That is the best where no unit may stand in two slots: each set gains less than the one before.
    """
    plan: Plan = {}
    for branch in entry.form.branches:
        places = [index for slot in branch for index in slot.off]
        if any(slot.amount for slot in branch) or len(places) > len(set(places)):
            return None
        left, sets = list(counts), entry.most
        queues = [
            [index for _, index in sorted((base[at] - off, at) for at, off in slot.off.items())] for slot in branch
        ]
        while sets and (found := _next_set(branch, queues, left, entry.form.constant)):
            column, often = found
            if column.value - sum([base[index] * count for index, count in column.takes]) <= penalty:
                break
            often = min(often, sets)
            sets -= often
            plan[column] = plan.get(column, 0) + often
            for index, count in column.takes:
                left[index] -= count * often
    return plan


def _next_set(
    branch: Sequence[SetSlot], queues: Sequence[Sequence[int]], left: Sequence[int], constant: int
) -> tuple[Column, int] | None:
    """Return the set of the first units of each slot's queue, and how often the same comes again."""
    takes: list[tuple[int, int]] = []
    rewarded: list[tuple[int, int]] = []
    value = constant
    for slot, queue in zip(branch, queues, strict=True):
        need = slot.quantity
        for index in queue:
            number = min(need, left[index])
            if number:
                takes.append((index, number))
                value += slot.off[index] * number
                need -= number
                if slot.rewarded:
                    rewarded.append((index, number))
            if not need:
                break
        if need:
            return None
    often = min([left[index] // number for index, number in takes])
    return Column(tuple(sorted(takes)), tuple(sorted(rewarded)), value), often


def _cheapest_of_sets(entry: SetsEntry, counts: Sequence[int], base: Sequence[float]) -> Plan | None:
    """Put the dearest units together: of every number of dearest units as many are rewarded as can be at all.

    That is the best where a dearer unit never has the smaller discount, and none is worth anything untaken.
    """
    branches = entry.form.branches
    if any(base[index] for index in entry.classes):
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
