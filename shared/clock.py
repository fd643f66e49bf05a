"""The only reader of the time. Whatever needs `now` is given it, so a test can live in any hour it likes."""

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells wall time for the record and monotonic time for measuring waits."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""

    def monotonic_s(self) -> float:
        """Return seconds since some fixed moment; never goes back."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()


def business_day(now: datetime, timezone: str, cutoff: time_of_day) -> date:
    """Return the day to which a sale at `now` belongs: before the cut-off hour it is still yesterday's.

    now: aware. timezone: IANA name. cutoff: store-local time, midnight for calendar days.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    # Moments are compared, not clock faces: in the hour that comes twice in autumn a day begins once.
    begun = now >= datetime.combine(today, cutoff, zone).astimezone(UTC)
    return today if begun else today - timedelta(days=1)
