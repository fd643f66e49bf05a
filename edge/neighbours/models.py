"""What is known of neighbours."""

from dataclasses import dataclass, field

from shared.model.strict import Code, Id, Strict
from shared.protocol.batch import Batch
from shared.protocol.neighbours import Turn


class NeighbourView(Strict):
    """Another box of this store, as this one sees it."""

    id: Id
    name: Code
    address: str | None  # where it was heard of last
    holds_seq: int | None  # how far it holds our entries
    copies: int  # of its entries that are kept here
    refused: str | None = None  # why head office does not take these; it is asked again every hour


class NeighboursView(Strict):
    """All other boxes of this store, and those whose entries are kept here although nobody knows them any more."""

    neighbours: tuple[NeighbourView, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """Consecutive entries of a neighbour, as it signed them."""

    node_id: str
    first_seq: int
    last_seq: int
    batch: Batch


@dataclass(frozen=True, slots=True)
class Refusal:
    """Copies of a node that head office does not take."""

    problem: str  # as head office says it
    until_s: float  # monotonic: from then on it is asked again


@dataclass(slots=True)
class Company:
    """Where neighbours are, and how far each holds our entries. All of it is found again after a restart."""

    addresses: dict[str, str] = field(default_factory=dict)  # by node
    held: dict[str, int] = field(default_factory=dict)  # by node; only while it answers at its address
    turns: dict[str, Turn] = field(default_factory=dict)  # of the newest beacon, by node
    told: int = 0  # beacons that this box sent since its start
    refused: dict[str, Refusal] = field(default_factory=dict)  # by node
    # First and last entry of each node that were brought to head office, which the journal does not tell yet.
    brought: dict[str, tuple[int, int]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)  # nodes that did not answer where they were heard of last
    led_to: dict[str, str] = field(default_factory=dict)  # node, by configured address
    dated: set[str] = field(default_factory=set)  # nodes that answer with a nonce; `storage` has all
