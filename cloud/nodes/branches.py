"""Branches of a journal: what a box writes after its disk was set back.

It goes on from an older copy, so its entries contradict those that are held under the same numbers. They are what it
sold all the same. They are kept under a node of their own, which continues the journal from where the two part, and
are interpreted like any other's. The box is told how far its own way is held, not the one it has forgotten.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from cloud.alarms import service as alarms
from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.received import Node
from cloud.sync import intake
from shared.protocol import batch as batches
from shared.protocol.batch import Acknowledged, Batch, BrokenChain

BRANCHES_MAX = 20  # of one node; a disk is not set back every day


@dataclass(frozen=True, slots=True)
class Way:
    """A journal as one of the boxes that are this node wrote it."""

    node: Node  # under which its own entries are held
    first_seq: int = 1  # the first of these
    parent: "Way | None" = None  # what stands before them

    def hashes(self, tx: Transaction, first: int, last: int) -> dict[int, str]:
        """Return the chain's hash after each entry from `first` to `last` that is held, by seq."""
        found = intake.hashes_held(tx, self.node, first, last, intake.held(tx, self.node))
        if self.parent is not None:
            before = self.parent.hashes(tx, first, last)
            found |= {seq: reached for seq, reached in before.items() if seq < self.first_seq}
        return found

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
    parting: tuple[int, Way, list[str]] | None = None
    ways = _ways(tx, node)
    for way in reversed(ways):
        held_seq = way.held_seq(tx)
        if batch.first_seq > held_seq + 1:
            continue
        known = way.hashes(tx, batch.first_seq - 1, batch.last_seq)
        hashes = intake.chained(known[batch.first_seq - 1], batch)
        if hashes[-1] != batch.head:
            continue  # it leads from another way to where its node signed it
        parted = next((seq for seq, one in enumerate(hashes, batch.first_seq) if known.get(seq, one) != one), None)
        if parted is None:
            if batch.last_seq > held_seq:
                intake.keep(tx, way.node, batch, hashes, held_seq, now)
            return Acknowledged(seq=batch.last_seq, head=batch.head)
        if parting is None or parted > parting[0]:
            parting = parted, way, hashes
    if parting is None or len(ways) > BRANCHES_MAX:
        raise BrokenChain(seq=batch.first_seq)
    first_seq, parent, hashes = parting
    branch = _branch_off(tx, node, first_seq, parent, now)
    return intake.keep(tx, branch.node, batch, hashes, first_seq - 1, now)


def _ways(tx: Transaction, node: Node) -> list[Way]:
    """Return the node's own journal and its branches, each behind the one from which it parted."""
    found = {node.id: Way(node)}
    for head in intake.branches(tx, node):
        found[head.node_id] = found[head.parent_id].off(_held_under(node, head.node_id), head.first_seq)
    return list(found.values())


def _held_under(node: Node, branch_id: str) -> Node:
    return Node(branch_id, node.tenant_id, node.store_id, node.public_key, is_retired=True)


def _branch_off(tx: Transaction, node: Node, first_seq: int, parent: Way, now: datetime) -> Way:
    """Begin a branch, and let somebody know."""
    branch_id, name = fleet.branch_off(tx, node, now)
    branch = parent.off(_held_under(node, branch_id), first_seq)
    head = parent.hashes(tx, first_seq - 1, first_seq - 1)[first_seq - 1]
    intake.branch_off(tx, branch.node, node.id, first_seq, parent.node.id, head)
    owner, held_seq = (node.tenant_id, node.id), parent.held_seq(tx)
    alarms.happened(tx, owner, "set_back", now, seq=first_seq, held_seq=held_seq, branch=name)
    return branch
