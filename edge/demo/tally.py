"""What the demo counts, and the verdict: nothing missing, nothing doubled, every total the same."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from devices.printers.printed import PrintedReceipt
from shared.receipts.document import amount_text


@dataclass(slots=True)
class Tally:
    """Everything that happened so far. Amounts in minor units, times in milliseconds."""

    currency: str
    scans: int = 0
    scans_refused: int = 0
    baskets: int = 0
    orders: dict[str, int] = field(default_factory=dict)  # totals as the till told them, by order id
    receipt_numbers: dict[str, str] = field(default_factory=dict)  # by order id
    refunds: dict[str, int] = field(default_factory=dict)  # by refund id
    refunds_without_original: int = 0
    cards_refused: int = 0
    orders_during_outage: int = 0
    scan_ms: list[float] = field(default_factory=list)
    place_ms: list[float] = field(default_factory=list)
    # As head office sees it:
    cloud_orders: list[tuple[str, str, int]] = field(default_factory=list)  # id, receipt number, total
    cloud_total_minor: int = 0
    cloud_order_count: int = 0
    cloud_refunded_minor: int = 0
    quarantined: int = 0
    priced_otherwise: int = 0  # orders whose promotions head office comes to another result for
    unsent: int = 0
    overdue: frozenset[str] = frozenset()  # orders that should be at head office by now and are not

    def cloud_ids(self) -> set[str]:
        return {order_id for order_id, _, _ in self.cloud_orders}

    def missing(self) -> int:
        """Orders of the till that head office does not have."""
        return len(self.orders.keys() - self.cloud_ids())

    def duplicated(self) -> int:
        """Orders, or receipt numbers, that head office has more than once, and orders that no till made."""
        ids = [order_id for order_id, _, _ in self.cloud_orders]
        numbers = [number for _, number, _ in self.cloud_orders]
        strangers = len(set(ids) - self.orders.keys())
        return max(len(ids) - len(set(ids)), len(numbers) - len(set(numbers))) + strangers

    def unequal(self) -> int:
        """Orders whose total at head office is not the till's."""
        return sum(self.orders.get(order_id) != total for order_id, _, total in self.cloud_orders)


@dataclass(frozen=True, slots=True)
class Paper:
    """What an independent look at the printed receipts says."""

    printed: int
    copies: int
    refunds: int
    wrong: int
    torn: int


def read_paper(receipts: list[PrintedReceipt], tally: Tally) -> Paper:
    """Read number and total off each receipt and hold them against the orders."""
    number_of = {number: order_id for order_id, number in tally.receipt_numbers.items()}
    printed, copies, refunds, wrong = set(), 0, 0, 0
    for receipt in receipts:
        number = _after(receipt.text, "Receipt ").split(" ")[0]
        if "REFUND" in receipt.text:
            refunds += 1
            continue
        if "COPY" in receipt.text:
            copies += 1
        order_id = number_of.get(number)
        total = _after(receipt.text, f"TOTAL {tally.currency}").strip()
        if order_id is None or total != amount_text(tally.orders[order_id], tally.currency, "en"):
            wrong += 1
        else:
            printed.add(order_id)
    return Paper(printed=len(printed), copies=copies, refunds=refunds, wrong=wrong, torn=0)


def _after(text: str, label: str) -> str:
    """Return the rest of the line behind a label; empty if the label is not there."""
    _, found, rest = text.partition(label)
    return rest.splitlines()[0] if found and rest else ""


def summary(tally: Tally, paper: Paper) -> dict[str, Any]:
    """Return the figures that `--json` writes."""
    return {
        "orders_made": len(tally.orders),
        "orders_at_cloud": len(tally.cloud_orders),
        "missing": tally.missing(),
        "duplicated": tally.duplicated(),
        "unequal": tally.unequal(),
        "total_edge_minor": sum(tally.orders.values()),
        "total_cloud_minor": tally.cloud_total_minor,
        "refunds_made": len(tally.refunds),
        "refunded_edge_minor": sum(tally.refunds.values()),
        "refunded_cloud_minor": tally.cloud_refunded_minor,
        "refunds_without_original": tally.refunds_without_original,
        "receipts_printed": paper.printed,
        "receipts_with_decoded_total_wrong": paper.wrong,
        "copies_printed": paper.copies,
        "refund_receipts_printed": paper.refunds,
        "orders_during_outage": tally.orders_during_outage,
        "cards_refused": tally.cards_refused,
        "quarantined": tally.quarantined,
        "priced_otherwise": tally.priced_otherwise,
        "unsent": tally.unsent,
        "scans": tally.scans,
        "scans_refused": tally.scans_refused,
        "scan_p50_ms": _percentile(tally.scan_ms, 50),
        "scan_p95_ms": _percentile(tally.scan_ms, 95),
        "place_p50_ms": _percentile(tally.place_ms, 50),
        "place_p95_ms": _percentile(tally.place_ms, 95),
    }


def is_good(figures: dict[str, Any]) -> bool:
    """Tell whether nothing is missing, doubled or unequal, and every receipt came out right."""
    return bool(
        not any(figures[key] for key in ("missing", "duplicated", "unequal", "quarantined", "priced_otherwise"))
        and figures["total_edge_minor"] == figures["total_cloud_minor"]
        and figures["refunded_edge_minor"] == figures["refunded_cloud_minor"]
        and figures["receipts_printed"] == figures["orders_made"]
        and figures["receipts_with_decoded_total_wrong"] == 0
    )


def write(path: Path, figures: dict[str, Any]) -> None:
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _percentile(values: list[float], percent: int) -> float | None:
    if len(values) < 2:
        return round(values[0], 2) if values else None
    found = median(values) if percent == 50 else quantiles(values, n=100)[percent - 1]
    return round(found, 2)
