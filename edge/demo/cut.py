"""Make the demo's products and baskets from UCI Online Retail: `python -m edge.demo.cut PATH_TO_CSV_GZ`.

The same source always gives the same bytes. What is kept, left out and changed is told in `data/README.md`.
"""

import csv
import gzip
import hashlib
import io
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TypeVar

from edge.demo.stock_codes import REGULAR, in_store_ean13

DATA = Path(__file__).parent / "data"
SEED = "shopwright-13"  # of forty tried, one whose draw holds about 1,000 sales and 100 refunds
CUSTOMERS_ONE_IN = 30  # whole histories, so that a refund finds the sale it belongs to
WALK_INS_ONE_IN = 3  # invoices without a customer
LINES_MAX = 120  # longer invoices are wholesale or a day's web orders in one, not something one scans at a till
PENNY = Decimal("0.01")
T = TypeVar("T", str, Decimal)

# The first category with a word of the name decides. Order matters: a Christmas bag is Christmas.
CATEGORIES = {
    "services": r"POSTAGE|CARRIAGE|MANUAL|DISCOUNT|BANK CHARGE|AMAZON FEE|SAMPLE|CRUK COMMISSION|GIFT VOUCHER",
    "christmas": r"CHRISTMAS|XMAS|ADVENT|SANTA|REINDEER|SNOWMAN|SNOWFLAKE|NOEL|BAUBLE",
    "jewellery": r"NECKLACE|EARRING|BRACELET|BROOCH|RING|CHARM|TIARA|BANGLE|HAIR\w*|PENDANT|DIAMANTE",
    "candles": r"CANDLE|T-LIGHT|TEALIGHT|LANTERN|LIGHT|NIGHTLIGHT|LAMP\w*|CANDLEHOLDER|\w*CANDLE|INCENSE|CHANDELIER",
    "bags": r"BAG|SHOPPER|HANDBAG|PURSE|WALLET|SATCHEL|RUCKSACK|BACKPACK|LUGGAGE|PASSPORT COVER",
    "garden": r"GARDEN\w*|PLANT\w*|WATERING|WHEELBARROW|PARASOL|BIRDHOUSE|HERB|SEED|TROWEL|POTTING|WINDMILL",
    "kitchen": (
        r"CAKE\w*|MUG|CUP|TEACUP|TEAPOT|TEA|COFFEE|SUGAR|PLATE|BOWL|JUG|JAM|BAKING|KITCHEN|APRON|CUTLERY|SPOON|TEASPOON"
        r"|FORK|GLASS|GLASSES|JAR|BOTTLE|LUNCH|BREAKFAST|SNACK|OVEN|RECIPE|COOKIE|BISCUIT|BREAD|EGG|TRAY|NAPKIN|DOIL\w+"
        r"|PANTRY|TOWEL|SAUCER|BEAKER|STRAW|PICNIC|JELLY|POPCORN|SPICE|COASTER|PLACEMAT|DISH|FRYING PAN|LOLLY|PEPPER"
    ),
    "stationery": (
        r"CARD|WRAP|WRAPPING|PAPER|PEN|PENCIL|NOTEBOOK|SKETCHBOOK|BOOK|STATIONERY|WRITING|STICKER|TAPE|RULER|ENVELOPE"
        r"|CALENDAR|RIBBON|TAG|MEMO\w*|CHALK|ERASER|MAGNET|LETTER|POSTER|COLOURING|STENCIL|INVITE"
    ),
    "toys": (
        r"TOY|DOLL|GAME|JIGSAW|PUZZLE|BALLOON|SKIPPING|PLAYHOUSE|FELTCRAFT|PUPPET|MARBLES|DOMINOES|HARMONICA|BINGO|LUDO"
        r"|SNAP|SPINNING|BABUSHKA|TEDDY|ROBOT|CRAYON|KIT|KNITTING|SEWING|GLIDER|LADDERS|PAINT YOUR OWN|DRAWING"
    ),
    "home": (
        r"SIGN|CLOCK|FRAME|CUSHION|DOORMAT|HANGER|HOOK|MIRROR|DRAWER|\w*KNOB|CABINET|DECORATION|BUNTING|GARLAND|WREATH"
        r"|ORNAMENT|HEART|TIN|BOX|BOXES|STORAGE|BASKET|THROW|DOORSTOP|HOLDER|RACK|SHELF|BATHROOM|STOOL|CHAIR|TABLE"
        r"|QUILT|VASE|HANGING|DOOR|WALL|BIN|SOAP|TISSUE|\w*BOARD|MAT|CHEST|BLOCK WORD|CONTAINER|PEGS|WICKER|CRATE"
    ),
}
TAGS = {
    "retrospot": r"RETROSPOT",
    "polkadot": r"POLKADOT",
    "vintage": r"VINTAGE|RETRO",
    "spaceboy": r"SPACEBOY",
    "dolly girl": r"DOLLY GIRL",
    "regency": r"REGENCY",
    "london": r"LONDON|UNION JACK",
    "easter": r"EASTER",
    "children": r"CHILDREN|CHILDREN'?S|CHILDS|KID|BABY",
    "lunch bag": r"LUNCH BAG",
    "jumbo bag": r"JUMBO BAG|JUMBO SHOPPER|JUMBO STORAGE BAG",
    "set": r"SETS? OF|SET/?\d+|PACK OF|BOX OF",
}
ZERO_RATED = (
    r"CHILDREN'?S APRON|BABY BIB|KIDS RAIN MAC|CHILDRENS GARDEN GLOVE|SLIPPER SHOES SMALL"  # children's clothes
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the source."""

    invoice: str
    stock_code: str
    description: str  # may be empty
    quantity: int  # negative on cancellations and stock write-offs
    at: str  # local time in Britain, "2010-12-01 08:26:00"
    unit_price: Decimal  # GBP, up to 3 decimals
    customer: str  # a number, or empty
    country: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """The rows of one invoice number, all sold or all cancelled."""

    number: str
    rows: tuple[Row, ...]

    @property
    def is_refund(self) -> bool:
        return self.number.startswith("C")

    @property
    def customer(self) -> str:
        return self.rows[0].customer


def read_rows(packed: bytes) -> list[Row]:
    """Read the source, in its own order, which is by time."""
    with gzip.open(io.BytesIO(packed), "rt", encoding="utf-8", newline="") as lines:
        return [
            Row(
                invoice=row["InvoiceNo"],
                stock_code=row["StockCode"],
                description=" ".join(row["Description"].split()),
                quantity=int(row["Quantity"]),
                at=row["InvoiceDate"],
                unit_price=Decimal(row["UnitPrice"]),
                customer=row["CustomerID"],
                country=row["Country"],
            )
            for row in csv.DictReader(lines)
        ]


def select(rows: Iterable[Row]) -> list[Invoice]:
    """Return the invoices of the cut, in time order.

    Left out are stock write-offs (negative rows that cancel nothing), adjustments of bad debt (numbers with A) and
    invoices longer than LINES_MAX. Of the rest the cut takes whole histories of customers drawn by a hash of their
    number, walk-ins drawn by a hash of the invoice number, and the first invoice of each odd stock code.
    """
    by_number: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        is_write_off = row.quantity < 0 and not row.invoice.startswith("C")
        if not is_write_off and not row.invoice.startswith("A"):
            by_number[row.invoice].append(row)
    invoices = [Invoice(number, tuple(rows)) for number, rows in by_number.items() if len(rows) <= LINES_MAX]
    first_of_odd: dict[str, str] = {}
    for invoice in invoices:
        for row in invoice.rows:
            if not REGULAR.fullmatch(row.stock_code):
                first_of_odd.setdefault(row.stock_code, invoice.number)
    odd = set(first_of_odd.values())
    return [invoice for invoice in invoices if invoice.number in odd or _is_drawn(invoice)]


def products_csv(rows: Iterable[Row], invoices: Sequence[Invoice]) -> bytes:
    """Return the table of all products on the invoices, described and priced by the whole source."""
    names: dict[str, Counter[str]] = defaultdict(Counter)
    prices: dict[str, Counter[Decimal]] = defaultdict(Counter)
    for row in rows:
        names[row.stock_code][row.description] += bool(row.description)
        prices[row.stock_code][row.unit_price] += row.unit_price > 0
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("sku", "name", "barcode", "price", "tax_class", "category", "tags"))
    for sku in sorted({row.stock_code for invoice in invoices for row in invoice.rows}):
        name = _most_frequent(names[sku]) or sku
        price = _most_frequent(prices[sku])
        table.writerow(
            (
                sku,
                name,
                in_store_ean13(sku),
                "" if price is None else price.quantize(PENNY, ROUND_HALF_UP),
                "zero" if _has(name, ZERO_RATED) else "standard",
                category_of(name),
                ";".join(tag for tag, words in TAGS.items() if _has(name, words)),
            )
        )
    return text.getvalue().encode()


def category_of(name: str) -> str:
    """Return a coarse category by the first keyword that fits."""
    return next((category for category, words in CATEGORIES.items() if _has(name, words)), "other")


def baskets_jsonl_gz(invoices: Sequence[Invoice]) -> bytes:
    """Return one JSON object per invoice and line, packed without a time stamp."""
    originals = match_refunds(invoices)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as file:
        for invoice in invoices:
            basket: dict[str, object] = {
                "invoice": invoice.number,
                "at": invoice.rows[0].at.replace(" ", "T"),
                "customer": invoice.customer or None,
            }
            if invoice.is_refund:
                basket["refund_of"] = originals[invoice.number]
            else:
                basket["country"] = invoice.rows[0].country
            basket["lines"] = [[row.stock_code, abs(row.quantity)] for row in invoice.rows]
            file.write(json.dumps(basket, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return packed.getvalue()


def match_refunds(invoices: Iterable[Invoice]) -> dict[str, str | None]:
    """Say for each refund which sale it most plausibly belongs to; the source itself does not.

    That is the customer's latest earlier sale that still holds everything refunded, counting earlier refunds.
    """
    left: dict[str, list[tuple[str, Counter[str]]]] = defaultdict(list)  # by customer, oldest first
    originals: dict[str, str | None] = {}
    for invoice in invoices:
        units: Counter[str] = Counter()
        for row in invoice.rows:
            units[row.stock_code] += abs(row.quantity)
        if invoice.is_refund:
            originals[invoice.number] = None
            for number, unrefunded in reversed(left[invoice.customer]):
                if units <= unrefunded:
                    unrefunded.subtract(units)
                    originals[invoice.number] = number
                    break
        elif invoice.customer:
            left[invoice.customer].append((invoice.number, units))
    return originals


def make(packed: bytes) -> dict[str, bytes]:
    """Return the made files by name. packed: the source, a gzipped CSV."""
    rows = read_rows(packed)
    invoices = select(rows)
    return {"products.csv": products_csv(rows, invoices), "baskets.jsonl.gz": baskets_jsonl_gz(invoices)}


def _has(name: str, words: str) -> bool:
    """Say whether one of the words, singular or plural, stands in the name. words: alternatives of a pattern."""
    return re.search(rf"\b({words})S?\b", name.upper()) is not None


def _is_drawn(invoice: Invoice) -> bool:
    one_in = CUSTOMERS_ONE_IN if invoice.customer else WALK_INS_ONE_IN
    digest = hashlib.sha256(f"{SEED}/{invoice.customer or invoice.number}".encode()).digest()
    return int.from_bytes(digest) % one_in == 0


def _most_frequent(counts: Counter[T]) -> T | None:
    """Return the value that was counted most often, the least of several; None if none was counted."""
    most = max(counts.values(), default=0)
    return min(value for value, count in counts.items() if count == most) if most else None


def main() -> None:
    """Write the made files beside this module."""
    for name, content in make(Path(sys.argv[1]).read_bytes()).items():
        (DATA / name).write_bytes(content)


if __name__ == "__main__":
    main()
