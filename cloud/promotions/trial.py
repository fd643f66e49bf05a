"""What is asked of a trial on past orders, and what it came to."""

from collections import Counter
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from cloud.promotions.models import PROMOTIONS_MAX
from cloud.promotions.words import Written
from shared.errors import Invalid
from shared.model.strict import Code, Currency, Id, Name, Strict

ORDERS_TRIED_MAX = 1_000  # by one request: some seconds; the command may try more
ORDERS_MAX = 1_000_000  # by one command
SHOWN_MAX = 20  # orders with the biggest differences


class BadPack(Invalid):
    """The pack {pack} cannot be tried: {problem}"""

    hint = "Give a JSON file with a list of promotions, or the version of a pack that was published."


class TryRequest(Strict):
    """Promotions to try. `dates`: their first and last days count; else as if they had held all the time."""

    promotions: Annotated[tuple[Written, ...], Field(max_length=PROMOTIONS_MAX)]
    orders: Annotated[int, Field(ge=1, le=ORDERS_TRIED_MAX)] = 500
    since: date | None = None  # a business day
    dates: bool = False

    @model_validator(mode="after")
    def names_each_once(self) -> Self:
        doubled = [name for name, count in Counter(one.id for one in self.promotions).items() if count > 1]
        if doubled:
            raise ValueError(f"two promotions have the id {doubled[0]!r}")
        return self


class Sums(Strict):
    """What promotions did: in how many orders, how often, and what they took off."""

    orders: int = 0
    applications: int = 0
    discount_minor: int = 0

    def plus(self, applications: int, discount_minor: int) -> "Sums":
        return Sums(
            orders=self.orders + 1,
            applications=self.applications + applications,
            discount_minor=self.discount_minor + discount_minor,
        )


class PromotionTrial(Strict):
    """One promotion before, as it was sold, and after, as it would have been."""

    promotion_id: Code
    name: Name
    before: Sums
    after: Sums


class OrderTrial(Strict):
    """One order that would have come to something else."""

    order_id: Id
    receipt_number: Code
    store_id: Id
    gross_minor: int
    discount_before_minor: int
    discount_after_minor: int


class CurrencyTrial(Strict):
    """All orders in one currency. `different`: how many would have had another discount; the biggest come first."""

    currency: Currency
    orders: int
    different: int
    unproven: int  # where the search for the greatest discount gave up early
    gross_minor: int
    discount_before_minor: int
    discount_after_minor: int
    promotions: tuple[PromotionTrial, ...]
    biggest: tuple[OrderTrial, ...]


class Trial(Strict):
    """What past orders would have come to."""

    pack_version: Code
    promotions: int
    orders: int
    currencies: tuple[CurrencyTrial, ...]
