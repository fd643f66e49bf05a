"""The rounding policy: tax is taken once per rate from the sum of what bears it, half up, then shared over its lines.

The policy's name is stored with each order, so that whoever reads the order later knows how its tax came about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.model.tax import TaxTotal
from shared.money import divide_half_up, share

POLICY = "inclusive-per-rate-half-up"


class Taxed(Protocol):
    """An amount that contains tax."""

    @property
    def tax_class(self) -> str: ...
    @property
    def rate_bp(self) -> int: ...
    @property
    def gross_minor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class TaxedAmount:
    """The plain form of `Taxed`."""

    tax_class: str
    rate_bp: int
    gross_minor: int


def contained_tax_minor(gross_minor: int, rate_bp: int) -> int:
    """Return the tax inside an amount that includes it: gross x rate / (1 + rate), half up."""
    return divide_half_up(gross_minor * rate_bp, 10_000 + rate_bp)


def tax_table(amounts: Sequence[Taxed]) -> tuple[tuple[TaxTotal, ...], list[int]]:
    """Sum amounts by tax class and rate.

    amounts: n amounts >= 0, tax included.
    Returns the table, highest rate first, and n tax amounts whose sums per rate equal the table's.
    """
    groups: dict[tuple[str, int], list[int]] = {}
    for index, amount in enumerate(amounts):
        groups.setdefault((amount.tax_class, amount.rate_bp), []).append(index)
    totals = []
    taxes = [0] * len(amounts)
    for (tax_class, rate_bp), members in sorted(groups.items(), key=lambda item: (-item[0][1], item[0][0])):
        gross = [amounts[index].gross_minor for index in members]
        gross_minor = sum(gross)
        tax_minor = contained_tax_minor(gross_minor, rate_bp)
        totals.append(
            TaxTotal(
                tax_class=tax_class,
                rate_bp=rate_bp,
                gross_minor=gross_minor,
                net_minor=gross_minor - tax_minor,
                tax_minor=tax_minor,
            )
        )
        if gross_minor:
            for index, part in zip(members, share(tax_minor, gross), strict=True):
                taxes[index] = part
    return tuple(totals), taxes
