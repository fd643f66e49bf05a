"""Importing products and prices."""

from collections.abc import Iterable
from typing import Any

from cloud.catalogue.models import REJECTED_SHOWN_MAX, ImportReport, RejectedRow
from cloud.catalogue.rows import Row
from cloud.database import Transaction
from cloud.sync import feed
from shared.model.product import Price


class DryRun(Exception):
    """Carries a report out of a transaction that is then undone."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report


def import_rows(tx: Transaction, tenant_id: str, rows: Iterable[Row | RejectedRow], *, dry_run: bool) -> ImportReport:
    """Publish the good rows in one transaction and say what became of each.

    Products that the file does not name stay as they are. Raises DryRun with the report when nothing shall be kept.
    """
    good: list[Row] = []
    rejected: list[RejectedRow] = []
    for row in rows:
        if isinstance(row, Row):
            good.append(row)
        else:
            rejected.append(row)
    products = {row.product.sku: row.product.model_dump(mode="json") for row in good}
    prices = {row.product.sku: _body(row.price) for row in good}
    products_added, products_changed = feed.publish(tx, tenant_id, "product", products)
    prices_added, prices_changed = feed.publish(tx, tenant_id, "price", prices)
    report = ImportReport(
        rows=len(good) + len(rejected),
        taken=len(good),
        rejected=len(rejected),
        products_added=products_added,
        products_changed=products_changed,
        prices_added=prices_added,
        prices_changed=prices_changed,
        without_price=sum(price is None for price in prices.values()),
        rejected_rows=tuple(rejected[:REJECTED_SHOWN_MAX]),
    )
    if dry_run:
        raise DryRun(report)
    return report


def _body(price: Price | None) -> dict[str, Any] | None:
    return price.model_dump(mode="json", exclude_defaults=True) if price else None
