"""An import and what became of its rows."""

from typing import Annotated

from pydantic import Field

from shared.errors import Invalid
from shared.model.strict import Code, Currency, Name, Strict
from shared.promotions.families import Promotion

IMPORT_BYTES_MAX = 200_000_000  # a million products of 200 bytes
REJECTED_SHOWN_MAX = 1_000  # rows listed; all are counted
PROMOTIONS_MAX = 10_000


class BadFile(Invalid):
    """The file is no catalogue: {problem}"""

    hint = "Send UTF-8 CSV with the columns sku, name, barcode, price, tax_class; category and tags may follow."


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


class PromotionsRequest(Strict):
    """All promotions that shall hold from now on; those not named end."""

    promotions: Annotated[tuple[Annotated[Promotion, Field()], ...], Field(max_length=PROMOTIONS_MAX)]


class PromotionsReport(Strict):
    """The promotions that hold now. The version is the one that orders will name."""

    version: Name
    promotions: int
    added: int
    changed: int
    ended: int
