"""Branches of a journal: what a box writes after its disk was set back.

It goes on from an older copy, so its entries contradict those that are held under the same numbers. They are what it
sold all the same. They are kept under a node of their own, which continues the journal from where the two part, and
are interpreted like any other's. The box is told how far its own way is held, not the one it has forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Self

from cloud.alarms import service as alarms
from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.received import Node
from cloud.sync import intake
from shared.protocol import batch as batches
from shared.protocol import entry
from shared.protocol.batch import Acknowledged, Batch, BrokenChain

BRANCHES_MAX = 20  # of one node; a disk is not set back every day


@dataclass(frozen=True, slots=True)
class Way:
    """A journal as one of the boxes that are this node wrote it."""

    node: Node  # under which its own entries are held
    first_seq: int = 1  # the first of these
    parent: "Way | None" = None  # what stands before them

    def hash_at(self, tx: Transaction, seq: int) -> bytes:
        """Return the chain's hash after an entry that is held."""
        way: Way = self
        while way.parent is not None and seq < way.first_seq:
            way = way.parent
        return intake.hash_at(tx, way.node, seq)

    def held_seq(self, tx: Transaction) -> int:
        return intake.held(tx, self.node).seq

    def off(self, node: Node, first_seq: int) -> Self:
        """Return the way that parts from this one."""
        return type(self)(node, first_seq, self)


def take(tx: Transaction, node: Node, batch: Batch, now: datetime) -> Acknowledged:
    """Keep the entries that are new on the way that they belong to, and say that this way is held up to their end.

    Raises BadSignature; BrokenChain when they continue nothing that is held: the box begins again with its oldest.
    """
    batches.verify(batch, node.public_key, node.id)
    parting: tuple[int, Way] | None = None
    ways = _ways(tx, node)
    for way in reversed(ways):
        hashes = _led(tx, way, batch)
        if hashes is None:
            continue
        parted = _parted(tx, way, batch, hashes)
        if parted is None:
            intake.keep(tx, way.node, batch, hashes, now)
            return Acknowledged(seq=batch.last_seq, head=batch.head)
        if parting is None or parted > parting[0]:
            parting = parted, way
    if parting is None or len(ways) > BRANCHES_MAX:
        raise BrokenChain(seq=batch.first_seq)
    branch = _branch_off(tx, node, *parting, now)
    intake.keep(tx, branch.node, batch, _chained(branch.hash_at(tx, batch.first_seq - 1), batch), now)
    return Acknowledged(seq=batch.last_seq, head=batch.head)


def _ways(tx: Transaction, node: Node) -> list[Way]:
    """Return the node's own journal and its branches, each behind the one from which it parted."""
    found = {node.id: Way(node)}
    for head in intake.branches(tx, node):
        found[head.node_id] = found[head.parent_id].off(_held_under(node, head.node_id), head.first_seq)
    return list(found.values())


def _held_under(node: Node, branch_id: str) -> Node:
    return Node(branch_id, node.tenant_id, node.store_id, node.public_key, is_retired=True)


def _led(tx: Transaction, way: Way, batch: Batch) -> list[bytes] | None:
    """Return the chain's hashes over a batch when it leads from this way to where its node signed it."""
    if batch.first_seq > way.held_seq(tx) + 1:
        return None
    hashes = _chained(way.hash_at(tx, batch.first_seq - 1), batch)
    return hashes if hashes[-1].hex() == batch.head else None


def _chained(reached: bytes, batch: Batch) -> list[bytes]:
    return list(accumulate((written.encode() for written in batch.entries), entry.chained, initial=reached))[1:]


def _parted(tx: Transaction, way: Way, batch: Batch, hashes: Sequence[bytes]) -> int | None:
    """Return the first entry that contradicts what is held on this way."""
    last = way.held_seq(tx)
    for seq, reached in enumerate(hashes, start=batch.first_seq):
        if seq <= last and way.hash_at(tx, seq) != reached:
            return seq
    return None


def _branch_off(tx: Transaction, node: Node, first_seq: int, parent: Way, now: datetime) -> Way:
    """Begin a branch, and let somebody know."""
    branch_id, name = fleet.branch_off(tx, node, now)
    branch = parent.off(_held_under(node, branch_id), first_seq)
    head = branch.hash_at(tx, first_seq - 1).hex()
    intake.branch_off(tx, branch.node, node.id, first_seq, parent.node.id, head)
    owner, held_seq = (node.tenant_id, node.id), parent.held_seq(tx)
    alarms.happened(tx, owner, "set_back", now, seq=first_seq, held_seq=held_seq, branch=name)
    return branch
