"""Reading a catalogue file row by row. A bad row is named and left out; it never spoils the others."""

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from pydantic import ValidationError

from cloud.catalogue.models import BadFile, RejectedRow
from shared import barcodes
from shared.barcodes import DamagedBarcode, NamesNoProduct
from shared.currencies import exponent
from shared.model.product import Price, Product
from shared.retailers.retailer import Retailer

REQUIRED = ("sku", "name", "barcode", "price", "tax_class")
FIELD_CHARACTERS_MAX = 10_000
PRICE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Row:
    """One good row: a product, and its price if it has one."""

    product: Product
    price: Price | None


def read(
    content: bytes, currency: str, retailer: Retailer, tax_classes: Collection[str]
) -> Iterator[Row | RejectedRow]:
    """Yield each row of the file, good or rejected, in order.

    tax_classes: those that the tenant's stores have rates for. Raises BadFile when there is no table at all.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(problem=f"byte {error.start} is not UTF-8") from error
    csv.field_size_limit(FIELD_CHARACTERS_MAX)
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", restval="")
    try:
        missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
        if missing:
            raise BadFile(problem=f"the column {missing[0]!r} is missing")
        seen: set[str] = set()
        for record in reader:
            yield _row(record, reader.line_num, currency, retailer, tax_classes, seen)
    except csv.Error as error:
        raise BadFile(problem=f"line {reader.line_num + 1}: {error}") from error


def _row(
    record: dict[str, str],
    line: int,
    currency: str,
    retailer: Retailer,
    tax_classes: Collection[str],
    seen: set[str],
) -> Row | RejectedRow:
    sku = record["sku"].strip()

    def rejected(problem: str) -> RejectedRow:
        return RejectedRow(line=line, sku=sku[:64], problem=problem)

    if sku in seen:
        return rejected(f"sku: {sku!r} stands in the file twice; the first one counts")
    if record["tax_class"].strip() not in tax_classes:
        return rejected(f"tax_class: no store has a rate for {record['tax_class'][:64]!r}")
    try:
        product = Product(
            sku=sku,
            name=record["name"].strip(),
            barcodes=tuple(barcodes.read(text, retailer).key for text in record["barcode"].split(";") if text.strip()),
            tax_class=record["tax_class"].strip(),
            category=record.get("category", "").strip() or None,
            tags=tuple(tag.strip() for tag in record.get("tags", "").split(";") if tag.strip()),
        )
        price = _price(sku, record["price"].strip(), currency)
    except (DamagedBarcode, NamesNoProduct) as error:
        return rejected(f"barcode: {error.title}")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return rejected(f"{first['loc'][0]}: {first['msg']}")
    except ValueError as error:
        return rejected(str(error))
    seen.add(sku)
    return Row(product, price)


def _price(sku: str, text: str, currency: str) -> Price | None:
    if not text:
        return None
    if not PRICE.fullmatch(text):
        raise ValueError(f"price: {text[:20]!r} is not a number such as 12.50")
    minor = Decimal(text).scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"price: {text[:20]!r} has more decimals than {currency}")
    return Price(sku=sku, price_minor=int(minor))
