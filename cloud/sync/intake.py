"""Taking a node's journal: checked, kept as it came, acknowledged. Interpreting it is the projector's work, later."""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import Column, DateTime, Integer, Row, String, Table, Text, select
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


def take(tx: Transaction, node: Node, batch: Batch, now: datetime) -> Acknowledged:
    """Keep the entries that are new and say how far the node's journal is held.

    A repeat changes nothing; entries that would leave a gap are not taken, and the answer tells the node where to
    go on. Raises BadSignature; BrokenChain when the entries do not continue, or contradict, what is held.
    """
    batches.verify(batch, node.public_key, node.id)
    acknowledged = held(tx, node)
    if batch.first_seq > acknowledged.seq + 1:
        return acknowledged
    hashes = _chained(hash_at(tx, node, batch.first_seq - 1), batch)
    parted: int | None = None  # where the batch contradicts what is held
    for seq, reached in enumerate(hashes, start=batch.first_seq):
        if seq <= acknowledged.seq and parted is None and hash_at(tx, node, seq) != reached:
            parted = seq
    # Only a batch that leads to the hash which its node signed is that node's own other way.
    if hashes[-1].hex() != batch.head:
        raise BrokenChain(seq=parted or batch.last_seq, held_seq=acknowledged.seq, trouble="broken")
    if parted is not None:
        raise BrokenChain(seq=parted, held_seq=acknowledged.seq, trouble="set_back")
    keep(tx, node, batch, hashes, now)
    return held(tx, node)


def keep(tx: Transaction, node: Node, batch: Batch, hashes: Sequence[bytes], now: datetime) -> None:
    """Keep the entries of a batch that are new. hashes: the chain's after each of them, as the node signed it."""
    last = held(tx, node).seq
    fresh = [
        {
            "tenant_id": node.tenant_id,
            "node_id": node.id,
            "seq": seq,
            "entry": written,
            "hash": reached.hex(),
            "received_at": now,
        }
        for seq, (written, reached) in enumerate(zip(batch.entries, hashes, strict=True), start=batch.first_seq)
        if seq > last
    ]
    if fresh:
        tx.execute(journal.insert(), fresh)
        _advance(tx, node, batch.last_seq, batch.head)


def _chained(reached: bytes, batch: Batch) -> list[bytes]:
    """Return the chain's hash after each entry. reached: the one before the first."""
    return list(accumulate((written.encode() for written in batch.entries), entry.chained, initial=reached))[1:]


def held(tx: Transaction, node: Node) -> Acknowledged:
    """Return how far a node's journal is held here."""
    row = tx.execute(select(journal_heads).where(journal_heads.c.node_id == node.id)).first()
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
    upsert = insert(journal_heads).values(**row, projected_seq=0)
    tx.execute(upsert.on_conflict_do_update(index_elements=["node_id"], set_={"seq": seq, "head": head}))


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


def hash_at(tx: Transaction, node: Node, seq: int) -> bytes:
    """Return the chain's hash after an entry that is held; the node's genesis before the first."""
    if seq == 0:
        return entry.genesis(node.id)
    query = select(journal.c.hash).where(
        journal.c.tenant_id == node.tenant_id, journal.c.node_id == node.id, journal.c.seq == seq
    )
    return bytes.fromhex(tx.execute(query).scalar_one())
