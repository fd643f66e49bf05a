"""A shop, as its own daemon needs to know it."""

from datetime import time
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from shared.model.strict import BasisPoints, Code, Country, Currency, Id, Name, Strict

Language = Literal["en", "el", "he"]


def known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no IANA time zone, such as Europe/London")
    return name


Timezone = Annotated[str, AfterValidator(known_timezone)]


class Store(Strict):
    """A shop and the settings that head office sends to it as one feed row."""

    id: Id
    code: Code  # short, printed on receipts
    name: Name
    address: tuple[Name, ...] = Field(default=(), max_length=4)
    country: Country
    currency: Currency
    timezone: Timezone
    language: Language = "en"
    retailer: Code = "plain"  # which file of shared/retailers describes its ways
    day_cutoff: time = time(0, 0)  # store-local; sales before it belong to yesterday's business day
    tax_rates_bp: dict[Code, BasisPoints]  # by tax class; prices include the tax
