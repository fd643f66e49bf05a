"""Copies of neighbours' entries, batch by batch as they were signed.

Each look is one step into the index, however much is kept: one thread writes, and sales wait for it.
"""

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
    # Batches are large, so what looks for one goes by a small index beside them and touches no other.
    """
    alter table copies rename to copies_before;
    create table copies (
        id integer primary key,
        node_id text not null,
        first_seq integer not null,
        last_seq integer not null,
        batch text not null
    ) strict;
    create unique index copies_by_seq on copies (node_id, first_seq, last_seq);
    insert into copies (node_id, first_seq, last_seq, batch)
        select node_id, first_seq, last_seq, batch from copies_before order by node_id, first_seq;
    drop table copies_before;
    """,
    """
    create table dated (node_id text primary key) strict, without rowid;  -- no repeat of what these say is believed
    """,
    """
    create table neighbours_certificates (
        node_id text primary key,
        certificate text not null
    ) strict, without rowid;
    """,
)


def add(tx: Transaction, node_id: str, batch: Batch) -> None:
    """Keep a batch. It begins and ends behind all others of its node, and leaves no gap."""
    row = (node_id, batch.first_seq, batch.last_seq, batch.model_dump_json())
    tx.execute("insert into copies (node_id, first_seq, last_seq, batch) values (?, ?, ?, ?)", row)


def newest(tx: Transaction, node_id: str) -> tuple[int, int] | None:
    """Return first and last entry of a node's newest copy."""
    query = "select first_seq, last_seq from copies where node_id = ? order by first_seq desc limit 1"
    span: tuple[int, int] | None = tx.row(query, (node_id,))
    return span


def first_seq(tx: Transaction, node_id: str) -> int | None:
    """Return the oldest entry of a node that is kept."""
    seq: int | None = tx.value("select min(first_seq) from copies where node_id = ?", (node_id,))
    return seq


def drop(tx: Transaction, node_id: str, up_to_seq: int) -> int:
    """Forget copies that head office holds; returns how many batches."""
    query = "delete from copies where node_id = ? and first_seq <= ? and last_seq <= ?"
    tx.execute(query, (node_id, up_to_seq, up_to_seq))
    return tx.changes()


def count(tx: Transaction, node_id: str) -> int:
    """Return how many entries of a node are kept."""
    first, last = first_seq(tx, node_id), newest(tx, node_id)
    return 0 if first is None or last is None else last[1] - first + 1


def oldest(tx: Transaction) -> list[tuple[str, int]]:
    """Return (node, first_seq) of the oldest copy of each node."""
    query = """
        with recursive nodes (node_id) as (
            select min(node_id) from copies
            union all
            select (select min(node_id) from copies where node_id > nodes.node_id) from nodes where node_id is not null
        )
        select node_id, (select min(first_seq) from copies where copies.node_id = nodes.node_id) from nodes
        where node_id is not null
    """
    return tx.rows(query)


def next_of(tx: Transaction, node_id: str) -> Kept | None:
    """Return the oldest copy of a node."""
    query = "select first_seq, last_seq, batch from copies where node_id = ? order by first_seq limit 1"
    row = tx.row(query, (node_id,))
    return Kept(node_id, row[0], row[1], Batch.model_validate_json(row[2])) if row else None


def is_dated(tx: Transaction, node_id: str) -> bool:
    return tx.row("select 1 from dated where node_id = ?", (node_id,)) is not None


def add_dated(tx: Transaction, node_id: str) -> None:
    tx.execute("insert or ignore into dated values (?)", (node_id,))


def certificate(tx: Transaction, node_id: str) -> str | None:
    """Return what head office said of a node."""
    query = "select certificate from neighbours_certificates where node_id = ?"
    found: str | None = tx.value(query, (node_id,))
    return found


def keep_certificate(tx: Transaction, node_id: str, certificate: str) -> None:
    tx.execute("insert or replace into neighbours_certificates values (?, ?)", (node_id, certificate))
