"""The units of a basket while layers work on them: what each costs now, and who may still take it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from shared.promotions.families.offer import Offered, Shortage
from shared.promotions.reward import WHOLE, Amount, Percent, SetAmount, SetPrice, UnitPrice
from shared.promotions.selector import Selector
from shared.promotions.solver.problem import Form, Sets, SetSlot, UnitClass, Whole


class Line(Protocol):
    """What the engine needs to know of a basket's line; line numbers are distinct in a basket."""

    @property
    def number(self) -> int: ...
    @property
    def sku(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def unit_price_minor(self) -> int: ...
    @property
    def floor_price_minor(self) -> int: ...
    @property
    def category(self) -> str | None: ...
    @property
    def brand(self) -> str | None: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def discountable(self) -> bool: ...


@dataclass(slots=True)
class Parcel:
    """Units of one line that cost the same now. `closed`: an exclusive promotion took them."""

    net: int
    count: int
    closed: bool = False


@dataclass(slots=True)
class ShelfLine:
    """A basket's line, its units in parcels."""

    line: Line
    parcels: list[Parcel]

    @property
    def floor(self) -> int:
        return min(self.line.floor_price_minor, self.line.unit_price_minor)

    def settle(self) -> None:
        """Put equal parcels together, dearest first, so that the same units look the same however they came about."""
        counts: dict[tuple[int, bool], int] = defaultdict(int)
        for parcel in self.parcels:
            counts[parcel.net, parcel.closed] += parcel.count
        self.parcels = [
            Parcel(net, count, closed) for (net, closed), count in sorted(counts.items(), reverse=True) if count
        ]


def fill(lines: Sequence[Line]) -> list[ShelfLine]:
    """Put a basket's lines up, in order of their numbers."""
    return [
        ShelfLine(line, [Parcel(line.unit_price_minor, line.quantity)])
        for line in sorted(lines, key=lambda line: line.number)
        if line.quantity
    ]


def may_take(selector: Selector, shelf_line: ShelfLine, parcel: Parcel) -> bool:
    """Tell whether what earlier layers did to these units leaves them to the selector, which takes their product."""
    return not selector.not_discounted or parcel.net == shelf_line.line.unit_price_minor


@dataclass(slots=True)
class View:
    """What one promotion sees of a layer: the classes that its slots may hold, and the lines that it only measures.

    sku_of: the product of each class; filled for promotions that keep products apart.
    has_floors: whether a unit of any class may lose less than it costs.
    """

    promotion: Offered
    classes: Sequence[UnitClass]
    slots: list[list[int]]
    looked_at: dict[int, list[ShelfLine]] = field(default_factory=dict)
    sku_of: dict[int, str] = field(default_factory=dict)
    has_floors: bool = True

    def count(self, group: Sequence[int]) -> int:
        return sum([self.classes[index].count for index in group])

    def available(self, slot: int) -> tuple[int, int]:
        """Return how many units a slot may hold, and what they cost now."""
        units = [self.classes[index] for index in self.slots[slot]]
        return sum([unit.count for unit in units]), sum([unit.count * unit.net for unit in units])

    def by_sku(self, slot: int) -> list[list[int]]:
        groups: dict[str, list[int]] = defaultdict(list)
        for index in self.slots[slot]:
            groups[self.sku_of[index]].append(index)
        return [groups[sku] for sku in sorted(groups)]

    def off_units(self, slot: int, reward: Percent | Amount | UnitPrice, *, gains_only: bool = True) -> dict[int, int]:
        """Return what a unit of each class loses in a slot, floors respected. gains_only: leave out those without."""
        classes, off_unit = self.classes, reward.off_unit
        off = {index: off_unit(classes[index].net) for index in self.slots[slot]}
        if self.has_floors:
            off = {index: min(gain, classes[index].headroom * WHOLE) for index, gain in off.items()}
        return {index: gain for index, gain in off.items() if gain > 0} if gains_only else off

    def measure(self, slot: int, basis: Literal["net", "gross"]) -> tuple[int, int]:
        """Return how many units a slot looks at, and what they cost now (net) or on the shelf (gross)."""
        quantity = amount_minor = 0
        selector = self.promotion.selectors[slot]
        for shelf_line in self.looked_at.get(slot, ()):
            for parcel in shelf_line.parcels:
                if may_take(selector, shelf_line, parcel):
                    quantity += parcel.count
                    each = parcel.net if basis == "net" else shelf_line.line.unit_price_minor
                    amount_minor += parcel.count * each
        return quantity, amount_minor

    def unfilled(self, sizes: Sequence[int]) -> int:
        """Return how many places of slots of these sizes stay empty, however units are put into them."""
        available = [self.count(group) for group in self.slots]
        if min(available) >= sum(sizes):  # whatever the others take, each finds enough
            return 0
        counts = {index: self.classes[index].count for group in self.slots for index in group}
        if sum([len(group) for group in self.slots]) == len(counts):  # no unit fits two slots
            return sum([max(size - count, 0) for size, count in zip(sizes, available, strict=True)])
        return _Filling(self.slots, counts).unfilled(sizes)

    def sets(self, sizes: Sequence[int], reward: Percent | SetAmount | SetPrice) -> Form | Shortage:
        """Return the sets that slots of these sizes can make."""
        missing = self.unfilled(sizes)
        if missing:
            return Shortage(quantity=missing)
        classes = self.classes
        part = reward.value if isinstance(reward, Percent) else 0 if isinstance(reward, SetAmount) else WHOLE
        slots = [
            SetSlot({index: classes[index].net * part for index in group}, size)
            for group, size in zip(self.slots, sizes, strict=True)
        ]
        return Sets((tuple(slots),), reward.off_sets(0, 1), pooled=self._may_hit_floor(sizes, reward))

    def _may_hit_floor(self, sizes: Sequence[int], reward: Percent | SetAmount | SetPrice) -> bool:
        if not self.has_floors and not isinstance(reward, SetAmount):
            return False
        units = [self.classes[index] for group in self.slots for index in group]
        if isinstance(reward, Percent):
            return any(unit.net * reward.value > unit.headroom * WHOLE for unit in units)
        if isinstance(reward, SetPrice):
            return any(unit.headroom < unit.net for unit in units)
        return sum(sizes) * min([unit.headroom for unit in units]) < reward.value

    def whole(self, slot: int, reward: Percent | SetAmount | SetPrice, times: int) -> Form | Shortage:
        """Return all units of a slot for one discount."""
        group = self.slots[slot]
        if not group:
            return Shortage(quantity=1)
        amount_minor = self.available(slot)[1]
        units = [self.classes[index] for index in group]
        headroom_minor = sum([unit.headroom * unit.count for unit in units])
        discount = reward.off_sets(amount_minor, times if isinstance(reward, SetAmount) else 1)
        return Whole(tuple(group), min(discount, headroom_minor * WHOLE), times)


class _Filling:
    """Units put into slots, moved on to another of their slots where that makes room. Source: augmenting paths."""

    def __init__(self, groups: Sequence[Sequence[int]], counts: dict[int, int]) -> None:
        self.groups, self.left = groups, counts
        self.held: list[dict[int, int]] = [defaultdict(int) for _ in groups]

    def unfilled(self, sizes: Sequence[int]) -> int:
        empty = 0
        for slot, size in enumerate(sizes):
            need = size
            while need and (found := self._fill(slot, need, {slot})):
                need -= found
            empty += need
        return empty

    def _fill(self, slot: int, need: int, asked: set[int]) -> int:
        for index in self.groups[slot]:
            if self.left[index]:
                found = min(need, self.left[index])
                self.left[index] -= found
                self.held[slot][index] += found
                return found
        for other, held in enumerate(self.held):
            for index in self.groups[slot] if other not in asked else ():
                if held[index] and (found := self._fill(other, min(need, held[index]), asked | {other})):
                    held[index] -= found
                    self.held[slot][index] += found
                    return found
        return 0
