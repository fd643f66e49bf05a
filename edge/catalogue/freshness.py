"""How old the prices may be: when head office last said that this box has everything, by head office's own clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Self

from shared.clock import Clock

Age = Literal["fresh", "old", "unknown"]

KEPT_EVERY = timedelta(seconds=15)  # what a power cut may make them look older than they are


@dataclass(frozen=True, slots=True)
class Prices:
    """How old the prices may be, in this moment."""

    as_of: datetime | None  # head office's clock; None: it never said that they are the newest
    age_s: float | None  # None when that cannot be told
    state: Age


@dataclass(frozen=True, slots=True)
class Freshness:
    """A moment at which the catalogue was head office's newest, and what is needed to tell how long ago that was."""

    as_of: datetime  # head office's clock
    skew_s: float  # that clock less ours, when it was heard
    heard_s: float | None = None  # on the monotonic clock; None after a restart

    @classmethod
    def heard(cls, as_of: datetime, clock: Clock) -> Self:
        """Take note of what head office says in this moment."""
        return cls(as_of, (as_of - clock.now()).total_seconds(), clock.monotonic_s())

    def age_s(self, clock: Clock) -> float | None:
        """Return the seconds since then; None when our clock, read after a restart, cannot be right.

        While the daemon runs nobody's wall clock is asked. After that the box's clock is, with the skew that head
        office told; a clock that fell back behind the moment itself has lost the time, and tells nothing.
        """
        if self.heard_s is not None:
            return max(0.0, clock.monotonic_s() - self.heard_s)
        passed_s = (clock.now() - self.as_of).total_seconds() + self.skew_s
        return passed_s if passed_s >= 0 else None

    def age(self, clock: Clock, old_after_s: float) -> Age:
        """Tell whether people should be warned."""
        passed_s = self.age_s(clock)
        if passed_s is None:
            return "unknown"
        return "old" if passed_s > old_after_s else "fresh"
