"""Which changes of a device are written down: each once, and not so many that a loose cable fills the journal."""

from collections import deque
from dataclasses import dataclass, field

from devices.supervision import DeviceState
from shared.events.devices import DeviceChange, DeviceConnected, DeviceDegraded, DeviceFailed

HOUR_S = 3600.0
CHANGES_PER_HOUR_MAX = 12
TEXT_MAX = 200  # of a title; an address in it may be long


@dataclass(slots=True)
class DeviceLife:
    """What was written down of one device. Times are monotonic, so that a clock that jumps changes nothing."""

    written: DeviceState | None = None
    changes: int = 0  # that were seen until then
    times_s: deque[float] = field(default_factory=lambda: deque(maxlen=CHANGES_PER_HOUR_MAX))

    def is_due(self, state: DeviceState, now_s: float) -> bool:
        """Tell whether this state is to be written down now."""
        if state.state == "connecting" or state == self.written:
            return False
        return len(self.times_s) < CHANGES_PER_HOUR_MAX or now_s - self.times_s[0] >= HOUR_S

    def write(self, state: DeviceState, changes: int, now_s: float) -> DeviceChange:
        """Return the fact, and take note that it is written.

        changes: how many there were since the daemon started, this one among them.
        """
        left_out = max(0, changes - self.changes - 1)
        self.written, self.changes = state, changes
        self.times_s.append(now_s)
        return fact(state, left_out)


def fact(state: DeviceState, left_out: int) -> DeviceChange:
    """Return what a state is in the journal's words."""
    if state.state == "ready":
        return DeviceConnected(device=state.name, kind=state.kind, left_out=left_out)
    happened = DeviceDegraded if state.state == "degraded" else DeviceFailed
    return happened(
        device=state.name,
        kind=state.kind,
        left_out=left_out,
        reason=state.code or "unknown",
        title=(state.title or state.state)[:TEXT_MAX],
        hint=(state.hint or "Look at it.")[:TEXT_MAX],
    )
