"""How old the prices may be: when head office last said that this box has everything, by head office's own clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Self

from edge.store_clock import TOLERANCE
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
    then_s: float | None = None  # the same moment on the monotonic clock, if it was heard in it and since the start

    @classmethod
    def heard(cls, now: datetime, clock: Clock) -> Self:
        """Take note of what head office says in this moment, which it calls `now`."""
        return cls(now, clock.monotonic_s())

    def age_s(self, clock: Clock) -> float | None:
        """Return the seconds since then; None when the store's clock cannot be right.

        What was heard as it happened needs no wall clock while the daemon runs. The store's clock, which head office
        sets right, tells the rest; one that shows a time before the moment itself has lost the time, and tells nothing.
        """
        if self.then_s is not None:
            return max(0.0, clock.monotonic_s() - self.then_s)
        passed = clock.now() - self.as_of
        return max(0.0, passed.total_seconds()) if passed >= -TOLERANCE else None

    def age(self, clock: Clock, old_after_s: float) -> Age:
        """Tell whether people should be warned."""
        passed_s = self.age_s(clock)
        if passed_s is None:
            return "unknown"
        return "old" if passed_s > old_after_s else "fresh"
