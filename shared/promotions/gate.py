"""When and for whom a promotion is open, and how much of it one basket may have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from shared.model.strict import Code, Strict
from shared.promotions.selector import Codes

Shut = Literal[
    "coupon", "member", "not_yet", "over", "day", "hour", "store", "channel", "used_by_customer", "used_up", "no_clock"
]
DAY = timedelta(days=1)
DAY_MINUTES = 24 * 60
OPENINGS_DAYS = 15  # two weeks: a promotion that opens at all opens in the first, and again in the second
TICK = timedelta(microseconds=1)
EARLIEST, LATEST = datetime.fromisoformat("0001-01-01"), datetime.fromisoformat("9999-12-31T23:59:59.999999")


def window(first: str | None, last: str | None) -> tuple[datetime, datetime]:
    """Return what `from` and `to` mean: both moments belong to it, and a `to` without a time is that whole day."""
    begins = datetime.fromisoformat(first) if first else EARLIEST
    ends = datetime.fromisoformat(last) if last else LATEST
    is_day = last is not None and len(last) <= len("2026-11-30")
    return begins, min(ends, LATEST - DAY) + DAY - TICK if is_day else ends


def _local(text: str) -> str:
    """Accept a day or a moment in ISO 8601, without a zone: a promotion opens by each store's own clock."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no date like 2026-11-30 or time like 2026-11-30T17:00") from error
    if moment.tzinfo is not None:
        raise ValueError(f"{text!r} names a zone; give the store's local time without one")
    return text


def _hour(value: object) -> object:
    """Accept 17, "17" and "17:30"; keep "17:30"."""
    text = f"{value:02d}:00" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and (minutes or "0").isdecimal()):
        raise ValueError(f"{value!r} is no hour like 17 or 17:30")
    of_day = int(hours) * 60 + int(minutes or 0)
    if not 0 <= of_day <= 24 * 60 or int(minutes or 0) > 59:
        raise ValueError(f"{value!r} is not between 00:00 and 24:00")
    return f"{of_day // 60:02d}:{of_day % 60:02d}"


Weekday = Annotated[int, Field(ge=1, le=7)]  # Monday is 1
Uses = Annotated[int, Field(ge=0)]
LocalTime = Annotated[str, AfterValidator(_local)]
Hour = Annotated[str, BeforeValidator(_hour)]


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a basket while it is priced.

    now: the store's local time, without a zone. uses: of each promotion by this customer; uses_total: by everybody.
    """

    now: datetime | None = None
    coupons: frozenset[str] = frozenset()
    member_tags: frozenset[str] = frozenset()
    store: str | None = None
    channel: str | None = None
    uses: Mapping[str, int] = field(default_factory=dict)
    uses_total: Mapping[str, int] = field(default_factory=dict)


NOWHERE = Context()


class Gate(Strict):
    """Every condition that is given must hold.

    `from` and `to` are inclusive, and a `to` without a time of day is the whole day. `hours` is [from, to); hours that
    end before they begin go past midnight and belong to the day on which they began.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    coupon: Code | None = None
    member_tag: Code | None = None
    from_: LocalTime | None = Field(default=None, alias="from")
    to: LocalTime | None = None
    days: Annotated[tuple[Weekday, ...], Field(max_length=7)] | None = None
    hours: tuple[Hour, Hour] | None = None
    stores: Codes | None = None
    channels: Codes | None = None
    max_uses_per_customer: Uses | None = None
    max_uses_total: Uses | None = None

    def shut(self, promotion_id: str, around: Context) -> Shut | None:
        """Return the first condition that does not hold."""
        if self.coupon is not None and self.coupon not in around.coupons:
            return "coupon"
        if self.member_tag is not None and self.member_tag not in around.member_tags:
            return "member"
        if self.stores is not None and around.store not in self.stores:
            return "store"
        if self.channels is not None and around.channel not in self.channels:
            return "channel"
        if self.max_uses_per_customer is not None and around.uses.get(promotion_id, 0) >= self.max_uses_per_customer:
            return "used_by_customer"
        if self.max_uses_total is not None and around.uses_total.get(promotion_id, 0) >= self.max_uses_total:
            return "used_up"
        return self._shut_now(around.now) if self.is_timed else None

    @cached_property
    def is_timed(self) -> bool:
        return not (self.from_ is None and self.to is None and self.days is None and self.hours is None)

    @cached_property
    def window(self) -> tuple[datetime, datetime]:
        """The first and the last moment at which it may be open, by each store's own clock."""
        return window(self.from_, self.to)

    def openings(self) -> Iterator[tuple[datetime, datetime]]:
        """Yield the first and the last moment of each time at which the clock has it open, the earliest first.

        Those of the first two weeks stand for all: days and hours begin anew each week.
        """
        first, last = self.window
        if first > last:
            return
        if self.days is None and self.hours is None:
            yield first, last
            return
        start, end = self._minutes or (0, DAY_MINUTES)
        length = timedelta(minutes=end - start if start <= end else DAY_MINUTES + end - start)
        for number in range(-1, OPENINGS_DAYS):  # the hours of the day before may reach into the first
            ordinal = first.toordinal() + number
            if not EARLIEST.toordinal() <= ordinal <= min(last, LATEST - 2 * DAY).toordinal():
                continue
            day = datetime.fromordinal(ordinal)
            begins = day + timedelta(minutes=start)
            opens, shuts = max(begins, first), min(begins + length - TICK, last)
            if opens <= shuts and (self.days is None or day.isoweekday() in self.days):
                yield opens, shuts

    @cached_property
    def _minutes(self) -> tuple[int, int] | None:
        if self.hours is None:
            return None
        start, end = (int(hour[:2]) * 60 + int(hour[3:]) for hour in self.hours)
        return start, end

    def _shut_now(self, now: datetime | None) -> Shut | None:
        if now is None:
            return "no_clock"
        first, last = self.window
        if now < first:
            return "not_yet"
        if now > last:
            return "over"
        opened = now  # the moment whose day counts
        if self._minutes is not None:
            start, end = self._minutes
            minute = now.hour * 60 + now.minute
            if start <= end:
                if not start <= minute < end:
                    return "hour"
            elif minute < end:
                opened = now - DAY
            elif minute < start:
                return "hour"
        if self.days is not None and opened.isoweekday() not in self.days:
            return "day"
        return None


class Limits(Strict):
    """How much of a promotion one basket may have. Units are those that it consumes."""

    max_units: Annotated[int, Field(ge=0)] | None = None
    max_units_per_line: Annotated[int, Field(ge=0)] | None = None
    max_applications: Annotated[int, Field(ge=0)] | None = None
    max_discount: Annotated[int, Field(ge=0)] | None = None

    @cached_property
    def given(self) -> bool:
        """Whether there is any."""
        limits = (self.max_units, self.max_units_per_line, self.max_applications, self.max_discount)
        return any(limit is not None for limit in limits)


ALWAYS = Gate()
UNLIMITED = Limits()
