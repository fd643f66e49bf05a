"""A drawer that remembers why it was opened."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class SimulatedDrawer:
    reasons: list[str] = field(default_factory=list, init=False)  # one for each opening, oldest first

    async def open(self, reason: str) -> None:
        assert reason
        self.reasons.append(reason)
