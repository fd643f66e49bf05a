"""Copies of neighbours' entries, batch by batch as they were signed."""

from edge.database import Transaction
from edge.neighbours.models import Kept
from shared.protocol.batch import Batch

MIGRATIONS = (
    """
    create table copies (
        node_id text not null,
        first_seq integer not null,
        last_seq integer not null,
        batch text not null,
        primary key (node_id, first_seq)
    ) strict, without rowid;
    """,
)


def add(tx: Transaction, node_id: str, batch: Batch) -> None:
    row = (node_id, batch.first_seq, batch.last_seq, batch.model_dump_json())
    tx.execute("insert or replace into copies values (?, ?, ?, ?)", row)


def last_seq(tx: Transaction, node_id: str) -> int | None:
    seq: int | None = tx.value("select max(last_seq) from copies where node_id = ?", (node_id,))
    return seq


def drop(tx: Transaction, node_id: str, up_to_seq: int) -> int:
    """Forget copies that head office holds; returns how many batches."""
    tx.execute("delete from copies where node_id = ? and last_seq <= ?", (node_id, up_to_seq))
    return tx.changes()


def count(tx: Transaction, node_id: str) -> int:
    """Return how many entries of a node are kept."""
    query = "select coalesce(sum(last_seq - first_seq + 1), 0) from copies where node_id = ?"
    entries: int = tx.value(query, (node_id,))
    return entries


def batches(tx: Transaction, node_id: str) -> int:
    found: int = tx.value("select count(*) from copies where node_id = ?", (node_id,))
    return found


def oldest(tx: Transaction) -> list[tuple[str, int]]:
    """Return (node, first_seq) of the oldest copy of each node."""
    return tx.rows("select node_id, min(first_seq) from copies group by node_id")


def next_of(tx: Transaction, node_id: str) -> Kept | None:
    """Return the oldest copy of a node."""
    query = "select first_seq, last_seq, batch from copies where node_id = ? order by first_seq limit 1"
    row = tx.row(query, (node_id,))
    return Kept(node_id, row[0], row[1], Batch.model_validate_json(row[2])) if row else None
