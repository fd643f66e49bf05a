"""Closings with their verdicts, and how far open days are summed up."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    DateTime,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError

from cloud.database import Transaction, metadata
from cloud.days.models import ClosingKnown
from cloud.sync.intake import journal_heads

closings = Table(
    "closings",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("arrival", Integer, nullable=False),  # 1, 2, 3 … for each node
    Column("node_id", String(36), nullable=False),
    Column("store_id", String(36), nullable=False),
    Column("number", Integer, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("first_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("closed_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("revision", Integer, nullable=False),  # grows when something in it changes; a verdict is about one
    Column("checked_at", DateTime(timezone=True)),
    Column("verdict", Text),
    Index("closings_of_node", "tenant_id", "node_id", "number"),
    Index("closings_by_day", "tenant_id", "business_day", "id"),
    Index("closings_by_state", "state", "node_id", "number"),
)

open_days = Table(
    "open_days",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("node_id", String(36), primary_key=True),
    Column("revision", Integer, nullable=False),  # grows with each repair of the node's entries
    Column("summed_revision", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),  # summed up to here
    Column("body", Text),  # the sums, as JSON
)


def add_closing(tx: Transaction, row: dict[str, Any]) -> None:
    """Raises ClosingKnown."""
    newest = select(func.coalesce(func.max(closings.c.arrival), 0)).where(
        closings.c.tenant_id == row["tenant_id"], closings.c.node_id == row["node_id"]
    )
    arrival = tx.execute(newest).scalar_one() + 1
    try:
        tx.execute(closings.insert().values(**row, arrival=arrival, state="due", revision=1))
    except IntegrityError as error:
        known = closing(tx, row["tenant_id"], row["id"])
        raise ClosingKnown(id=row["id"], number=known.number) if known else error from error


def let_check(tx: Transaction, tenant_id: str, node_id: str, *which: ColumnElement[bool]) -> None:
    mine = closings.update().where(closings.c.tenant_id == tenant_id, closings.c.node_id == node_id, *which)
    tx.execute(mine.values(state="due", revision=closings.c.revision + 1))


def let_check_number(tx: Transaction, tenant_id: str, node_id: str, number: int) -> None:
    """Let a node's closing with this number be checked anew."""
    let_check(tx, tenant_id, node_id, closings.c.number == number)


def let_check_seq(tx: Transaction, tenant_id: str, node_id: str, seq: int) -> None:
    """Let all be checked and summed anew that an entry is part of."""
    let_check(tx, tenant_id, node_id, closings.c.first_seq <= seq, closings.c.last_seq >= seq)
    row = {"tenant_id": tenant_id, "node_id": node_id, "revision": 1, "summed_revision": 0, "last_seq": 0}
    upsert = insert(open_days).values(row)
    keys = ["tenant_id", "node_id"]
    tx.execute(upsert.on_conflict_do_update(index_elements=keys, set_={"revision": open_days.c.revision + 1}))


def let_check_held(tx: Transaction, tenant_id: str, node_id: str, until: int) -> None:
    """Let closings be checked anew that waited for entries which were not here. until: the last that is applied now."""
    row = select(open_days.c.last_seq).where(open_days.c.tenant_id == tenant_id, open_days.c.node_id == node_id)
    since = tx.execute(row).scalar() or 0
    waited = (closings.c.state == "incomplete", closings.c.verdict.contains('"not_held"'))
    let_check(tx, tenant_id, node_id, closings.c.last_seq > since, closings.c.last_seq <= until, *waited)


def due(tx: Transaction, after: str, limit: int) -> list[Row[Any]]:
    """Return closings of all tenants that are to be checked, by node and in order.

    Those of nodes behind the node `after` stand first, then it goes on from the beginning.
    """
    query = select(closings.c.tenant_id, closings.c.id, closings.c.node_id).where(closings.c.state == "due")
    return _round(tx, query.order_by(closings.c.node_id, closings.c.number), closings.c.node_id, after, limit)


def _round(tx: Transaction, query: Select[Any], node_id: ColumnElement[str], after: str, limit: int) -> list[Row[Any]]:
    """Return rows of a query that is in order of node, those behind a node first, then from the beginning."""
    found = list(tx.execute(query.where(node_id > after).limit(limit)))
    return [*found, *tx.execute(query.where(node_id <= after).limit(limit - len(found)))]


def closing(tx: Transaction, tenant_id: str, closing_id: str) -> Row[Any] | None:
    query = select(closings)
    return tx.execute(query.where(closings.c.tenant_id == tenant_id, closings.c.id == closing_id)).first()


def numbered(tx: Transaction, tenant_id: str, node_id: str, number: int) -> Row[Any] | None:
    """Return a node's closing with this number, the one that came first."""
    query = select(closings).where(closings.c.tenant_id == tenant_id, closings.c.node_id == node_id)
    return tx.execute(query.where(closings.c.number == number).order_by(closings.c.arrival).limit(1)).first()


def overlapping(tx: Transaction, row: Row[Any]) -> int | None:
    """Return the number of a closing that came before this one and has entries of its span, None without one."""
    query = select(closings.c.number).where(
        closings.c.tenant_id == row.tenant_id,
        closings.c.node_id == row.node_id,
        closings.c.arrival < row.arrival,
        closings.c.first_seq <= row.last_seq,
        closings.c.last_seq >= row.first_seq,
        closings.c.first_seq <= closings.c.last_seq,
    )
    found: int | None = tx.execute(query.limit(1)).scalar()
    return found


def before(tx: Transaction, tenant_id: str, node_id: str, seq: int, limit: int) -> list[Row[Any]]:
    """Return a node's closings that end before entry `seq`, the last first."""
    query = select(closings).where(closings.c.tenant_id == tenant_id, closings.c.node_id == node_id)
    ending = query.where(closings.c.last_seq < seq).order_by(closings.c.last_seq.desc(), closings.c.number.desc())
    return list(tx.execute(ending.limit(limit)))


def keep_verdict(
    tx: Transaction, tenant_id: str, closing_id: str, revision: int, state: str, verdict: str, now: datetime
) -> bool:
    """Keep a verdict unless something changed since; tells whether it was kept."""
    mine = closings.update().where(closings.c.tenant_id == tenant_id, closings.c.id == closing_id)
    kept = mine.where(closings.c.revision == revision).values(state=state, verdict=verdict, checked_at=now)
    return tx.execute(kept).rowcount == 1


def behind(tx: Transaction, after: str, limit: int) -> list[Row[Any]]:
    """Return nodes whose open day is not summed up to what was applied: those behind the node `after` first."""
    joined = journal_heads.outerjoin(
        open_days,
        (open_days.c.tenant_id == journal_heads.c.tenant_id) & (open_days.c.node_id == journal_heads.c.node_id),
    )
    query = select(
        journal_heads.c.tenant_id,
        journal_heads.c.node_id,
        journal_heads.c.store_id,
        journal_heads.c.projected_seq,
        func.coalesce(open_days.c.revision, 0).label("revision"),
    ).select_from(joined)
    late = or_(
        journal_heads.c.projected_seq > func.coalesce(open_days.c.last_seq, 0),
        open_days.c.revision != open_days.c.summed_revision,
    )
    in_order = query.where(late).order_by(journal_heads.c.node_id)
    return _round(tx, in_order, journal_heads.c.node_id, after, limit)


def node_revision(tx: Transaction, tenant_id: str, node_id: str) -> int:
    query = select(open_days.c.revision).where(open_days.c.tenant_id == tenant_id, open_days.c.node_id == node_id)
    return tx.execute(query).scalar() or 0


def keep_open(tx: Transaction, tenant_id: str, node_id: str, revision: int, last_seq: int, body: str) -> None:
    """Keep how far an open day is summed up. revision: of the node's entries when it was begun."""
    row = {"tenant_id": tenant_id, "node_id": node_id, "revision": revision}
    told = {"summed_revision": revision, "last_seq": last_seq, "body": body}
    upsert = insert(open_days).values({**row, **told})
    tx.execute(upsert.on_conflict_do_update(index_elements=["tenant_id", "node_id"], set_=told))


def opened(tx: Transaction, tenant_id: str) -> list[Row[Any]]:
    """Return the open days of a tenant's nodes."""
    return list(tx.execute(select(open_days).where(open_days.c.tenant_id == tenant_id, open_days.c.body.is_not(None))))


def listed(
    tx: Transaction,
    tenant_id: str,
    store_id: str | None,
    state: str | None,
    before: tuple[date, str] | None,
    limit: int,
) -> list[Row[Any]]:
    """Return closings before (business day, id), the newest day first."""
    query = select(closings).where(closings.c.tenant_id == tenant_id)
    if store_id is not None:
        query = query.where(closings.c.store_id == store_id)
    if state is not None:
        query = query.where(closings.c.state == state)
    if before is not None:
        query = query.where(tuple_(closings.c.business_day, closings.c.id) < tuple_(*before))
    return list(tx.execute(query.order_by(closings.c.business_day.desc(), closings.c.id.desc()).limit(limit)))


def counts(tx: Transaction, tenant_id: str, store_id: str | None) -> Iterable[tuple[str, int]]:
    """Return how many closings are in each state."""
    query = select(closings.c.state, func.count()).where(closings.c.tenant_id == tenant_id)
    if store_id is not None:
        query = query.where(closings.c.store_id == store_id)
    return [(state, count) for state, count in tx.execute(query.group_by(closings.c.state))]
