"""What any scale promises."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, Self

Unit = Literal["kg", "g", "lb", "oz"]
# stable: `net` may be charged. motion: the load moves, or the scale is busy. over, under: outside of what it can
# weigh. unzeroed: it was switched on with a load. zero: empty, told by scales that name this instead of a weight.
Status = Literal["stable", "motion", "over", "under", "unzeroed", "zero"]

SHOWN = re.compile(r"(-?) *(\d{1,7})(?:\.(\d{1,5}))?")
GRAMS = {"kg": 1000, "g": 1}


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight exactly as the scale showed it: `count` steps of 10 to the power of -`decimals` `unit`."""

    count: int  # 1234; below zero when less lies on the scale than its tare
    decimals: int  # 3
    unit: Unit  # "kg"

    @classmethod
    def of(cls, shown: str, unit: Unit) -> Self | None:
        """Read a number as scales write it, or return None: "01.234", "- 0.50"."""
        found = SHOWN.fullmatch(shown.strip())
        if found is None:
            return None
        sign, whole, rest = found[1], found[2], found[3] or ""
        return cls(int(f"{sign}{whole}{rest}"), len(rest), unit)

    @property
    def grams(self) -> int | None:
        """Whole grams; None where they would have to be rounded: pounds, ounces, tenths of a gram."""
        if self.unit not in GRAMS:
            return None
        grams, rest = divmod(self.count * GRAMS[self.unit], 10**self.decimals)
        return None if rest else grams

    def __str__(self) -> str:
        sign = "-" if self.count < 0 else ""
        digits = f"{abs(self.count):0{self.decimals + 1}d}"
        point = len(digits) - self.decimals
        number = f"{digits[:point]}.{digits[point:]}" if self.decimals else digits
        return f"{sign}{number} {self.unit}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scale said once. Nothing in it was computed, so it may stand on a receipt."""

    status: Status
    net: Weight | None  # without tare; always there when stable, never when over, under, unzeroed or zero
    at: datetime  # when the answer was heard
    tare: Weight | None = None  # None when the scale does not tell

    @property
    def is_stable(self) -> bool:
        return self.status == "stable"


class Scale(Protocol):
    """A scale. Each driver passes tests/devices/test_scales.py."""

    async def read(self) -> Reading:
        """Ask once and return what the scale shows now; a load that moves is an answer, not an error.

        Raises DeviceDisconnected, DeviceSilent when no answer came in time, DeviceGarbled when it made no sense.
        After any of these, and after a cancellation, the next call starts afresh.
        """

    async def close(self) -> None:
        """Give the link up; the next call makes a new one."""
