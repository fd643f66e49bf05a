"""An import and what became of its rows."""

from shared.errors import Conflict, Invalid
from shared.model.strict import Code, Currency, Strict

IMPORT_BYTES_MAX = 200_000_000  # a million products of 200 bytes
REJECTED_SHOWN_MAX = 1_000  # rows listed; all are counted


class BadFile(Invalid):
    """The file is no catalogue: {problem}"""

    hint = "Send UTF-8 CSV with the columns sku, name, barcode, price, tax_class; category and tags may follow."


class OtherStore(Conflict):
    """Store {store} sells in {currency} and is a {retailer} store, unlike the file."""

    hint = "Name the currency and the retailer of the stores; one tenant's stores share one catalogue so far."


class ImportQuery(Strict):
    """How to read the file."""

    currency: Currency  # of the prices
    retailer: Code = "plain"  # whose in-store numbers the barcodes may be
    dry_run: bool = False  # only tell what would change


class RejectedRow(Strict):
    """A row that was left out."""

    line: int  # in the file, the header is line 1
    sku: str
    problem: str


class ImportReport(Strict):
    """What became of the rows: rows = taken + rejected; taken rows were new, changed, or as before."""

    rows: int
    taken: int
    rejected: int
    products_added: int
    products_changed: int
    prices_added: int
    prices_changed: int
    without_price: int
    rejected_rows: tuple[RejectedRow, ...]
