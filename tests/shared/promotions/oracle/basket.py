"""The basket of a case: how many units of each line lie at which net price, and what selectors find there."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Json = dict[str, Any]

SCALE = 10_000  # exact values are counted in ten-thousandths of a minor unit: a basis point of one


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    sku: str
    price: int  # on the shelf, minor units
    tags: frozenset[str]
    is_discountable: bool
    floor: int  # no unit is sold below, minor units


@dataclass(frozen=True, slots=True, order=True)
class Units:
    """Like units: of one line and at one net price."""

    line: int  # its place in the basket
    net: int  # minor units, as earlier layers left it
    is_open: bool = True  # no promotion with `exclusive: "unit"` has consumed them in an earlier layer


@dataclass(frozen=True)
class Basket:
    lines: tuple[Line, ...]  # in the natural order of their ids
    counts: Mapping[Units, int]

    @cached_property
    def total(self) -> int:
        return sum(units.net * count for units, count in self.counts.items())

    def room(self, units: Units) -> int:
        """Return by how much a unit may still fall: to its line's floor, and never below zero."""
        return max(0, units.net - max(0, self.lines[units.line].floor))

    def matching(self, select: Json) -> dict[Units, int]:
        """Return the units that a threshold measures: also the undiscountable and the closed ones."""
        return {units: n for units, n in self.counts.items() if _matches(select, self.lines[units.line], units)}

    def takeable(self, select: Json) -> dict[Units, int]:
        """Return the units that a promotion may consume or reward."""
        found = self.matching(select)
        return {units: n for units, n in found.items() if units.is_open and self.lines[units.line].is_discountable}


def basket_of(case: Json) -> Basket:
    rows = sorted(case["lines"], key=lambda row: natural(row["id"]))
    lines = tuple(
        Line(
            id=row["id"],
            sku=row["sku"],
            price=row["unit_price"],
            tags=frozenset(row.get("tags", ())),
            is_discountable=row.get("discountable", True),
            floor=row.get("floor_price", 0),
        )
        for row in rows
    )
    return Basket(lines, Counter({Units(at, row["unit_price"]): row["qty"] for at, row in enumerate(rows)}))


def natural(name: str) -> list[tuple[bool, int, str]]:
    """Return a key that sorts L2 before L10."""
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.findall(r"\d+|\D+", name)]


def _matches(select: Json, line: Line, units: Units) -> bool:
    """Tell whether every field agrees. A field that is absent, empty or false asks nothing."""
    return (
        (not select.get("skus") or line.sku in select["skus"])
        and (not select.get("tags") or not line.tags.isdisjoint(select["tags"]))
        and line.sku not in select.get("not_skus", ())
        and line.tags.isdisjoint(select.get("not_tags", ()))
        and (select.get("min_unit_price") is None or line.price >= select["min_unit_price"])
        and (select.get("max_unit_price") is None or line.price <= select["max_unit_price"])
        and (not select.get("not_discounted") or units.net == line.price)
    )
