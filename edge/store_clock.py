"""The store's time: this box's clock, set right by what head office said last.

A box may start in 1970, because its battery is dead, or be set to another year by hand. Prices, promotions and days go
by this clock; the order of what happened goes by the journal alone.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.clock import Clock

TOLERANCE = timedelta(seconds=2)  # head office tells whole seconds, and an answer travels for a while
# The newest entry says how late it was at least, unless the clock had jumped that far when it was written.
OFFLINE_LONGEST = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class LastTrust:
    """What is kept of head office's time: when it spoke last, and how far our clock was behind it."""

    heard_at: datetime
    skew: timedelta


@dataclass(slots=True)
class StoreClock:
    """A `Clock` that head office corrects. Between its words it runs on by seconds that only grow."""

    device: Clock
    trust: LastTrust | None = None
    _set: tuple[datetime, float] | None = field(default=None, init=False)  # the time, at a monotonic moment
    _not_before: tuple[datetime, float] | None = field(default=None, init=False)

    @classmethod
    def opened(cls, device: Clock, trust: LastTrust | None, newest_entry_at: datetime | None) -> "StoreClock":
        """Go on from what is known. trust: None before head office ever spoke; the box's clock is all there is then."""
        clock = cls(device, trust)
        if trust is not None:
            at_least = trust.heard_at
            if newest_entry_at is not None and newest_entry_at - at_least < OFFLINE_LONGEST:
                at_least = max(at_least, newest_entry_at)
            clock._not_before = at_least, device.monotonic_s()
        return clock

    def now(self) -> datetime:
        if self._set is not None:
            return self._run_on(self._set)
        skew = self.trust.skew if self.trust is not None else timedelta(0)
        told = self.device.now() + skew
        return told if self._not_before is None else max(told, self._run_on(self._not_before))

    @property
    def is_trusted(self) -> bool:
        """Whether head office told the time since this box was started; what cannot be undone waits for that."""
        return self._set is not None

    def monotonic_s(self) -> float:
        return self.device.monotonic_s()

    def is_off(self, told: datetime) -> bool:
        """Tell whether head office's time is another than ours."""
        return abs(told - self.now()) > TOLERANCE

    def hear(self, told: datetime) -> LastTrust:
        """Go by head office's time from now on; returns what to keep of it."""
        self._set = told if self.is_off(told) else self.now(), self.device.monotonic_s()
        self.trust = LastTrust(told, told - self.device.now())
        return self.trust

    def _run_on(self, mark: tuple[datetime, float]) -> datetime:
        at, marked_s = mark
        return at + timedelta(seconds=self.device.monotonic_s() - marked_s)
