"""From what a scanner read to the key under which a product is found.

GTIN-8, 12, 13 and 14 are one number space: all are kept as 14 digits. Numbers that a shop gave out itself are kept
apart (`store:`), so that an id can never be taken for somebody's GTIN. Nothing here guesses: a code that could mean
two things is an error that says so.
"""

from dataclasses import dataclass
from typing import Literal

from shared.errors import Invalid
from shared.retailers.retailer import Retailer

TEXT_MAX = 58  # the longest linear code in a shop is a 48-digit GS1-128; with "store:" it fits a Code

Kind = Literal["gtin", "in_store", "code"]


class DamagedBarcode(Invalid):
    """The barcode was not read correctly: {problem}"""

    hint = "Scan it again; if it still fails, type the number under the bars."


@dataclass(frozen=True, slots=True)
class ProductCode:
    """What a code means: a worldwide number (GTIN), a number of this shop, or a code that is no number at all."""

    kind: Kind
    key: str  # as catalogues store it

    def __str__(self) -> str:
        return self.key


def check_digit(digits: str) -> str:
    """Return the GS1 check digit that belongs behind `digits` (GS1 General Specifications, section 7.9)."""
    weighted = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def read(text: str, retailer: Retailer) -> ProductCode:
    """Say what product code a scanned or typed text is.

    text: the symbol's data without symbology identifier. Digits of a GTIN's length must have a right check digit:
    eight, twelve, thirteen or fourteen digits with a wrong one are a damaged scan, never a shorter or longer code.
    Raises DamagedBarcode.
    """
    text = text.strip(" \t\r\n")
    if not text:
        raise DamagedBarcode(problem="it is empty", text="")
    if len(text) > TEXT_MAX:
        raise DamagedBarcode(problem=f"it is longer than {TEXT_MAX} characters", text=text[:TEXT_MAX])
    if not text.isprintable():
        raise DamagedBarcode(problem="it contains unreadable characters", text=text)
    if not (text.isascii() and text.isdigit() and len(text) in {8, 12, 13, 14}):
        return ProductCode("code", f"store:{text}")
    if check_digit(text[:-1]) != text[-1]:
        raise DamagedBarcode(problem="its check digit is wrong", text=text)
    if len(text) == 8 and text[0] in "02":  # RCN-8, for use in one company (GS1 General Specifications, 2.1.11)
        return ProductCode("in_store", f"store:{text}")
    gtin14 = text.zfill(14)
    # In-store numbers stand as EAN-13 20…29 (or 02, and UPC-A 2…), which is 0 and then the prefix in 14 digits.
    if gtin14[0] == "0" and len(text) > 8 and gtin14[1:3] in retailer.in_store_prefixes:
        return ProductCode("in_store", f"store:{gtin14[1:]}")
    return ProductCode("gtin", gtin14)
