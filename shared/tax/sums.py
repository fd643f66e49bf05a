"""Adding up tax that was computed before: sums of what stands on orders, nothing is computed a second time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.model.tax import TaxTotal


@dataclass(slots=True)
class TaxSums:
    """One row for each rate and class."""

    _sums: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)  # by (-rate, class): gross, tax

    def add(self, tax_class: str, rate_bp: int, gross_minor: int, tax_minor: int) -> None:
        gross_before, tax_before = self._sums.get((-rate_bp, tax_class), (0, 0))
        self._sums[-rate_bp, tax_class] = gross_before + gross_minor, tax_before + tax_minor

    def add_table(self, rows: Iterable[TaxTotal]) -> None:
        for row in rows:
            self.add(row.tax_class, row.rate_bp, row.gross_minor, row.tax_minor)

    def table(self) -> tuple[TaxTotal, ...]:
        """Return the rows, the highest rate first."""
        return tuple(
            TaxTotal(
                tax_class=tax_class,
                rate_bp=-negative_rate,
                gross_minor=gross_minor,
                net_minor=gross_minor - tax_minor,
                tax_minor=tax_minor,
            )
            for (negative_rate, tax_class), (gross_minor, tax_minor) in sorted(self._sums.items())
        )
