"""Entries that could not be applied, each with its reason, and what people did about them.

An entry itself stays in the journal as it came. `quarantine` names those that are not applied; `repairs` only grows.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, DateTime, Integer, Row, String, Table, Text, func, select, tuple_
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError

from cloud.database import Transaction, metadata
from shared.errors import ShopwrightError
from shared.events import EVENTS
from shared.protocol import entry
from shared.protocol.entry import BadEntry

Kind = Literal["unknown", "unreadable", "refused"]  # no such event here; a wrong body; a handler said no
Act = Literal["replayed", "corrected", "settled"]
Place = tuple[str, str, int]  # tenant, node, seq

REASON_MAX = 2_000  # characters; it may repeat what a node wrote
VERSION_MAX = 2**31 - 1  # of events whose name is worth keeping

quarantine = Table(
    "quarantine",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("node_id", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("event", String(64)),  # what the entry calls itself, as far as that can be read
    Column("version", Integer),
    Column("state", String(10), nullable=False),  # "waiting" or "settled"
    Column("tries", Integer, nullable=False),
    Column("tried_at", DateTime(timezone=True), nullable=False),
)

repairs = Table(
    "repairs",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("node_id", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … of this entry
    Column("act", String(10), nullable=False),
    Column("author", String(200)),  # as they named themselves; null when the service did it at its start
    Column("note", Text),
    Column("event", String(64)),  # what was applied instead of the raw entry
    Column("version", Integer),
    Column("body", Text),
    Column("reason", Text, nullable=False),  # why it was in the quarantine
    Column("at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an entry could not be applied."""

    kind: Kind
    reason: str
    event: str | None
    version: int | None

    @classmethod
    def of(cls, written: str, error: Exception) -> "Refusal":
        """written: the entry. error: what applying it raised."""
        try:
            envelope = entry.read(written)
        except BadEntry:
            return cls("unreadable", reason_of(error), None, None)
        kind: Kind = "refused"
        if isinstance(error, BadEntry):
            kind = "unreadable" if (envelope.name, envelope.version) in EVENTS else "unknown"
        return cls(kind, reason_of(error), envelope.name, min(envelope.version, VERSION_MAX))


class Unforeseen(ShopwrightError):
    """This entry could not be applied, and nobody foresaw why ({problem})."""

    hint = "Call support and read them this text. The entry is kept, and can be applied once more after an update."


def reason_of(error: Exception) -> str:
    """Return an error's reason and the next step in words, as long as people read."""
    if not isinstance(error, ShopwrightError):
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        error = Unforeseen(problem=f"{type(cause).__name__}: {cause}"[: REASON_MAX // 2])
    return f"{error.title[: REASON_MAX - len(error.hint) - 1]} {error.hint}"


def add(tx: Transaction, place: Place, refusal: Refusal, now: datetime) -> None:
    """Set an entry aside; one that is set aside already stays as it is."""
    row = {**_named(place), **_told(refusal), "state": "waiting", "at": now, "tries": 1, "tried_at": now}
    tx.execute(insert(quarantine).on_conflict_do_nothing(), row)


def refused_again(tx: Transaction, place: Place, refusal: Refusal, now: datetime) -> None:
    query = quarantine.update().where(*_at(quarantine, place))
    tx.execute(query.values(**_told(refusal), tries=quarantine.c.tries + 1, tried_at=now))


def settle(tx: Transaction, place: Place) -> None:
    """Let an entry wait no longer, though it is not applied."""
    tx.execute(quarantine.update().where(*_at(quarantine, place)).values(state="settled"))


def remove(tx: Transaction, place: Place) -> None:
    tx.execute(quarantine.delete().where(*_at(quarantine, place)))


def one(tx: Transaction, place: Place) -> Row[Any] | None:
    """Return an entry that is not applied."""
    return tx.execute(select(quarantine).where(*_at(quarantine, place))).first()


def add_repair(tx: Transaction, place: Place, **told: Any) -> None:
    """Note for good what was done about an entry."""
    newest = select(func.coalesce(func.max(repairs.c.number), 0)).where(*_at(repairs, place))
    tx.execute(repairs.insert().values(**_named(place), number=tx.execute(newest).scalar_one() + 1, **told))


def repairs_of(tx: Transaction, place: Place) -> list[Row[Any]]:
    """Return what was done about an entry, in order."""
    return list(tx.execute(select(repairs).where(*_at(repairs, place)).order_by(repairs.c.number)))


def count(tx: Transaction, tenant_id: str) -> int:
    """Return how many of a tenant's entries wait for repair."""
    query = select(func.count()).select_from(quarantine)
    return tx.execute(query.where(quarantine.c.tenant_id == tenant_id, quarantine.c.state == "waiting")).scalar_one()


def listed(
    tx: Transaction, tenant_id: str, node_id: str | None, state: str, after: tuple[str, int], limit: int
) -> list[Row[Any]]:
    """Return a tenant's entries in this state behind (node, seq), by node and in order."""
    query = select(quarantine).where(quarantine.c.tenant_id == tenant_id, quarantine.c.state == state)
    query = query.where(tuple_(quarantine.c.node_id, quarantine.c.seq) > tuple_(*after))
    if node_id is not None:
        query = query.where(quarantine.c.node_id == node_id)
    return list(tx.execute(query.order_by(quarantine.c.node_id, quarantine.c.seq).limit(limit)))


def unknown(tx: Transaction, after: Place, limit: int) -> list[Row[Any]]:
    """Return entries of all tenants behind a place whose event nobody here knew."""
    query = select(quarantine).where(quarantine.c.kind == "unknown", quarantine.c.state == "waiting")
    query = query.where(tuple_(quarantine.c.tenant_id, quarantine.c.node_id, quarantine.c.seq) > tuple_(*after))
    return list(tx.execute(query.order_by(quarantine.c.tenant_id, quarantine.c.node_id, quarantine.c.seq).limit(limit)))


def states_in(tx: Transaction, owner: tuple[str, str], span: tuple[int, int]) -> dict[int, str]:
    """Return the states of entries of a span that are not applied, by seq. owner: tenant and node."""
    query = select(quarantine.c.seq, quarantine.c.state).where(*_within(quarantine, owner, span))
    return {row.seq: row.state for row in tx.execute(query)}


def corrections_in(tx: Transaction, owner: tuple[str, str], span: tuple[int, int]) -> dict[int, tuple[str, int, str]]:
    """Return (event, version, body) that stand for entries of a span, by seq."""
    query = select(repairs).where(*_within(repairs, owner, span), repairs.c.act == "corrected")
    return {row.seq: (row.event, row.version, row.body) for row in tx.execute(query)}


def _within(table: Table, owner: tuple[str, str], span: tuple[int, int]) -> Collection[Any]:
    tenant_id, node_id = owner
    return table.c.tenant_id == tenant_id, table.c.node_id == node_id, table.c.seq.between(*span)


def _named(place: Place) -> dict[str, Any]:
    tenant_id, node_id, seq = place
    return {"tenant_id": tenant_id, "node_id": node_id, "seq": seq}


def _at(table: Table, place: Place) -> Collection[Any]:
    tenant_id, node_id, seq = place
    return table.c.tenant_id == tenant_id, table.c.node_id == node_id, table.c.seq == seq


def _told(refusal: Refusal) -> dict[str, Any]:
    return {
        "kind": refusal.kind, "reason": refusal.reason, "event": refusal.event, "version": refusal.version,
    }  # fmt: skip
