"""What a box sold between two moments, as X and Z reports tell it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.model.strict import Code, Count, Currency, Id, Minor, MinorFromZero, Moment, Strict
from shared.model.tax import TAX_CLASSES_MAX, TaxTotal

Seq = Annotated[int, Field(ge=0)]

TENDERS_MAX = 10  # there are two kinds
TAX_ROWS_MAX = 2 * TAX_CLASSES_MAX  # every class, and every rate changed within the day
TaxTable = Annotated[tuple[TaxTotal, ...], Field(max_length=TAX_ROWS_MAX)]


class TenderFigures(Strict):
    """One way of paying: what came in for orders, and what went out for refunds."""

    kind: Literal["cash", "card"]
    orders: Count
    received_minor: Minor
    refunds: Count
    paid_out_minor: MinorFromZero

    @property
    def kept_minor(self) -> int:
        """What is there more than before; of cash, in the drawer."""
        return self.received_minor - self.paid_out_minor


class Figures(Strict):
    """Sums over a span of a journal.

    What was kept by all tenders is `total + donations + rounding - refunded`. Numbers are those of receipts, of orders
    and refunds together: from the first to the last there is one for each.
    """

    orders: Count = 0
    refunds: Count = 0
    first_number: Code | None = None
    last_number: Code | None = None
    gross_minor: MinorFromZero = 0
    discount_minor: MinorFromZero = 0
    total_minor: MinorFromZero = 0
    donations_minor: MinorFromZero = 0
    refunded_minor: MinorFromZero = 0
    rounding_minor: Minor = 0  # by which cash rounding changed what was kept
    tenders: Annotated[tuple[TenderFigures, ...], Field(max_length=TENDERS_MAX)] = ()
    taxes: TaxTable = ()
    refunded_taxes: TaxTable = ()

    @property
    def kept_minor(self) -> int:
        return self.total_minor + self.donations_minor + self.rounding_minor - self.refunded_minor


class Report(Strict):
    """The figures of an open day (X): what was sold behind the last closing, up to now."""

    id: Id  # of this reading
    business_day: date
    at: Moment
    series: Code
    currency: Currency
    first_seq: Seq  # of the journal: the span is first_seq to last_seq, both included; empty when last is less
    last_seq: Seq
    figures: Figures


class Closing(Report):
    """A day that was closed (Z). Spans of closings follow each other without gap, so nothing is in two or in none."""

    number: Annotated[int, Field(ge=1)]  # of this box, without gap
    all_time_minor: Minor  # what was kept since the box began, never reset
