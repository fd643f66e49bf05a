"""The queue of print jobs, in the order in which they were written: the clock may be wrong, the order is not."""

from datetime import datetime

from edge.database import Transaction
from edge.receipts.models import Job, JobKind

MIGRATIONS = (
    """
    create table print_jobs (
        id integer primary key,
        kind text not null check (kind in ('receipt', 'drawer')),
        document_id text not null,
        is_copy integer not null,
        state text not null check (state in ('waiting', 'sending', 'printed', 'unknown', 'failed', 'dropped')),
        at text not null
    ) strict;
    create index open_print_jobs on print_jobs (state) where state in ('waiting', 'sending');
    create index unknown_prints on print_jobs (document_id) where state = 'unknown';
    """,
    """
    alter table print_jobs add column interrupted integer not null default 0;  -- the daemon died, not the printer
    """,
)


NEWEST = 100  # jobs: the last fifty orders of a node, each with its drawer


def add(tx: Transaction, kind: JobKind, document_id: str, at: datetime, *, is_copy: bool) -> int:
    """Queue a job; returns its id."""
    row = (kind, document_id, is_copy, at.isoformat())
    tx.execute("insert into print_jobs (kind, document_id, is_copy, state, at) values (?, ?, ?, 'waiting', ?)", row)
    return tx.last_insert_rowid()


def oldest_waiting(tx: Transaction) -> Job | None:
    row = tx.row("select id, kind, document_id, is_copy from print_jobs where state = 'waiting' order by id limit 1")
    return _job(row) if row else None


def sending(tx: Transaction) -> list[Job]:
    rows = tx.rows("select id, kind, document_id, is_copy from print_jobs where state = 'sending' order by id")
    return [_job(row) for row in rows]


def _job(row: tuple[int, JobKind, str, int]) -> Job:
    job_id, kind, document_id, is_copy = row
    return Job(job_id, kind, document_id, bool(is_copy))


def set_interrupted(tx: Transaction, job_id: int) -> None:
    tx.execute("update print_jobs set state = 'unknown', interrupted = 1 where id = ?", (job_id,))


def set_state(tx: Transaction, job_id: int, state: str) -> None:
    tx.execute("update print_jobs set state = ? where id = ?", (state, job_id))


def drop_drawer_jobs_outside(tx: Transaction, since: datetime, until: datetime) -> None:
    query = (
        "update print_jobs set state = 'dropped' where state = 'waiting' and kind = 'drawer' and at not between ? and ?"
    )
    tx.execute(query, (since.isoformat(), until.isoformat()))


def receipt_states(tx: Transaction, document_id: str) -> set[str]:
    """Return the states of a document's receipts among the node's newest jobs: who asks has just paid."""
    query = """
        select distinct state from (select * from print_jobs order by id desc limit ?)
        where document_id = ? and kind = 'receipt'
    """
    return {state for (state,) in tx.rows(query, (NEWEST, document_id))}


def count_unknown(tx: Transaction, document_id: str, *, interrupted: bool) -> int:
    """Count a document's receipts of unknown outcome: the daemon died over them, or the printer stayed mute."""
    query = """
        select count(*) from print_jobs
        where document_id = ? and kind = 'receipt' and state = 'unknown' and interrupted = ?
    """
    found: int = tx.value(query, (document_id, interrupted))
    return found


def newest_receipt(tx: Transaction, document_id: str) -> int:
    """Return the id of a document's last receipt; it was queued moments ago."""
    query = "select max(id) from print_jobs where document_id = ? and kind = 'receipt'"
    found: int = tx.value(query, (document_id,))
    return found
