"""Weights, prices and counts in numbers that a shop gives out itself, and the tables that some countries agreed on.

Source: GS1 General Specifications, section 2.1.12, and the pages of the national GS1 organisations. Retailers of one
country differ, so a table is what a store chooses, never what its country implies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shared.barcodes.check_digits import check_digit, inner_check_digit
from shared.barcodes.damage import DamagedBarcode
from shared.currencies import exponent
from shared.model.variable_measure import VariableMeasureRule

GRAMS_OF_KILOGRAM = 1_000


@dataclass(frozen=True, slots=True)
class Measured:
    """A scale's label."""

    item: str  # thirteen digits without the value: what the shop's catalogue names
    weight_g: int | None = None
    count: int | None = None
    price_minor: int | None = None


def read(digits: str, rules: Iterable[VariableMeasureRule], currency: str | None) -> Measured | None:
    """Return what thirteen digits say by the first rule that fits, or None if none does.

    currency: of prices; without one they are in the label's own smallest unit. Raises DamagedBarcode when the inner
    check digit is wrong, and for a value that is finer than grams or minor units.
    """
    rule = next((rule for rule in rules if digits.startswith(rule.beginning)), None)
    if rule is None:
        return None
    value_digits, inner = digits[rule.slice_of("V")], digits[rule.slice_of("C")]
    if inner and inner != inner_check_digit(value_digits):
        raise DamagedBarcode(problem="its inner check digit is wrong")
    item = digits[: rule.places.count("P")] + "0" * len(inner + value_digits)
    item += check_digit(item)
    value = Decimal(value_digits).scaleb(-rule.decimals)
    if rule.measure == "weight":
        return Measured(item, weight_g=_whole(value * GRAMS_OF_KILOGRAM))
    if rule.measure == "count":
        return Measured(item, count=_whole(value))
    decimals = rule.decimals if currency is None else exponent(currency)
    return Measured(item, price_minor=_whole(value.scaleb(decimals)))


def _whole(value: Decimal) -> int:
    if value != value.to_integral_value():
        raise DamagedBarcode(problem="its value is finer than the smallest unit")
    return int(value)


def _rules(
    measure: Literal["weight", "price", "count"], *rows: tuple[str, str, int]
) -> tuple[VariableMeasureRule, ...]:
    return tuple(
        VariableMeasureRule(prefix=prefix, measure=measure, pattern=pattern, decimals=decimals)
        for prefix, pattern, decimals in rows
    )


EIGHT_AND_FOUR, SIX_AND_SIX, SIX_AND_FIVE = "PPPPPPPPVVVV", "PPPPPPVVVVVV", "PPPPPPCVVVVV"
BALTIC = _rules("weight", ("23", EIGHT_AND_FOUR, 3), ("24", EIGHT_AND_FOUR, 2), ("25", EIGHT_AND_FOUR, 1))
NORDIC = _rules("price", ("20", EIGHT_AND_FOUR, 2), ("21", EIGHT_AND_FOUR, 1), ("22", EIGHT_AND_FOUR, 0)) + BALTIC
NORTH_AMERICAN = _rules("price", ("2", "PPPPPPCVVVV", 2))

# The currency of a country's prices, and its table.
COUNTRIES: Mapping[str, tuple[str, Sequence[VariableMeasureRule]]] = {
    "CA": ("CAD", NORTH_AMERICAN),
    "DE": (
        "EUR",
        _rules("price", ("22", SIX_AND_FIVE, 2), ("23", SIX_AND_FIVE, 2))
        + _rules("count", ("25", SIX_AND_FIVE, 0), ("26", SIX_AND_FIVE, 0))
        + _rules("weight", ("28", SIX_AND_FIVE, 3), ("29", SIX_AND_FIVE, 3)),
    ),
    "DK": (
        "DKK",
        _rules("price", *((prefix, SIX_AND_SIX, 2) for prefix in ("21", "22", "23", "24")))
        + _rules("weight", ("26", SIX_AND_SIX, 3), ("27", "PPPPPPPVVVVV", 3), ("28", SIX_AND_SIX, 3)),
    ),
    "EE": ("EUR", BALTIC),
    "FI": ("EUR", BALTIC),
    "GB": ("GBP", _rules("price", ("20", "PPPPPPPCVVVV", 2))),
    "LT": ("EUR", BALTIC),
    "LV": ("EUR", BALTIC),
    "NO": ("NOK", NORDIC),
    "SE": ("SEK", NORDIC),
    "US": ("USD", NORTH_AMERICAN),
}
