"""Adding up what was sold: the same sums at the box that closes its day and at head office that checks them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from shared.events.fact import Fact
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.day import Figures, TenderFigures
from shared.model.order import Order, Refund
from shared.tax.sums import TaxSums


@dataclass(slots=True)
class Tally:
    """Grows fact by fact; facts that move no money change nothing."""

    sums: Counter[str] = field(default_factory=Counter)  # by the name of the field in Figures
    by_tender: dict[str, Counter[str]] = field(default_factory=dict)
    taxes: TaxSums = field(default_factory=TaxSums)
    refunded_taxes: TaxSums = field(default_factory=TaxSums)
    first_number: str | None = None
    last_number: str | None = None
    business_day: date | None = None  # of the order or refund that was counted last

    def add(self, fact: Fact) -> None:
        """Count an order or a refund."""
        if isinstance(fact, OrderCompleted):
            self._add_order(fact.order)
        elif isinstance(fact, OrderRefunded):
            self._add_refund(fact.refund)

    def _add_order(self, order: Order) -> None:
        self._add_document(order)
        self.sums.update(
            orders=1,
            gross_minor=order.gross_minor,
            discount_minor=order.discount_minor,
            total_minor=order.total_minor,
            donations_minor=order.due_minor - order.total_minor,
            rounding_minor=order.rounding_minor,
        )
        for tender in order.tenders:
            self._tender(tender.kind).update(orders=1, received_minor=tender.amount_minor)
        self.taxes.add_table(order.taxes)

    def _add_refund(self, refund: Refund) -> None:
        self._add_document(refund)
        self.sums.update(refunds=1, refunded_minor=refund.total_minor, rounding_minor=-refund.rounding_minor)
        self._tender(refund.tender.kind).update(refunds=1, paid_out_minor=refund.tender.amount_minor)
        self.refunded_taxes.add_table(refund.taxes)

    def _add_document(self, document: Order | Refund) -> None:
        self.first_number = self.first_number or document.receipt_number
        self.last_number = document.receipt_number
        self.business_day = document.business_day

    def _tender(self, kind: str) -> Counter[str]:
        return self.by_tender.setdefault(kind, Counter(orders=0, received_minor=0, refunds=0, paid_out_minor=0))

    def figures(self) -> Figures:
        """Return the sums so far."""
        return Figures.model_validate(
            {
                **self.sums,
                "first_number": self.first_number,
                "last_number": self.last_number,
                "tenders": tuple(
                    TenderFigures.model_validate({"kind": kind, **sums})
                    for kind, sums in sorted(self.by_tender.items())
                ),
                "taxes": self.taxes.table(),
                "refunded_taxes": self.refunded_taxes.table(),
            }
        )
