"""Importing products and prices, and setting promotions."""

from collections.abc import Iterable, Sequence

from cloud.catalogue.models import REJECTED_SHOWN_MAX, ImportReport, PromotionsReport, RejectedRow
from cloud.catalogue.rows import Row
from cloud.database import Transaction
from cloud.sync import feed
from shared.promotions.families import Promotion
from shared.promotions.pack import Pack


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
    prices = {row.product.sku: row.price.model_dump(mode="json") if row.price else None for row in good}
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


def set_promotions(tx: Transaction, tenant_id: str, promotions: Sequence[Promotion]) -> PromotionsReport:
    """Make these the tenant's promotions; those that held before and are not among them end."""
    bodies = {promotion.id: promotion.model_dump(mode="json") for promotion in promotions}
    ended = dict.fromkeys(feed.keys(tx, tenant_id, "promotion") - bodies.keys())
    added, changed = feed.publish(tx, tenant_id, "promotion", {**bodies, **ended})
    return PromotionsReport(
        version=Pack.of(promotions).version,
        promotions=len(bodies),
        added=added,
        changed=changed - len(ended),
        ended=len(ended),
    )
