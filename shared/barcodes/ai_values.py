"""What the values of application identifiers mean: dates, measures, amounts.

Source: GS1 General Specifications, section 3; section 7.12 for the century of a year of two digits.
"""

import calendar
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import unquote_plus

from shared.barcodes import ai_content, ai_table
from shared.barcodes.element_string import Element
from shared.barcodes.iso_codes import CURRENCY_LETTERS


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as a symbol states it."""

    currency: str
    value: Decimal  # in whole units of the currency


Value = str | int | Decimal | date | datetime | Amount | tuple[date, ...]

# AIs by what their values are; the others are texts.
DATES = re.compile("1[1-7]|4326|7006|7250")
MOMENTS = re.compile("432[45]|7003|7011|7251|8008")
COUNTS = re.compile("30|37")
TEMPERATURES = re.compile("433[0-3]")
ENCODED = re.compile("43[01][0-6]|4320|7253|7254|7256|7257|7259")
DECIMAL = re.compile(r"(3[1-6]\d|390|392|394|395)(\d)")
AMOUNT = re.compile(r"(391|393)(\d)")


def typed(elements: Iterable[Element], year: int) -> dict[str, Value]:
    """Return the meaning of values that have been checked, by AI.

    year: the present one. YY means the year nearest to it, at most 49 behind and 50 before it.
    """
    return {element.ai: _typed(element, year) for element in elements}


def _typed(element: Element, year: int) -> Value:
    ai, value = element
    parts = ai_content.split(ai_table.identifiers()[ai], value)
    if COUNTS.fullmatch(ai):
        return int(value)
    if DATES.fullmatch(ai):
        return _date(value, year)
    if MOMENTS.fullmatch(ai):
        return _moment(parts, year)
    if ai == "7007":
        return tuple(_date(part, year) for part in parts)
    if match := DECIMAL.fullmatch(ai):
        return Decimal(value).scaleb(-int(match[2]))
    if match := AMOUNT.fullmatch(ai):
        return Amount(CURRENCY_LETTERS[parts[0]], Decimal(parts[1]).scaleb(-int(match[2])))
    if TEMPERATURES.fullmatch(ai):
        degrees = Decimal(parts[0]).scaleb(-2)
        return -degrees if len(parts) > 1 else degrees
    return unquote_plus(value) if ENCODED.fullmatch(ai) else value


def _date(text: str, year: int) -> date:
    """Read YYMMDD or YYYYMMDD. Day 00 is the last of the month."""
    *years, month, day = (int(text[place : place + 2]) for place in range(0, len(text), 2))
    whole = years[0] * 100 + years[1] if len(years) > 1 else _whole_year(years[0], year)
    return date(whole, month, day or calendar.monthrange(whole, month)[1])


def _moment(parts: Sequence[str], year: int) -> date | datetime:
    day = _date(parts[0], year)
    hours = "".join(parts[1:])
    if not hours:
        return day
    hour, minute, second = (int(hours[place : place + 2] or 0) for place in (0, 2, 4))
    return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 (a symbol states local time)


def _whole_year(two_digits: int, year: int) -> int:
    century, now = year - year % 100, year % 100
    if two_digits - now >= 51:
        return century - 100 + two_digits
    if two_digits - now <= -50:
        return century + 100 + two_digits
    return century + two_digits


def shown(value: Value) -> object:
    """Return a value as JSON says it: exact numbers and moments (ISO 8601) as texts."""
    show = next(how for kind, how in SHOWN.items() if isinstance(value, kind))
    return show(value)


SHOWN: dict[type, Callable[..., object]] = {
    str: str,
    int: str,
    Decimal: "{:f}".format,
    datetime: lambda moment: moment.isoformat(timespec="seconds" if moment.second else "minutes"),
    date: date.isoformat,
    Amount: lambda amount: {"currency": amount.currency, "amount": f"{amount.value:f}"},
    tuple: lambda days: [day.isoformat() for day in days],
}
