"""From what a scanner read to the key under which a product is found.

GTIN-8, 12, 13 and 14 are one number space: all are kept as 14 digits. Numbers that a shop gave out itself are kept
apart (`store:`), so that an id can never be taken for somebody's GTIN. Nothing here guesses: a code that could mean
two things is an error that says so.
"""

import re
from dataclasses import dataclass
from typing import Literal

from shared.barcodes.characters import BLANKS
from shared.barcodes.damage import DamagedBarcode
from shared.barcodes.decode import Barcode, Numbering, decode
from shared.errors import Invalid
from shared.retailers.retailer import Retailer

TEXT_MAX = 58  # the longest linear code in a shop is a 48-digit GS1-128; with "store:" it fits a Code
UPC_E_WITHOUT_CHECK_DIGIT = 7  # nothing proves it, so a shop takes it for a code of its own

# Application identifiers of net measures, variable counts and prices.
MEASURES = re.compile("30|31[0-6]|32|35[0-2]|35[67]|36[01]|36[4-6]|39[235]")

Kind = Literal["gtin", "in_store", "code"]


class NamesNoProduct(Invalid):
    """This code names no product: {problem}"""

    hint = "Scan the barcode of a product."


@dataclass(frozen=True, slots=True)
class ProductCode:
    """What a code means: a worldwide number (GTIN), a number of this shop, or a code that is no number at all."""

    kind: Kind
    key: str  # as catalogues store it
    barcode: Barcode | None = None  # what else the symbol says of this one piece; None for a number alone

    def __str__(self) -> str:
        return self.key

    @property
    def is_measured(self) -> bool:
        """Whether the label states weight, count or price of this one piece, which is then no plain unit."""
        if self.barcode is None:
            return False
        stated = any(MEASURES.match(ai) for ai, _ in self.barcode.elements)
        return stated or self.barcode.kind == "variable_measure"


def read(text: str, retailer: Retailer, *, symbology: str | None = None, currency: str | None = None) -> ProductCode:
    """Say what product code a scanned or typed text is.

    text: the symbol's data without symbology identifier. symbology: as the scanner calls it. currency: the store's.
    Digits of a GTIN's length must have a right check digit: eight, twelve, thirteen or fourteen digits with a wrong one
    are a damaged scan, never a shorter or longer code. A GS1 message with something wrong beside a right GTIN is that
    GTIN and nothing more. Raises DamagedBarcode, NamesNoProduct.
    """
    numbering = Numbering(retailer.in_store_prefixes, retailer.variable_measure, currency, retailer.has_upc_e)
    barcode = decode(text, numbering, scanned_as=symbology)
    bare = text.strip(BLANKS)
    if barcode.kind == "text" or (barcode.kind == "gtin" and len(bare) == UPC_E_WITHOUT_CHECK_DIGIT):
        return _own_code(bare)
    if barcode.kind == "digital_link" and not barcode.elements:  # somebody's web page
        return _own_code(bare)
    if barcode.gtin14:
        return ProductCode("gtin", barcode.gtin14, barcode if barcode.elements and not barcode.problem else None)
    if barcode.problem:
        raise DamagedBarcode(problem=barcode.problem, text=bare[:TEXT_MAX])
    if barcode.item:
        is_plain = barcode.kind == "in_store"
        return ProductCode("in_store", f"store:{barcode.item}", None if is_plain else barcode)
    raise NamesNoProduct(problem="it is a boarding pass" if barcode.boarding_pass else "it has no GTIN")


def _own_code(text: str) -> ProductCode:
    if not text:
        raise DamagedBarcode(problem="it is empty", text="")
    if len(text) > TEXT_MAX:
        raise DamagedBarcode(problem=f"it is longer than {TEXT_MAX} characters", text=text[:TEXT_MAX])
    if not text.isprintable():
        raise DamagedBarcode(problem="it contains unreadable characters", text=text)
    return ProductCode("code", f"store:{text}")
