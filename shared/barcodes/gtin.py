"""The numbers of EAN and UPC symbols, and the add-ons beside them.

Source: GS1 General Specifications, sections 5.2 (symbols, UPC-E) and 7.9.1 (check digit).
"""

import re

from shared.barcodes.check_digits import check_digit, has_check_digit
from shared.barcodes.damage import DamagedBarcode

LENGTHS = frozenset({8, 12, 13, 14})
DIGITS = re.compile("[0-9]+")

# Only serials (ISSN) and books (ISBN) bear add-ons, and no other number that shops meet looks so; elsewhere a blank or
# the scanner must say that it is one.
ADD_ON = re.compile("(97[789][0-9]{10}|[0-9]{12,13}(?= )) ?([0-9]{2}|[0-9]{5})")
UPC_E = re.compile("[01][0-9]{6,7}")


def is_digits(text: str) -> bool:
    """Return whether it is made of 0 to 9 alone; other scripts' digits are no numbers of GS1."""
    return bool(DIGITS.fullmatch(text))


def checked(digits: str) -> str:
    """Return a number whose check digit is right. Raises DamagedBarcode."""
    if not has_check_digit(digits):
        raise DamagedBarcode(problem="its check digit is wrong")
    return digits


def expanded_upc_e(digits: str) -> str:
    """Return the UPC-A of a UPC-E: number system 0 or 1, six digits, and the check digit, which may be missing.

    Raises DamagedBarcode.
    """
    if not UPC_E.fullmatch(digits):
        raise DamagedBarcode(problem="it is no UPC-E, which has the number system 0 or 1 and six digits")
    system, five, last = digits[0], digits[1:6], digits[6]
    if last in "012":
        body = f"{five[:2]}{last}0000{five[2:]}"
    elif last in "34":
        body = f"{five[: int(last)]}00000{five[int(last) :]}"
    else:
        body = f"{five}0000{last}"
    upc_a = system + body
    return checked(upc_a + (digits[7:] or check_digit(upc_a)))


def is_upc_e(digits: str) -> bool:
    """Return whether eight digits are a UPC-E and cannot be an EAN-8, because only one of the check digits is right."""
    if not UPC_E.fullmatch(digits) or has_check_digit(digits):
        return False
    try:
        return bool(expanded_upc_e(digits))
    except DamagedBarcode:
        return False
