"""From units to money: which line carries how much of a discount.

Each discount is rounded half up once, then only divided: over lines in proportion to what their units cost, over a
line's units evenly. What would press a unit below its floor goes to the others; spare minor units go to the largest
remainders, earlier lines first.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.money import divide_half_up, share
from shared.promotions.families.offer import Offered
from shared.promotions.reward import WHOLE
from shared.promotions.shelf import Parcel, ShelfLine
from shared.promotions.solver.problem import Use

Sources = Sequence[Sequence[tuple[ShelfLine, Parcel]]]  # for each class of units where they lie, earlier lines first


@dataclass(slots=True)
class Row:
    """Units of one line that one promotion consumed in one role; they cost the same before it."""

    shelf_line: ShelfLine
    net: int
    count: int
    rewarded: bool
    exact: int  # discount before rounding, where units are rewarded one by one
    discount_minor: int = 0

    @property
    def worth(self) -> int:
        return self.net * self.count

    @property
    def headroom(self) -> int:
        return (self.net - self.shelf_line.floor) * self.count


def allocate(promotion: Offered, use: Use, sources: Sources) -> list[Row]:
    """Take a use's units off the shelf, divide its discount over them, and put them back at what they cost now."""
    rows = _pull(use.rewarded, sources, use.off, rewarded=True) + _pull(use.full, sources, {}, rewarded=False)
    rows.sort(key=lambda row: (row.shelf_line.line.number, -row.net, not row.rewarded))
    carriers = rows if promotion.allocate == "all" else [row for row in rows if row.rewarded]
    if promotion.rewards_units() and not promotion.set_scope:
        by_line = _round_by_line(carriers if promotion.allocate == "rewarded" else rows, use)
        total = sum(by_line.values())
        most = promotion.limits.max_discount
        if promotion.allocate == "all" or (most is not None and total > most):
            _spread(carriers, total if most is None else min(total, most))
        else:
            for number, amount in by_line.items():
                _spread([row for row in carriers if row.shelf_line.line.number == number], amount, by_exact=True)
    else:
        _spread(carriers, divide_half_up(use.discount, WHOLE))
    for row in rows:
        _put_back(row, closed=promotion.exclusive == "unit")
    return rows


def _pull(units: Mapping[int, int], sources: Sources, off: Mapping[int, int], *, rewarded: bool) -> list[Row]:
    rows = []
    for index in sorted(units):
        wanted = units[index]
        for shelf_line, parcel in sources[index]:
            count = min(wanted, parcel.count)
            if count:
                parcel.count -= count
                wanted -= count
                rows.append(Row(shelf_line, parcel.net, count, rewarded, off.get(index, 0) * count))
        assert not wanted, "the solver consumed units that are not there"
    return rows


def _round_by_line(rows: Sequence[Row], use: Use) -> dict[int, int]:
    """Round once for each line; where a limit on the whole cut the discount, divide what is left of it."""
    exact: dict[int, int] = defaultdict(int)
    for row in rows:
        if row.rewarded:
            exact[row.shelf_line.line.number] += row.exact
    if sum(exact.values()) > use.discount:
        parts = share(divide_half_up(use.discount, WHOLE), list(exact.values()))
        return dict(zip(exact, parts, strict=True))
    return {number: divide_half_up(amount, WHOLE) for number, amount in exact.items()}


def _spread(rows: Sequence[Row], amount: int, *, by_exact: bool = False) -> None:
    """Divide an amount over rows, first over their lines."""
    if len(rows) == 1:
        rows[0].discount_minor = min(amount, rows[0].headroom)
        return
    lines: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        lines[row.shelf_line.line.number].append(row)
    groups = list(lines.values())
    worths = [sum(row.exact if by_exact else row.worth for row in group) for group in groups]
    for group, part in zip(groups, split(amount, worths, [_room(group) for group in groups]), strict=True):
        weights = [row.exact if by_exact else row.worth for row in group]
        for row, piece in zip(group, split(part, weights, [row.headroom for row in group]), strict=True):
            row.discount_minor = piece


def _room(group: Sequence[Row]) -> int:
    return sum(row.headroom for row in group)


def split(amount: int, weights: Sequence[int], rooms: Sequence[int]) -> list[int]:
    """Divide an amount >= 0 in proportion to weights >= 0, none getting more than its room.

    What no room is left for is not given at all.
    """
    if len(weights) == 1:
        return [min(amount, rooms[0])]
    parts = [0] * len(weights)
    left = min(amount, sum(rooms))
    while left:
        free = [index for index, room in enumerate(rooms) if parts[index] < room]
        shares = [weights[index] for index in free]
        if not any(shares):
            shares = [rooms[index] - parts[index] for index in free]
        given = 0
        for index, piece in zip(free, share(left, shares), strict=True):
            fitting = min(piece, rooms[index] - parts[index])
            parts[index] += fitting
            given += fitting
        left -= given
    return parts


def _put_back(row: Row, *, closed: bool) -> None:
    each, dearer = divmod(row.discount_minor, row.count)
    if dearer:
        row.shelf_line.parcels.append(Parcel(row.net - each - 1, dearer, closed))
    row.shelf_line.parcels.append(Parcel(row.net - each, row.count - dearer, closed))
