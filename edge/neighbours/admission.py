"""Who may bring how much to the door for copies, decided before the body is read: anybody may knock there."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from edge.neighbours import service
from shared.errors import Conflict
from shared.protocol.batch import BATCH_BYTES_MAX
from shared.protocol.neighbours import Neighbour, NotANeighbour, read_proof, verify_proof

PROVEN_BYTES_MAX = 2 * BATCH_BYTES_MAX + 100_000  # entries are escaped inside JSON
# Boxes of the first version prove nothing before their body does. This is a hundred orders of 20 lines, escaped.
UNPROVEN_BYTES_MAX = 2_000_000
AT_ONCE_MAX = 4  # bodies of proven neighbours; with one that is unproven about 35 MB
BODY_TIMEOUT_S = 6.0  # whoever brings it waits no longer for the answer


class OneAtATime(Conflict):
    """Something else of this sender is being taken just now."""

    hint = "Copies are brought again by themselves."


@dataclass(frozen=True, slots=True)
class Sender:
    """Who is about to bring a body."""

    node_id: str | None = None  # None: who proves nothing
    sha256: str | None = None  # of the body that they may bring

    @property
    def size_max(self) -> int:
        """How many bytes they may bring."""
        return UNPROVEN_BYTES_MAX if self.node_id is None else PROVEN_BYTES_MAX

    def demand(self, content: bytes) -> None:
        """Raises NotANeighbour when this is not what the sender said that it brings."""
        if self.sha256 is not None and hashlib.sha256(content).hexdigest() != self.sha256:
            raise NotANeighbour


def sender(proof: str | None, neighbours: Mapping[str, Neighbour], me: str) -> Sender:
    """Return who sends. proof: the header, if there is one. Raises NotANeighbour for one that proves nothing."""
    if proof is None:
        return Sender()
    read = read_proof(proof)
    verify_proof(read, me, service.neighbour(neighbours, me, read.node_id).public_key)
    return Sender(read.node_id, read.sha256)


@dataclass(slots=True)
class Admission:
    """Lets each proven neighbour bring one body after the other, and all others together one small one."""

    senders: dict[str, asyncio.Lock] = field(default_factory=dict)  # whose turn it is, by proven neighbour
    is_unproven_there: bool = False
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE_MAX))

    @asynccontextmanager
    async def turn_of(self, sender: Sender) -> AsyncIterator[None]:
        """Wait for room; who proved nothing takes none of the neighbours'. Raises OneAtATime."""
        if sender.node_id is not None:
            async with self.senders.setdefault(sender.node_id, asyncio.Lock()), self.room:
                yield
            return
        if self.is_unproven_there:
            raise OneAtATime
        self.is_unproven_there = True
        try:
            yield
        finally:
            self.is_unproven_there = False
