"""In-store numbers for the demo's products: the source has stock codes but no barcodes."""

import hashlib
import re

from shared.barcodes import check_digit

PREFIX = "20"  # GS1 leaves 20 to 29 to each shop for numbers that mean something only inside it
REGULAR = re.compile(r"([0-9]{5})([A-Za-z]{0,2})")
ODD_RANGE = 10**9


def in_store_ean13(stock_code: str) -> str:
    """Return 13 digits that begin with 20 and end with a valid EAN check digit; the same for the same code always.

    A regular code is five digits and at most two letters. It can be read back, so no two of them collide:

        20 0 85123 01 00 2    85123A
        |  | |     |  |  check digit
        |  | |     |  second letter
        |  | |     first letter: 00 none, 01 to 26 for A to Z, 51 to 76 for a to z
        |  | five digits
        |  0: regular
        prefix

    Upper and lower case differ because the source sells 85123A and 85123a as two products. Any other code (POST,
    gift_0001_20) is 20 9 and nine digits, a SHA-256 of its text modulo 10**9. Two of these may in theory collide;
    the few there are do not, and a test says so.
    """
    if regular := REGULAR.fullmatch(stock_code):
        digits, letters = regular.groups()
        body = f"{PREFIX}0{digits}{''.join(map(_letter_number, letters)):0<4}"
    else:
        digest = hashlib.sha256(stock_code.encode()).digest()
        body = f"{PREFIX}9{int.from_bytes(digest) % ODD_RANGE:09d}"
    return body + check_digit(body)


def _letter_number(letter: str) -> str:
    number = ord(letter) - ord("A") + 1 if letter.isupper() else ord(letter) - ord("a") + 51
    return f"{number:02d}"
