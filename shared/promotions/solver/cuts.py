"""Bounds that whole solutions keep and linear ones break: of three units no pair is made one and a half times.

Whatever applications do, those that take k units of some classes together do so at most N // k times when there are N.
With k = 2 and pairs these are the odd set constraints of matching. Source: Edmonds (1965); Chvátal (1973).
"""

from collections.abc import Iterator
from typing import NamedTuple

from shared.promotions.solver.columns import Column
from shared.promotions.solver.node import WHOLE_ENOUGH, Contest, Levels

VIOLATED = 0.02  # by less than this a bound is not worth its row
ROUND_MAX = 8  # bounds added at once
LOOKS_OF_WORK = 8  # at one application of one suspect


class Cut(NamedTuple):
    """Applications must not take `size` units of these classes more often than `limit` times."""

    classes: frozenset[int]
    size: int
    limit: int


def violated(contest: Contest, levels: Levels) -> tuple[list[Cut], int]:
    """Return bounds that a linear solution breaks, the most broken first, and the work of looking for them."""
    uses = [
        (frozenset([index for index, _ in column.takes]), contest.entries[place], column, level)
        for place, columns in enumerate(levels)
        for column, level in columns.items()
    ]
    broken: dict[tuple[frozenset[int], int], tuple[float, int]] = {}
    suspects = set(_suspects(contest, levels))
    for classes in suspects:
        units = sum([contest.counts[index] for index in classes])
        shares = [
            (entry.share(column, classes), level)
            for taken, entry, column, level in uses
            if not taken.isdisjoint(classes)
        ]
        shares = [(share, level) for share, level in shares if share > 1]
        for size in {share for share, _ in shares}:
            limit, rest = divmod(units, size)
            if rest:
                excess = sum([share // size * level for share, level in shares]) - limit
                if excess > VIOLATED:
                    broken[classes, size] = (excess, limit)
    worst = sorted(broken.items(), key=lambda item: (-item[1][0], sorted(item[0][0]), item[0][1]))
    cuts = [Cut(classes, size, limit) for (classes, size), (_, limit) in worst[:ROUND_MAX]]
    return cuts, len(suspects) * len(uses) // LOOKS_OF_WORK


def _suspects(contest: Contest, levels: Levels) -> Iterator[frozenset[int]]:
    """Yield classes that columns divide between them: each, those of one contender, those that hang together."""
    together: list[Column] = []
    for place, columns in enumerate(levels):
        halves = [column for column, level in columns.items() if abs(level - round(level)) > WHOLE_ENOUGH]
        if halves:
            together += halves
            yield frozenset(contest.entries[place].classes)
            yield from _components(halves)
    yield from _components(together)
    yield from {frozenset((index,)) for column in together for index, _ in column.takes}


def _components(columns: list[Column]) -> list[frozenset[int]]:
    """Return the classes that columns tie together."""
    found: list[set[int]] = []
    for column in columns:
        mine = {index for index, _ in column.takes}
        apart = []
        for classes in found:
            if classes & mine:
                mine |= classes
            else:
                apart.append(classes)
        found = [*apart, mine]
    return [frozenset(classes) for classes in found]
