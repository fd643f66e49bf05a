"""North American coupon codes in AI 8110 and AI 8112: a row of fields, each with its own length in front.

Source: GS1 US, North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols; GS1 General
Specifications, AI 8110 and AI 8112.
"""

import re
from datetime import date

# A requirement is a length from 1 to 5 and as many digits, a code and the family of products.
LENGTH_1_TO_5 = "(?:1.|2..|3...|4....|5.....)"
REQUIREMENT = f"{LENGTH_1_TO_5}[0-49]..."
# A company's number is a length, less 6, and as many digits; 9 says that there is none.
COMPANY = "(?:" + "|".join(f"{length - 6}.{{{length}}}" for length in range(6, 13)) + ")"
SERIAL = "(?:" + "|".join(f"{length - 6}.{{{length}}}" for length in range(6, 16)) + ")"
RETAILER = "(?:" + "|".join(f"{length - 6}.{{{length}}}" for length in range(7, 14)) + ")"

COUPON = re.compile(
    f"{COMPANY}.{{6}}{LENGTH_1_TO_5}{REQUIREMENT}"
    f"(?:1[0-3]{REQUIREMENT}(?:{COMPANY}|9))?"  # a second purchase
    f"(?:2{REQUIREMENT}(?:{COMPANY}|9))?"  # a third one
    "(?:3(?P<last>.{6}))?(?:4(?P<first>.{6}))?"  # days
    f"(?:5{SERIAL})?(?:6{RETAILER})?"
    "(?:9[01256][0-2].[01])?"  # how the value is saved
)
OFFER = re.compile(f"[01]{COMPANY}.{{6}}{SERIAL}")


def is_coupon(text: str) -> bool:
    """Return whether it is a value of AI 8110."""
    match = COUPON.fullmatch(text) if text.isdigit() else None
    if match is None:
        return False
    last, first = match["last"], match["first"]
    return all(_is_day(day) for day in (last, first) if day) and not (last and first and last < first)


def is_coupon_offer(text: str) -> bool:
    """Return whether it is a value of AI 8112."""
    return text.isdigit() and bool(OFFER.fullmatch(text))


def _is_day(text: str) -> bool:
    try:
        date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return False
    return True
