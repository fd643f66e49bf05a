"""Reading one written value. Every function returns what the case format holds, or raises Wrong in a buyer's words."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from unicodedata import category

from pydantic import TypeAdapter, ValidationError

from cloud.promotions.imports.staged import Wrong, quoted
from shared.currencies import exponent, plain
from shared.model.strict import Code, Name
from shared.promotions.selector import SELECTED_MAX

MINOR_MAX = 10**13  # as everywhere: JSON numbers stay exact
AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,6}))?")
PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))? ?%")
WHOLE = re.compile(r"-?[0-9]{1,9}")
HOURS = re.compile(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})")
MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?")
DAYS = re.compile(r"[1-7](?:-[1-7])?")
# What a spreadsheet would run when somebody opens an export of ours. "-20 % on tea" is a name and runs nothing.
FORMULA = re.compile(r"[=+@＝＋＠－\t\r]|-(?![ ]?[0-9]+(?:[.,][0-9]+)? ?(?:%|[A-Z]{3}\b|$)[^(|!=]*$)")
YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

A_CODE: TypeAdapter[str] = TypeAdapter(Code)
A_NAME: TypeAdapter[str] = TypeAdapter(Name)


@dataclass(frozen=True, slots=True)
class Notation:
    """How a file writes amounts: in the main unit, with at most the currency's decimals."""

    currency: str
    decimal_comma: bool = False  # where lists are separated by semicolons, the comma is the decimal mark

    @property
    def with_points(self) -> "Notation":
        return Notation(self.currency)


Reader = Callable[[str, Notation], object]


def code(text: str, notation: Notation) -> str:
    """Read an id, sku, tag or coupon."""
    no_formula(text)
    try:
        return A_CODE.validate_python(text)
    except ValidationError as error:
        message = f"{quoted(text)} is no code"
        raise Wrong("bad-code", message, "Use 1 to 64 characters, with single spaces inside at most.") from error


def name(text: str, notation: Notation) -> str:
    """Read a text for people."""
    no_formula(text)
    try:
        found = A_NAME.validate_python(text)
    except ValidationError as error:
        raise Wrong("bad-name", f"{quoted(text)} is too long", "Use at most 200 characters.") from error
    if any(category(letter) == "Cc" for letter in found):
        raise Wrong("bad-name", f"{quoted(text)} holds a control character", "Type the name anew.")
    return found


def codes(text: str, notation: Notation) -> list[str]:
    """Read `111|222`, each once, in the order written."""
    return _listed(text, code, notation)


def names(text: str, notation: Notation) -> list[str]:
    return _listed(text, name, notation)


def _listed(text: str, read: Callable[[str, Notation], str], notation: Notation) -> list[str]:
    return distinct(read(part.strip(), notation) for part in text.split("|") if part.strip())


def distinct(found: Iterable[str]) -> list[str]:
    """Return each text once. Raises Wrong when there are more than one group may name, or none."""
    once = list(dict.fromkeys(found))
    if not once:
        raise Wrong("empty-list", "the list names nothing", "Name at least one, or leave the field empty.")
    if len(once) > SELECTED_MAX:
        raise Wrong("too-many", f"{len(once)} are listed; {SELECTED_MAX} are allowed", "Use a tag for large groups.")
    return once


def no_formula(text: str) -> None:
    """Refuse what a spreadsheet would run instead of showing it."""
    if FORMULA.match(text):
        raise Wrong("formula", f"{quoted(text)} looks like a formula", "Begin the text with a letter or a digit.")


def amount(text: str, notation: Notation) -> int:
    """Read `12.50` into minor units. A thousands mark is never taken: 1.234 is not 1,234."""
    main = text.replace(",", ".") if notation.decimal_comma and "." not in text else text
    found = AMOUNT.fullmatch(main)
    if not found:
        example = plain(12 * 10 ** exponent(notation.currency), notation.currency)
        raise Wrong("bad-amount", f"{quoted(text)} is no amount", f"Write it like {example}, without thousands marks.")
    decimals, allowed = found[2] or "", exponent(notation.currency)
    if len(decimals) > allowed:
        message = f"{quoted(text)} has {len(decimals)} decimals; {notation.currency} has {allowed}"
        raise Wrong("too-many-decimals", message, "Amounts are in the main unit; leave out thousands marks.")
    minor = int(found[1] + decimals.ljust(allowed, "0"))
    if minor > MINOR_MAX:
        raise Wrong("bad-amount", f"{quoted(text)} is more than any price", "Check the decimal point.")
    return minor


def percent(text: str, notation: Notation) -> int:
    """Read `12.5%` into basis points."""
    found = PERCENT.fullmatch(text.replace(",", ".") if notation.decimal_comma else text)
    points = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else -1
    if not 0 <= points <= 10_000:
        raise Wrong("bad-percent", f"{quoted(text)} is no percentage", "Write it like 10% or 12.5%, at most 100%.")
    return points


def whole(low: int, high: int = 10**9) -> Callable[[str, Notation], int]:
    """Make a reader of whole numbers between two bounds."""

    def read(text: str, notation: Notation) -> int:
        number = int(text) if WHOLE.fullmatch(text) else low - 1
        if not low <= number <= high:
            raise Wrong("bad-number", f"{quoted(text)} is no whole number from {low} to {high}", "Correct the number.")
        return number

    return read


def one_of(*choices: str) -> Callable[[str, Notation], str]:
    """Make a reader of one word of several."""

    def read(text: str, notation: Notation) -> str:
        if text.lower() not in choices:
            raise Wrong("unknown-word", f"{quoted(text)} is not known here", f"Write one of: {', '.join(choices)}.")
        return text.lower()

    return read


def flag(text: str, notation: Notation) -> bool:
    if text.lower() not in YES_NO:
        raise Wrong("unknown-word", f"{quoted(text)} is neither yes nor no", "Write yes or no.")
    return YES_NO[text.lower()]


def yes(text: str, notation: Notation) -> bool:
    """Read a condition that is there or not: a written `no` would look like a condition and be none."""
    if not flag(text, notation):
        raise Wrong("unknown-word", f"{quoted(text)} says nothing here", "Write yes, or leave it empty.")
    return True


def moment(text: str, notation: Notation) -> str:
    """Read a day, or a time of the store's own clock. A `to` that is a day means the whole day."""
    found = MOMENT.fullmatch(text)
    day, time = found.groups() if found else ("", None)
    try:
        datetime.fromisoformat(f"{day}T{time or '00:00'}")
    except ValueError as error:
        hint = "Write it like 2026-11-30 or 2026-11-30 17:00."
        raise Wrong("bad-date", f"{quoted(text)} is no day or time", hint) from error
    return f"{day}T{time}" if time else day


def days(text: str, notation: Notation) -> list[int]:
    """Read `1-5|7`: Monday is 1."""
    found: set[int] = set()
    for part in text.split("|"):
        first, last = part.strip()[:1], part.strip()[-1:]
        if not DAYS.fullmatch(part.strip()) or first > last:
            raise Wrong("bad-days", f"{quoted(text)} are no days", "Write days like 1-5|7; Monday is 1.")
        found.update(range(int(first), int(last) + 1))
    return sorted(found)


def hours(text: str, notation: Notation) -> list[str]:
    """Read `17:00-19:30`; hours that end before they begin go past midnight."""
    found = HOURS.fullmatch(text.replace(" ", ""))
    start, end = found.groups() if found else ("", "")
    if start == end or not all(hour <= "24:00" and hour[3:] <= "59" for hour in (start, end)):
        raise Wrong("bad-hours", f"{quoted(text)} are no hours", "Write hours like 17:00-19:30.")
    return [start, end]
