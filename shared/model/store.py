"""A shop, as its own daemon needs to know it."""

from datetime import time
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, Field

from shared.currencies import CashRule, cash_rule
from shared.model.logo import Logo
from shared.model.special import DonationMinor
from shared.model.strict import BasisPoints, Code, Country, Currency, Id, MinorFromZero, Name, Strict, Tolerant

DONATION_AMOUNTS_MAX = 4  # offered at once; more are a form, not a question

Language = Literal["en", "el", "he"]


@cache
def _timezones() -> frozenset[str]:
    """Return all names: asking for them walks through a thousand files, and a store is read with every order."""
    return frozenset(available_timezones())


def known_timezone(name: str) -> str:
    if name not in _timezones() or ("/" not in name and name != "UTC"):
        raise ValueError(f"{name!r} is no IANA time zone, such as Europe/London")
    return name


Timezone = Annotated[str, AfterValidator(known_timezone)]


def without_zone(cutoff: time) -> time:
    if cutoff.tzinfo is not None:
        raise ValueError("give the store's own time without a zone, such as 04:00")
    return cutoff


LocalTime = Annotated[time, AfterValidator(without_zone)]
CashIncrement = Annotated[int, Field(ge=1, le=10_000)]


class StoreSettings(Strict):
    """What head office may change of a shop at any time. Its prices include the taxes."""

    name: Name
    address: tuple[Name, ...] = Field(default=(), max_length=4)
    timezone: Timezone
    language: Language = "en"
    retailer: Code = "plain"  # which file of shared/retailers describes its ways
    day_cutoff: LocalTime = time(0, 0)  # store-local; sales before it belong to yesterday's business day
    reprice_open_baskets: bool = False  # take new promotions at once; else a basket keeps those it was begun with
    # The most that an operator may take off on the spot: of what is discounted, and in all.
    operator_discount_max_bp: BasisPoints = 2_000
    operator_discount_max_minor: MinorFromZero | None = None
    asks_for_donations: bool = True  # when paying, while any donation campaign runs
    donation_amounts_minor: tuple[DonationMinor, ...] = Field(default=(), max_length=DONATION_AMOUNTS_MAX)
    # The smallest cash that changes hands, where the shop rounds otherwise than its country's rule.
    cash_increment_minor: CashIncrement | None = None
    logo: Logo | None = None  # at the head of printed receipts
    receipt_barcode: bool = False  # print the receipt's number as Code 128, for shops that scan it when goods come back


class Store(StoreSettings, Tolerant):
    """A shop and its settings, as head office sends it as one feed row. What stands here alone never changes."""

    model_config = ConfigDict(extra="ignore")

    id: Id
    code: Code  # short, printed on receipts
    country: Country
    currency: Currency
    tax_rates_bp: dict[Code, BasisPoints]  # by tax class

    @property
    def cash_rule(self) -> CashRule:
        """How cash is rounded here: as the country says, unless the shop has a rule of its own."""
        if self.cash_increment_minor is not None:
            return CashRule(self.cash_increment_minor)
        return cash_rule(self.country, self.currency)
