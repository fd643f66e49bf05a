"""A shop, as its own daemon needs to know it."""

from datetime import time
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from shared.model.logo import Logo
from shared.model.strict import BasisPoints, Code, Country, Currency, Id, MinorFromZero, Name, Tolerant

Language = Literal["en", "el", "he"]


def known_timezone(name: str) -> str:
    if name not in available_timezones() or ("/" not in name and name != "UTC"):
        raise ValueError(f"{name!r} is no IANA time zone, such as Europe/London")
    return name


Timezone = Annotated[str, AfterValidator(known_timezone)]


def without_zone(cutoff: time) -> time:
    if cutoff.tzinfo is not None:
        raise ValueError("give the store's own time without a zone, such as 04:00")
    return cutoff


LocalTime = Annotated[time, AfterValidator(without_zone)]


class Store(Tolerant):
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
    day_cutoff: LocalTime = time(0, 0)  # store-local; sales before it belong to yesterday's business day
    reprice_open_baskets: bool = False  # take new promotions at once; else a basket keeps those it was begun with
    # The most that an operator may take off on the spot: of what is discounted, and in all.
    operator_discount_max_bp: BasisPoints = 2_000
    operator_discount_max_minor: MinorFromZero | None = None
    logo: Logo | None = None  # at the head of printed receipts
    receipt_barcode: bool = False  # print the receipt's number as Code 128, for shops that scan it when goods come back
    tax_rates_bp: dict[Code, BasisPoints]  # by tax class; prices include the tax
