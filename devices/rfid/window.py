"""Merges the reads of a tag, in bounded memory. No task and no clock."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from devices.rfid.interface import TagRead

# Tags that are remembered at once: three seconds of a storm of 6,000 strays in a second, in some megabytes.
TAGS_MAX = 20_000
TAKEN_MAX = 1_000  # at once, so that nobody waits for one long batch; a fifth of a second of a storm

Key = tuple[bytes, int, bytes | None]  # EPC, antenna, TID: chips with one EPC are two tags
Held = tuple[float, TagRead | None]  # when the window shuts, and what was read since it opened


@dataclass(slots=True)
class Window:
    """Gives each tag out at once, then at most once in `window_s` with all that was read meanwhile.

    When more than `tags_max` tags are about, those are forgotten that were given out longest ago, and then those that
    wait longest; `dropped` counts the reads that were lost by it.
    """

    window_s: float
    tags_max: int = TAGS_MAX
    dropped: int = field(default=0, init=False)
    _waiting: OrderedDict[Key, TagRead] = field(default_factory=OrderedDict, init=False)  # to be taken, oldest first
    _held: OrderedDict[Key, Held] = field(default_factory=OrderedDict, init=False)  # taken, first to shut first

    @property
    def has_waiting(self) -> bool:
        return bool(self._waiting)

    @property
    def next_shut_s(self) -> float | None:
        """When the next window shuts; there may be nothing in it."""
        return next(iter(self._held.values()))[0] if self._held else None

    def add(self, reads: Iterable[TagRead]) -> None:
        """Take reads in, in the order in which they were made."""
        waiting, held = self._waiting, self._held
        for read in reads:
            key = (read.epc, read.antenna, read.tid)
            if earlier := waiting.get(key):
                waiting[key] = merged(earlier, read)
            elif holding := held.get(key):
                shuts_s, earlier = holding
                held[key] = (shuts_s, merged(earlier, read) if earlier else read)
            else:
                if len(waiting) + len(held) >= self.tags_max:
                    self._forget_one()
                waiting[key] = read

    def take(self, now_s: float) -> tuple[TagRead, ...]:
        """Give out what waits, TAKEN_MAX at most. now_s: on the clock that the windows go by."""
        self._shut(now_s)
        waiting, held = self._waiting, self._held
        holding = (now_s + self.window_s, None)
        taken = []
        for _ in range(min(len(waiting), TAKEN_MAX)):
            key, read = waiting.popitem(last=False)
            held[key] = holding
            taken.append(read)
        return tuple(taken)

    def _shut(self, now_s: float) -> None:
        """End the windows whose time is over; what was read in them waits again."""
        while (shuts_s := self.next_shut_s) is not None and shuts_s <= now_s:
            key, (_, read) = self._held.popitem(last=False)
            if read:
                self._waiting[key] = read

    def _forget_one(self) -> None:
        if self._held:
            _, (_, lost) = self._held.popitem(last=False)
        else:
            _, lost = self._waiting.popitem(last=False)
        self.dropped += lost.seen_count if lost else 0


def merged(earlier: TagRead, later: TagRead) -> TagRead:
    """Return two reads of one tag by one antenna as one."""
    strengths = [read.rssi_cdbm for read in (earlier, later) if read.rssi_cdbm is not None]
    return TagRead(
        earlier.epc,
        earlier.antenna,
        max(strengths, default=None),
        earlier.first_seen_us,
        later.last_seen_us,
        earlier.seen_count + later.seen_count,
        earlier.pc,
        earlier.tid,
    )
