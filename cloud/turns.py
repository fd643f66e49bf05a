"""Taking turns: what a node asks for waits for what it asked before, so one that floods waits for itself alone.

That holds for what is done once it is proven who asks. To prove it takes one short look, and sending the answer takes
no thread.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from shared.errors import Unavailable

WAITING_MAX = 32  # of one node; a box has a handful of workers


class TooManyAtOnce(Unavailable):
    """This box asks for more at once than it is given."""

    hint = "It asks again by itself. If this lasts, look at what runs on it."


@dataclass(slots=True)
class Turn:
    """Whose turn it is among the requests of one node."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked: int = 0  # requests that wait or are served


@dataclass(slots=True)
class Turns:
    """The nodes that ask for something now."""

    nodes: dict[str, Turn] = field(default_factory=dict)

    @asynccontextmanager
    async def of(self, node_id: str) -> AsyncIterator[None]:
        """Wait for the node's turn and have it while the context is open. Raises TooManyAtOnce."""
        turn = self.nodes.setdefault(node_id, Turn())
        if turn.asked >= WAITING_MAX:
            raise TooManyAtOnce(waiting=turn.asked)
        turn.asked += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.asked -= 1
            if not turn.asked:
                del self.nodes[node_id]
