"""Codes, and what became of the baskets under them."""

import json
from datetime import datetime

from edge.database import Transaction
from edge.handover.models import Handover, State
from shared.protocol.handover import Shown

MIGRATIONS = (
    """
    create table handovers (
        code text primary key,
        basket_id text not null,
        state text not null check (state in ('waiting', 'continued', 'given', 'given_up')),
        lane text not null,
        node_id text,
        shown text not null,
        missing text not null,
        due_minor integer not null,
        at text not null
    ) strict;
    create index handovers_of_basket on handovers (basket_id);
    create index handovers_by_state on handovers (state, at);
    """,
)

ROW = "select code, basket_id, state, lane, node_id, shown, missing, due_minor, at from handovers"


def add(tx: Transaction, made: Handover) -> None:
    shown, missing = made.shown.model_dump_json(), json.dumps(made.missing, ensure_ascii=False)
    row = (made.code, made.basket_id, made.state, made.lane, made.node_id, shown, missing, made.due_minor)
    tx.execute("insert into handovers values (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, made.at.isoformat()))


def handover(tx: Transaction, code: str) -> Handover | None:
    return _read(tx.row(f"{ROW} where code = ?", (code,)))


def latest_of(tx: Transaction, basket_id: str) -> Handover | None:
    """Return what became of a basket under its last code."""
    return _read(tx.row(f"{ROW} where basket_id = ? order by rowid desc limit 1", (basket_id,)))


def latest_parked(tx: Transaction, lane: str, since: datetime) -> Handover | None:
    """Return the basket that was parked last at a lane and still waits."""
    query = f"{ROW} where state = 'waiting' and at >= ? and lane = ? order by rowid desc limit 1"
    return _read(tx.row(query, (since.isoformat(), lane)))


def set_state(tx: Transaction, code: str, state: State, now: datetime, lane: str, node_id: str | None = None) -> None:
    query = "update handovers set state = ?, lane = ?, node_id = ?, at = ? where code = ?"
    tx.execute(query, (state, lane, node_id, now.isoformat(), code))


def waiting_before(tx: Transaction, before: datetime) -> list[Handover]:
    """Return baskets that have waited since before a moment."""
    rows = tx.rows(f"{ROW} where state = 'waiting' and at < ? order by at", (before.isoformat(),))
    return [found for row in rows if (found := _read(row))]


def drop_ended(tx: Transaction, before: datetime) -> None:
    """Forget codes of which nothing has been heard for long."""
    tx.execute("delete from handovers where state <> 'waiting' and at < ?", (before.isoformat(),))


def _read(row: tuple[str, str, State, str, str | None, str, str, int, str] | None) -> Handover | None:
    if row is None:
        return None
    code, basket_id, state, lane, node_id, shown, missing, due_minor, at = row
    seen, since, names = Shown.model_validate_json(shown), datetime.fromisoformat(at), tuple(json.loads(missing))
    return Handover(code, basket_id, state, lane, node_id, seen, since, due_minor, names)
