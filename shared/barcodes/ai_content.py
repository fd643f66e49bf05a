"""What the parts of an AI's value may hold. Each rule says whether a text keeps it.

Source: GS1 General Specifications, section 3, and the names and meanings of the GS1 Barcode Syntax Dictionary.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

from shared.barcodes.ai_table import Identifier, Part
from shared.barcodes.characters import CSET_39, CSET_64, CSET_82, DIGITS, LETTERS
from shared.barcodes.check_digits import check_pair, has_check_digit
from shared.barcodes.coupon_codes import is_coupon, is_coupon_offer
from shared.barcodes.damage import DamagedBarcode
from shared.barcodes.iso_codes import COUNTRY_LETTERS, COUNTRY_NUMBERS, CURRENCY_LETTERS
from shared.barcodes.package_types import PACKAGE_TYPES

CHARACTERS = {"N": frozenset(DIGITS), "X": frozenset(CSET_82), "Y": frozenset(CSET_39), "Z": frozenset(CSET_64 + "=")}
CHARACTER_NAMES = {"N": "a digit", "X": "of GS1's 82 characters", "Y": "of GS1's 39 characters", "Z": "of base 64"}


def check(identifier: Identifier, value: str) -> None:
    """Raises DamagedBarcode with what is wrong with a value."""
    rest = value
    for part in identifier.parts:
        if part.is_optional and not rest:
            return
        _check_part(identifier.ai, part, rest[: part.longest])
        rest = rest[part.longest :]
    if rest:
        raise DamagedBarcode(problem=f"the value of AI {identifier.ai} is longer than {identifier.longest} characters")


def is_right(identifier: Identifier, value: str) -> bool:
    """Return whether `check` has nothing against a value."""
    try:
        check(identifier, value)
    except DamagedBarcode:
        return False
    return True


def split(identifier: Identifier, value: str) -> list[str]:
    """Return the parts of a value that has been checked."""
    parts = []
    for part in identifier.parts:
        if value:
            parts.append(value[: part.longest])
            value = value[part.longest :]
    return parts


def _check_part(ai: str, part: Part, text: str) -> None:
    if wrong := set(text) - CHARACTERS[part.characters]:
        named = ", ".join(repr(character) for character in sorted(wrong))
        raise DamagedBarcode(problem=f"AI {ai} holds {named}, which is not {CHARACTER_NAMES[part.characters]}")
    if len(text) < part.shortest:
        raise DamagedBarcode(problem=f"the value of AI {ai} is too short")
    for name in part.rules:
        is_kept, demand = RULES[name]
        if not is_kept(text):
            raise DamagedBarcode(problem=f"AI {ai}: {text} is not {demand}")


def is_date(text: str, *, day_may_be_0: bool = False) -> bool:
    """Return whether YYMMDD is a day. Of the centuries that YY may mean, 1900 and 2100 alone have no leap day."""
    return is_whole_date(f"20{text}", day_may_be_0=day_may_be_0)


def is_whole_date(text: str, *, day_may_be_0: bool = False) -> bool:
    """Return whether YYYYMMDD is a day."""
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    try:
        date(year, month, day or (1 if day_may_be_0 else 0))
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """Return whether HHMM is a time of day."""
    return is_hour(text[:2]) and is_sixtieth(text[2:])


def is_hour(text: str) -> bool:
    return int(text) < 24


def is_sixtieth(text: str) -> bool:
    """Return whether it is a minute or a second."""
    return int(text) < 60


def has_company_prefix(text: str) -> bool:
    """Return whether it can begin with a GS1 company prefix, the shortest of which have four digits."""
    return len(text) >= 4 and all(character in DIGITS for character in text[:4])


def has_check_pair(text: str) -> bool:
    return len(text) > 2 and check_pair(text[:-2]) == text[-2:]


def is_piece_of_total(text: str) -> bool:
    """Return whether it is such as 0103: the first of three."""
    return 1 <= int(text[:2]) <= int(text[2:])


def is_place_of_total(text: str) -> bool:
    """Return whether it is such as 1/3: the first born of three."""
    match = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", text)
    return match is not None and int(match[1]) <= int(match[2])


def is_iban(text: str) -> bool:
    """Return whether it is an international bank account number (ISO 13616, modulo 97)."""
    if not re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]{7,30}", text) or text[:2] not in COUNTRY_LETTERS:
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def is_padded(text: str) -> bool:
    """Return whether = stands at the end only, and only where the length asks for it as GS1's own reader has it."""
    bare = text.rstrip("=")
    padding = len(text) - len(bare)
    return "=" not in bare and (padding == 0 or (padding <= 2 and len(text) % 3 == 0))


def is_percent_encoded(text: str) -> bool:
    return not re.search(r"%(?![0-9A-Fa-f]{2})", text)


# By name: the rule, and what a value must be, in words.
RULES: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "above_zero": (lambda text: int(text) > 0, "above zero"),
    "check": (has_check_digit, "a number with the right check digit"),
    "check_pair": (has_check_pair, "a text with the right check characters"),
    "country": (COUNTRY_NUMBERS.__contains__, "a country's number (ISO 3166)"),
    "country_letters": (COUNTRY_LETTERS.__contains__, "a country's two letters (ISO 3166)"),
    "country_or_many": (lambda text: text == "999" or text in COUNTRY_NUMBERS, "a country's number, or 999 for many"),
    "coupon": (is_coupon, "a North American coupon code"),
    "coupon_offer": (is_coupon_offer, "a North American coupon of an offer file"),
    "currency": (CURRENCY_LETTERS.__contains__, "a currency's number (ISO 4217)"),
    "date": (is_date, "a date YYMMDD"),
    "date0": (lambda text: is_date(text, day_may_be_0=True), "a date YYMMDD, or YYMM00"),
    "hour": (is_hour, "an hour"),
    "iban": (is_iban, "an IBAN"),
    "importer": ((LETTERS + DIGITS + "-_").__contains__, "an importer's index"),
    "latitude": (lambda text: int(text) <= 180 * 10**7, "a latitude"),
    "letter": (lambda text: not text.isdigit(), "a text with something else than digits"),
    "longitude": (lambda text: int(text) <= 360 * 10**7, "a longitude"),
    "medium": (lambda text: 1 <= int(text) <= 10 or int(text) >= 80, "a type of medium"),
    "minus": ("-".__eq__, "a minus sign"),
    "not_zero_first": (lambda text: not text.startswith("0"), "without a zero in front"),
    "package": (PACKAGE_TYPES.__contains__, "a type of package"),
    "padding": (is_padded, "padded as base 64 is"),
    "percent": (is_percent_encoded, "percent-encoded"),
    "piece_of_total": (is_piece_of_total, "a piece and the total, such as 0103"),
    "place_of_total": (is_place_of_total, "a place and the total, such as 1/3"),
    "prefix": (has_company_prefix, "a text that begins with a GS1 company prefix"),
    "sex": (frozenset("0129").__contains__, "a sex (ISO 5218)"),
    "sixtieth": (is_sixtieth, "a minute or second"),
    "time": (is_time, "a time HHMM"),
    "whole_date": (is_whole_date, "a date YYYYMMDD"),
    "winding": (frozenset("019").__contains__, "a winding direction"),
    "yes_or_no": (frozenset("01").__contains__, "0 or 1"),
    "zero": ("0".__eq__, "0"),
}
