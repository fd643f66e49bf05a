"""A drawer that remembers why it was opened."""

from dataclasses import dataclass, field

from devices.drawers.interface import DrawerState


@dataclass(slots=True)
class SimulatedDrawer:
    reasons: list[str] = field(default_factory=list, init=False)  # one for each opening, oldest first
    is_open: bool = field(default=False, init=False)  # until somebody pushes it in

    async def open(self, reason: str) -> None:
        assert reason
        self.reasons.append(reason)
        self.is_open = True

    async def state(self) -> DrawerState:
        return "open" if self.is_open else "closed"
