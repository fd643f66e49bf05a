"""What is asked of a trial on past orders, and what it came to."""

from collections import Counter
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from cloud.promotions.models import PROMOTIONS_MAX
from cloud.promotions.words import Written
from shared.errors import Conflict, Invalid
from shared.model.strict import Code, Currency, Id, Name, Strict

ORDERS_TRIED_MAX = 1_000  # by one request: some seconds; the command may try more
ORDERS_MAX = 1_000_000  # by one command
ORDERS_IN_BACKGROUND_MAX = 200_000  # some minutes
SHOWN_MAX = 20  # orders with the biggest differences


class BadPack(Invalid):
    """The pack {pack} cannot be tried: {problem}"""

    hint = "Give a JSON file with a list of promotions, or the version of a pack that was published."


class TooManyTrials(Conflict):
    """{most} trials wait already."""

    hint = "Wait until one is done, or stop one."


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


class TrialRequest(Strict):
    """What shall be tried in the background: a pack that was published or waits, or what is written here now.

    pack: its version; without one the active promotions, and with `drafts` also those that are drafts.
    since, until: business days, inclusive. orders: at most so many, the last to arrive first.
    """

    pack: Code | None = None
    drafts: bool = False
    since: date | None = None
    until: date | None = None
    orders: Annotated[int, Field(ge=1, le=ORDERS_IN_BACKGROUND_MAX)] = 10_000
    dates: bool = False

    @model_validator(mode="after")
    def begins_before_it_ends(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("until must not lie before since")
        return self


class TrialView(Strict):
    """A trial that was asked for. It is known to the service that runs it until that ends, or newer ones need room."""

    id: Id
    request: TrialRequest
    state: Literal["waiting", "running", "done", "stopped", "failed"]
    asked_at: AwareDatetime
    orders_done: int
    orders_total: int | None  # None while it waits
    result: "Trial | None"
    problem: str | None  # why it failed


class TrialList(Strict):
    """Trials, the newest first, without their results."""

    trials: tuple[TrialView, ...]


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
