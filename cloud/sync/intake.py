"""Taking a node's journal: checked, kept as it came, acknowledged. Interpreting it is the projector's work, later."""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import Column, DateTime, Integer, Row, String, Table, Text, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from cloud.database import Transaction, metadata
from cloud.received import Node
from shared.protocol import batch as batches
from shared.protocol import entry
from shared.protocol.batch import Acknowledged, Batch, BrokenChain

journal = Table(
    "journal",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("node_id", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),  # as the node wrote it; the chain is over exactly this
    Column("hash", String(64), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
)

journal_heads = Table(
    "journal_heads",
    metadata,
    Column("node_id", String(36), primary_key=True),
    Column("tenant_id", String(36), nullable=False),
    Column("store_id", String(36), nullable=False),
    Column("seq", Integer, nullable=False),  # held up to here
    Column("head", String(64), nullable=False),  # the chain's hash there
    Column("projected_seq", Integer, nullable=False),  # interpreted up to here
    # Of a branch: who wrote it, its first entry, and under whom what stands before that is held.
    Column("author_id", String(36), index=True),
    Column("first_seq", Integer),
    Column("parent_id", String(36)),
)

# Made once: to build a statement takes longer than to run it.
HEAD = select(journal_heads.c.seq, journal_heads.c.head).where(journal_heads.c.node_id == bindparam("node_id"))
_heads = insert(journal_heads)
ADVANCE = _heads.on_conflict_do_update(
    index_elements=["node_id"], set_={"seq": _heads.excluded.seq, "head": _heads.excluded.head}
)


def take(tx: Transaction, node: Node, batch: Batch, now: datetime) -> Acknowledged:
    """Keep the entries that are new and say how far the node's journal is held.

    A repeat changes nothing; entries that would leave a gap are not taken, and the answer tells the node where to
    go on. Raises BadSignature; BrokenChain when the entries do not continue, or contradict, what is held.
    """
    return take_on(tx, node, batch, now)[0]


def take_on(tx: Transaction, node: Node, batch: Batch, now: datetime) -> tuple[Acknowledged, bool]:
    """Take a batch as `take` does, and tell besides whether any of its entries was new."""
    batches.verify(batch, node.public_key, node.id)
    acknowledged = held(tx, node)
    if batch.first_seq > acknowledged.seq + 1:
        return acknowledged, False
    known = hashes_held(tx, node, batch.first_seq - 1, batch.last_seq, acknowledged)
    hashes = chained(known[batch.first_seq - 1], batch)
    # Where the batch contradicts what is held.
    parted = next(
        (seq for seq, reached in enumerate(hashes, batch.first_seq) if known.get(seq, reached) != reached), None
    )
    # Only a batch that leads to the hash which its node signed is that node's own other way.
    if hashes[-1] != batch.head:
        raise BrokenChain(seq=parted or batch.last_seq, held_seq=acknowledged.seq, trouble="broken")
    if parted is not None:
        raise BrokenChain(seq=parted, held_seq=acknowledged.seq, trouble="set_back")
    if batch.last_seq <= acknowledged.seq:
        return acknowledged, False
    return keep(tx, node, batch, hashes, acknowledged.seq, now), True


def keep(
    tx: Transaction, node: Node, batch: Batch, hashes: Sequence[str], held_seq: int, now: datetime
) -> Acknowledged:
    """Keep the entries of a batch that are new. hashes: the chain's after each of them, as the node signed it."""
    row = {"tenant_id": node.tenant_id, "node_id": node.id, "received_at": now}
    entries = enumerate(zip(batch.entries, hashes, strict=True), batch.first_seq)
    fresh = [row | {"seq": seq, "entry": written, "hash": hash_} for seq, (written, hash_) in entries if seq > held_seq]
    tx.execute(journal.insert(), fresh)
    _advance(tx, node, batch.last_seq, batch.head)
    return Acknowledged(seq=batch.last_seq, head=batch.head)


def chained(reached: str, batch: Batch) -> list[str]:
    """Return the chain's hash after each entry. reached: the one before the first."""
    entries = (written.encode() for written in batch.entries)
    return [after.hex() for after in accumulate(entries, entry.chained, initial=bytes.fromhex(reached))][1:]


def held(tx: Transaction, node: Node) -> Acknowledged:
    """Return how far a node's journal is held here."""
    row = tx.execute(HEAD, {"node_id": node.id}).first()
    return Acknowledged(seq=row.seq if row else 0, head=row.head if row else entry.genesis(node.id).hex())


def branch_off(tx: Transaction, branch: Node, author_id: str, first_seq: int, parent_id: str, head: str) -> None:
    """Let a branch begin. head: the chain's hash before its first entry."""
    row = {"node_id": branch.id, "tenant_id": branch.tenant_id, "store_id": branch.store_id, "head": head}
    whose = {"author_id": author_id, "first_seq": first_seq, "parent_id": parent_id}
    tx.execute(journal_heads.insert().values(**row, **whose, seq=first_seq - 1, projected_seq=first_seq - 1))


def branches(tx: Transaction, node: Node) -> list[Row[Any]]:
    """Return the heads of a node's branches, oldest first."""
    mine = (journal_heads.c.tenant_id == node.tenant_id, journal_heads.c.author_id == node.id)
    return list(tx.execute(select(journal_heads).where(*mine).order_by(journal_heads.c.node_id)))


def _advance(tx: Transaction, node: Node, seq: int, head: str) -> None:
    row = {"node_id": node.id, "tenant_id": node.tenant_id, "store_id": node.store_id, "seq": seq, "head": head}
    tx.execute(ADVANCE, {**row, "projected_seq": 0})


def seqs(tx: Transaction, tenant_id: str) -> dict[str, int]:
    """Return how far each node's journal is held, by node."""
    query = select(journal_heads.c.node_id, journal_heads.c.seq).where(journal_heads.c.tenant_id == tenant_id)
    return {row.node_id: row.seq for row in tx.execute(query)}


def entries_after(
    tx: Transaction, tenant_id: str, node_id: str, seq: int, limit: int
) -> list[tuple[int, str, datetime]]:
    """Return (seq, entry, received_at) of a node's entries behind `seq`, in order."""
    query = select(journal.c.seq, journal.c.entry, journal.c.received_at)
    query = query.where(journal.c.tenant_id == tenant_id, journal.c.node_id == node_id, journal.c.seq > seq)
    query = query.order_by(journal.c.seq).limit(limit)
    return [(row.seq, row.entry, row.received_at) for row in tx.execute(query)]


def head_of(tx: Transaction, tenant_id: str, node_id: str) -> Row[Any] | None:
    """Return the head of a node's journal; none before its first entry, or when it is another tenant's."""
    query = select(journal_heads).where(journal_heads.c.node_id == node_id, journal_heads.c.tenant_id == tenant_id)
    return tx.execute(query).first()


def hashes_held(tx: Transaction, node: Node, first: int, last: int, acknowledged: Acknowledged) -> dict[int, str]:
    """Return the chain's hash after each entry from `first` to `last` that is held, by seq."""
    found = {0: entry.genesis(node.id).hex(), acknowledged.seq: acknowledged.head}
    if first < acknowledged.seq:  # what merely continues needs no more than the head
        query = select(journal.c.seq, journal.c.hash).where(
            journal.c.tenant_id == node.tenant_id, journal.c.node_id == node.id, journal.c.seq.between(first, last)
        )
        found |= {row.seq: row.hash for row in tx.execute(query)}
    return found
