"""Looking at entries that could not be applied, and doing something about them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cloud.database import Transaction
from cloud.days import service as days
from cloud.fleet import service as fleet
from cloud.repairs.models import (
    RAW_SHOWN_MAX,
    AlreadyApplied,
    CorrectRequest,
    EntryDetail,
    EventMissing,
    Repair,
    ReplayReport,
    SetAside,
    SetAsidePage,
    SetAsideQuery,
    SettleRequest,
    State,
    StillRefused,
)
from cloud.sync import intake, quarantine
from cloud.sync.projector import Handling, attempt
from cloud.sync.quarantine import Place
from shared.errors import NotFound
from shared.events import EVENTS
from shared.protocol import entry
from shared.protocol.entry import BadEntry

REPLAYED_MAX = 50  # in one transaction: nobody else can write meanwhile
FIRST: Place = ("", "", 0)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of some entries, and behind which the next ones are; None when these were the last."""

    applied: tuple[Place, ...]
    refused: int
    after: Place | None


def page(tx: Transaction, tenant_id: str, query: SetAsideQuery) -> SetAsidePage:
    """Return entries that are not applied, by node and in order."""
    rows = quarantine.listed(tx, tenant_id, query.node_id, query.state, query.after, query.limit)
    stores = {node.id: node.store_id for node in fleet.nodes(tx, tenant_id)}
    names = fleet.node_names(tx, tenant_id, {row.node_id for row in rows})
    store_names = fleet.store_names(tx, tenant_id, set(stores.values()))
    return SetAsidePage(
        entries=tuple(
            SetAside(
                node_id=row.node_id,
                node_name=names[row.node_id],
                store_id=stores[row.node_id],
                store_name=store_names[stores[row.node_id]],
                seq=row.seq,
                state=row.state,
                kind=row.kind,
                event=row.event,
                version=row.version,
                reason=row.reason,
                at=_aware(row.at),
                tries=row.tries,
                tried_at=_aware(row.tried_at),
            )
            for row in rows
        ),
        next=f"{rows[-1].node_id}.{rows[-1].seq}" if len(rows) == query.limit else None,
        waiting=quarantine.count(tx, tenant_id),
    )


def detail(tx: Transaction, tenant_id: str, node_id: str, seq: int) -> EntryDetail:
    """Return one entry that is or was set aside. Raises NotFound."""
    place = (tenant_id, node_id, seq)
    row, repairs = quarantine.one(tx, place), quarantine.repairs_of(tx, place)
    if row is None and not repairs:
        raise NotFound(kind="entry", node=node_id, seq=seq)
    store_id, raw, received_at = _raw(tx, place)
    state: State = row.state if row is not None else "applied"
    return EntryDetail(
        node_id=node_id,
        node_name=fleet.node_names(tx, tenant_id, {node_id})[node_id],
        store_id=store_id,
        store_name=fleet.store(tx, tenant_id, store_id).name,
        seq=seq,
        state=state,
        kind=row.kind if row is not None else None,
        event=row.event if row is not None else _event_of(raw)[0],
        version=row.version if row is not None else _event_of(raw)[1],
        reason=row.reason if row is not None else repairs[-1].reason,
        at=_aware(row.at) if row is not None else None,
        tries=row.tries if row is not None else 0,
        tried_at=_aware(row.tried_at) if row is not None else None,
        received_at=_aware(received_at),
        raw=raw[:RAW_SHOWN_MAX],
        raw_length=len(raw),
        repairs=tuple(_repair(repair) for repair in repairs),
    )


def raw_entry(tx: Transaction, tenant_id: str, node_id: str, seq: int) -> bytes:
    """Return an entry that is or was set aside, byte by byte as its node wrote it. Raises NotFound."""
    detail(tx, tenant_id, node_id, seq)
    return _raw(tx, (tenant_id, node_id, seq))[1].encode()


def replay(tx: Transaction, place: Place, handlers: Handling, author: str, now: datetime) -> EntryDetail:
    """Apply one entry once more; one that is applied already stays so. Raises NotFound."""
    if quarantine.one(tx, place) is not None:
        _replay(tx, place, handlers, author, now)
    return detail(tx, *place)


def replay_waiting(
    tx: Transaction,
    tenant_id: str,
    node_id: str | None,
    after: Place,
    handlers: Handling,
    author: str,
    now: datetime,
) -> Replayed:
    """Apply the next ones that wait once more, in order: of a node, or of all of a tenant's nodes."""
    rows = quarantine.listed(tx, tenant_id, node_id, "waiting", after[1:], REPLAYED_MAX)
    places = [(row.tenant_id, row.node_id, row.seq) for row in rows]
    return _replay_all(tx, places, places, handlers, author, now)


def replay_known(tx: Transaction, after: Place, handlers: Handling, now: datetime) -> Replayed:
    """Apply the next ones whose event was unknown and is known to this software, of all tenants."""
    rows = quarantine.unknown(tx, after, REPLAYED_MAX)
    places = [(row.tenant_id, row.node_id, row.seq) for row in rows]
    # Those set aside by older software did not note the event's name.
    known = [
        place
        for row, place in zip(rows, places, strict=True)
        if row.event is None or (row.event, row.version) in EVENTS
    ]
    return _replay_all(tx, places, known, handlers, None, now)


def _replay_all(
    tx: Transaction,
    seen: list[Place],
    chosen: Iterable[Place],
    handlers: Handling,
    author: str | None,
    now: datetime,
) -> Replayed:
    results = {place: _replay(tx, place, handlers, author, now) for place in chosen}
    applied = tuple(place for place, is_applied in results.items() if is_applied)
    return Replayed(applied, len(results) - len(applied), seen[-1] if len(seen) == REPLAYED_MAX else None)


def report_of(parts: Iterable[Replayed]) -> ReplayReport:
    """Sum up what became of entries."""
    counted = [(len(part.applied), part.refused) for part in parts]
    return ReplayReport(applied=sum(applied for applied, _ in counted), refused=sum(refused for _, refused in counted))


def settle(tx: Transaction, place: Place, wanted: SettleRequest, now: datetime) -> EntryDetail:
    """Let an entry wait no longer; a repeat adds nothing. Raises NotFound, AlreadyApplied."""
    row = _not_applied(tx, place)
    repairs = quarantine.repairs_of(tx, place)
    told = ("settled", wanted.author, wanted.note)
    if not repairs or row.state != "settled" or (repairs[-1].act, repairs[-1].author, repairs[-1].note) != told:
        quarantine.settle(tx, place)
        days.changed(tx, place)
        quarantine.add_repair(
            tx, place, act="settled", author=wanted.author, note=wanted.note, reason=row.reason, at=now
        )
    return detail(tx, *place)


def correct(tx: Transaction, place: Place, wanted: CorrectRequest, handlers: Handling, now: datetime) -> EntryDetail:
    """Apply a corrected body instead of the raw one, and keep both. A repeat of the same changes nothing.

    Raises NotFound, AlreadyApplied, EventMissing, BadEntry, StillRefused; then nothing is kept.
    """
    _, raw, received_at = _raw(tx, place)
    event, version = _event_of(raw)
    event, version = wanted.event or event, wanted.version or version
    if event is None or version is None:
        raise EventMissing
    body = json.dumps(wanted.body)
    repairs = quarantine.repairs_of(tx, place)
    if repairs and (repairs[-1].act, repairs[-1].body) == ("corrected", body):
        return detail(tx, *place)
    row = _not_applied(tx, place)
    fact = entry.fact_named(event, version, body)
    head = intake.head_of(tx, *place[:2])
    assert head is not None
    refusal = attempt(tx, handlers, head, raw, received_at, instead=fact)
    if refusal is not None:
        raise StillRefused(problem=refusal.reason)
    told = {"event": event, "version": version, "body": body, "note": wanted.reason}
    quarantine.add_repair(tx, place, act="corrected", author=wanted.author, reason=row.reason, at=now, **told)
    quarantine.remove(tx, place)
    days.changed(tx, place)
    return detail(tx, *place)


def _replay(tx: Transaction, place: Place, handlers: Handling, author: str | None, now: datetime) -> bool:
    """Apply one entry once more and tell whether it worked."""
    row, head = quarantine.one(tx, place), intake.head_of(tx, *place[:2])
    assert row is not None
    assert head is not None
    _, raw, received_at = _raw(tx, place)
    refusal = attempt(tx, handlers, head, raw, received_at)
    if refusal is not None:
        quarantine.refused_again(tx, place, refusal, now)
        return False
    quarantine.remove(tx, place)
    days.changed(tx, place)
    quarantine.add_repair(tx, place, act="replayed", author=author, reason=row.reason, at=now)
    return True


def _not_applied(tx: Transaction, place: Place) -> Any:
    row = quarantine.one(tx, place)
    if row is None:
        detail(tx, *place)
        raise AlreadyApplied
    return row


def _raw(tx: Transaction, place: Place) -> tuple[str, str, datetime]:
    """Return (store, entry as written, when it was received). Raises NotFound."""
    tenant_id, node_id, seq = place
    head = intake.head_of(tx, tenant_id, node_id)
    found = intake.entries_after(tx, tenant_id, node_id, seq - 1, 1)
    if head is None or not found or found[0][0] != seq:
        raise NotFound(kind="entry", node=node_id, seq=seq)
    return head.store_id, found[0][1], found[0][2]


def _event_of(raw: str) -> tuple[str | None, int | None]:
    try:
        envelope = entry.read(raw)
    except BadEntry:
        return None, None
    return envelope.name, envelope.version


def _repair(row: Any) -> Repair:
    return Repair(
        act=row.act,
        author=row.author,
        note=row.note,
        event=row.event,
        version=row.version,
        body=json.loads(row.body) if row.body is not None else None,
        reason=row.reason,
        at=_aware(row.at),
    )


def _aware(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is stored in UTC."""
    return moment.replace(tzinfo=moment.tzinfo or UTC)
