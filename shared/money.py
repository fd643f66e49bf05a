"""Exact money: whole numbers of a currency's smallest unit, and the two ways in which it may be divided."""

from collections.abc import Sequence
from dataclasses import dataclass


def divide_half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest whole number, halves away from zero.

    denominator: > 0. This is the only rounding of amounts in the product.
    """
    assert denominator > 0
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount: a whole number of the currency's smallest unit."""

    currency: str  # ISO 4217 code, "EUR"
    minor: int  # cents, pence, yen; may be negative

    def __add__(self, other: "Money") -> "Money":
        assert self.currency == other.currency
        return Money(self.currency, self.minor + other.minor)

    def __sub__(self, other: "Money") -> "Money":
        assert self.currency == other.currency
        return Money(self.currency, self.minor - other.minor)

    def __neg__(self) -> "Money":
        return Money(self.currency, -self.minor)

    def share(self, weights: Sequence[int]) -> list["Money"]:
        """Divide this amount in proportion to `weights`, losing nothing.

        weights: n whole numbers >= 0, at least one of them > 0.
        Returns n amounts whose sum is exactly this amount; left-over minor units
        go one each to the largest remainders, earliest first.
        Source: largest remainder (Hamilton) method.
        """
        return [Money(self.currency, part) for part in share(self.minor, weights)]


def share(minor: int, weights: Sequence[int]) -> list[int]:
    """Divide `minor` units in proportion to `weights`: `Money.share` for a bare number."""
    assert min(weights) >= 0
    total = sum(weights)
    assert total > 0
    parts, remainders = zip(*(divmod(minor * weight, total) for weight in weights), strict=True)
    spare = minor - sum(parts)
    favoured = set(sorted(range(len(weights)), key=lambda index: (-remainders[index], index))[:spare])
    return [part + (index in favoured) for index, part in enumerate(parts)]
