"""How far nodes have come with the feed, noted in memory first: ten thousand that ask are written down together."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Position:
    """Where a node stands: it has applied everything up to `cursor`."""

    tenant_id: str
    cursor: int
    fresh_at: datetime | None  # when nothing newer was there for it; None when there is news that it has not taken yet


@dataclass(slots=True)
class Positions:
    """The newest position of each node that asked since they were last written down."""

    noted: dict[str, Position] = field(default_factory=dict)  # by node

    def note(self, node_id: str, position: Position) -> None:
        """Take note; what is known to have been fresh stays known while news are on their way."""
        known = self.noted.get(node_id)
        if position.fresh_at is None and known is not None:
            position = Position(position.tenant_id, position.cursor, known.fresh_at)
        self.noted[node_id] = position

    def take(self) -> dict[str, Position]:
        """Return what is noted and forget it."""
        taken, self.noted = self.noted, {}
        return taken
