"""Raising alarms, letting them pass, settling them.

Some troubles *happen* (a batch that contradicts the journal): each time counts up and opens the alarm again.
Others *last* (a silent node): they count when they begin, pass by themselves, and stay settled once a person has
settled them.
"""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import structlog

from cloud.alarms import storage
from cloud.alarms.models import Bounds, Facts, Kind, NodeAlarm, NodeAlarmPage, NodeAlarmQuery, SettleAlarmRequest
from cloud.alarms.storage import Owner
from cloud.database import Transaction
from cloud.fleet import service as fleet
from shared.errors import NotFound

log = structlog.get_logger()

# Open at once of one kind at one node, whatever it sends: the others are counted on one more.
SUBJECTS_MAX = 20
OTHERS = ""  # the subject of that one, and of kinds that a node can have once only

Trouble = tuple[Owner, Kind]
SILENT: Kind = "silent"
UNSENT: Kind = "unsent"
WATCHED: tuple[Kind, ...] = (SILENT, UNSENT)
LASTING: tuple[Kind, ...] = (*WATCHED, "gap", "repeat", "series", "day", "retired")


def happened(tx: Transaction, owner: Owner, kind: Kind, now: datetime, subject: str = OTHERS, **facts: Any) -> None:
    """Raise an alarm, or count it up; one that was settled is open again."""
    row, subject = _row(tx, owner, kind, subject)
    if row is None:
        _open(tx, owner, kind, now, subject, facts)
        return
    told = {"facts": json.dumps(facts), "last_seen": now, "count": row.count + 1}
    storage.change(tx, owner[0], row.number, **told, state="open", present=True)


def lasts(tx: Transaction, owner: Owner, kind: Kind, now: datetime, subject: str = OTHERS, **facts: Any) -> str:
    """Raise an alarm when its trouble begins. While it lasts only its facts are kept up to date.

    Returns the subject under which it stands.
    """
    row, standing = _row(tx, owner, kind, subject)
    if row is None:
        _open(tx, owner, kind, now, standing, facts)
    elif not row.present or standing != subject:
        told = {"facts": json.dumps(facts), "last_seen": now, "count": row.count + 1}
        storage.change(tx, owner[0], row.number, **told, state="open", present=True)
    elif row.facts != json.dumps(facts):
        storage.change(tx, owner[0], row.number, facts=json.dumps(facts), last_seen=now)
    return standing


def passed(tx: Transaction, owner: Owner, kind: Kind, now: datetime, subject: str = OTHERS) -> None:
    """Let an alarm pass by itself, if it is there."""
    row = storage.of_subject(tx, owner, kind, subject)
    if row is not None and row.present:
        _pass(tx, row, now)


def only_these(tx: Transaction, owner: Owner, span: int, standing: Collection[tuple[str, str]], now: datetime) -> None:
    """Let alarms about receipt numbers of a span pass, except those that were found again.

    span: the entry with which it begins. standing: (kind, subject) of those that were found.
    """
    for row in storage.present(tx, ("gap", "repeat", "series"), owner):
        if json.loads(row.facts).get("span") == span and (row.kind, row.subject) not in standing:
            _pass(tx, row, now)


def journal_went_on(tx: Transaction, owner: Owner, seq: int, now: datetime, *, is_news: bool) -> None:
    """Judge what was refused of a node, now that its journal goes on as it is held.

    What was damaged on its way came through at last. A box that was set back cannot know what it had forgotten, so
    there is another one that does: two are the same node. A mere repeat may have been under way since before.
    """
    rows = storage.present(tx, ("broken", "set_back"), owner)
    for row in rows:
        if row.kind == "broken":
            _pass(tx, row, now)
    if is_news and any(row.kind == "set_back" for row in rows):
        happened(tx, owner, "cloned", now, seq=seq)


def watch(tx: Transaction, bounds: Bounds, now: datetime) -> set[str]:
    """Raise alarms about nodes that fell silent or keep entries for too long. Returns tenants with something new."""
    changed = set()
    before = _standing(tx)
    troubled = _troubles(tx, bounds, now, before.keys())
    for (owner, kind), facts in troubled.items():
        if before.get((owner, kind)) != json.dumps(facts):
            lasts(tx, owner, kind, now, **facts)
            changed.add(owner[0])
    for owner, kind in before.keys() - troubled.keys():
        passed(tx, owner, kind, now)
        changed.add(owner[0])
    return changed


def is_watch_due(tx: Transaction, bounds: Bounds, now: datetime) -> bool:
    """Tell whether watching may find something, so that the writing thread is left alone when it cannot."""
    return bool(_standing(tx) or _troubles(tx, bounds, now, ()))


def _standing(tx: Transaction) -> dict[Trouble, str]:
    return {((row.tenant_id, row.node_id), row.kind): row.facts for row in storage.present(tx, WATCHED)}


def _troubles(
    tx: Transaction, bounds: Bounds, now: datetime, standing: Collection[Trouble]
) -> dict[Trouble, dict[str, Any]]:
    """Return what troubles nodes now. standing: for these it is no matter when the service began."""
    latest: dict[Kind, datetime] = {SILENT: now - bounds.silent_for, UNSENT: now - bounds.unsent_for}
    found: dict[Trouble, dict[str, Any]] = {}
    for tenant_id, node in fleet.troubled(tx, latest[SILENT], latest[UNSENT]):
        since: tuple[tuple[Kind, datetime | None], ...] = (
            (SILENT, node.last_contact_at),
            (UNSENT, node.keeps_since(now)),
        )
        for kind, moment in since:
            trouble = ((tenant_id, node.id), kind)
            is_known = trouble in standing or bounds.began_at <= latest[kind]
            if moment is not None and moment < latest[kind] and is_known:
                facts = {"unsent": node.unsent} if kind == UNSENT else {}
                found[trouble] = {"since": moment.isoformat(), **facts}
    return found


def page(tx: Transaction, tenant_id: str, query: NodeAlarmQuery) -> NodeAlarmPage:
    """Return alarms, the newest first."""
    rows = storage.listed(tx, tenant_id, query.state, int(query.cursor) if query.cursor else None, query.limit)
    return NodeAlarmPage(
        alarms=_told(tx, tenant_id, rows),
        next=str(rows[-1].number) if len(rows) == query.limit else None,
        open=storage.count_open(tx, tenant_id),
    )


def count_open(tx: Transaction, tenant_id: str) -> int:
    """Return how many of a tenant's alarms are open."""
    return storage.count_open(tx, tenant_id)


def settle(tx: Transaction, tenant_id: str, number: int, wanted: SettleAlarmRequest, now: datetime) -> NodeAlarm:
    """Settle an alarm with a note; the first time counts. Raises NotFound."""
    row = storage.numbered(tx, tenant_id, number)
    if row is None:
        raise NotFound(kind="alarm", number=number)
    if row.state == "open":
        told = {"author": wanted.author, "note": wanted.note, "settled_at": now}
        storage.change(tx, tenant_id, number, state="settled", present=row.kind in LASTING, **told)
    [alarm] = _told(tx, tenant_id, [storage.numbered(tx, tenant_id, number)])
    return alarm


def _row(tx: Transaction, owner: Owner, kind: Kind, subject: str) -> tuple[Any, str]:
    """Return the alarm about a subject and that subject; for one too many of its kind, that of all the others."""
    row = storage.of_subject(tx, owner, kind, subject)
    if row is None and subject != OTHERS and storage.count_open(tx, owner[0], owner, kind) >= SUBJECTS_MAX:
        return storage.of_subject(tx, owner, kind, OTHERS), OTHERS
    return row, subject


def _open(tx: Transaction, owner: Owner, kind: Kind, now: datetime, subject: str, facts: Facts) -> None:
    log.warning("alarm", node=owner[1], kind=kind, facts=facts)
    told = {"kind": kind, "subject": subject, "facts": json.dumps(facts), "first_seen": now, "last_seen": now}
    storage.add(tx, owner, **told, count=1, state="open", present=True)


def _pass(tx: Transaction, row: Any, now: datetime) -> None:
    """A note of a person stays; of what they did not settle, it is kept that it passed by itself."""
    mine = {} if row.state == "settled" else {"state": "settled", "author": None, "note": None, "settled_at": now}
    storage.change(tx, row.tenant_id, row.number, present=False, **mine)


def _told(tx: Transaction, tenant_id: str, rows: Collection[Any]) -> tuple[NodeAlarm, ...]:
    nodes = {node.id: node for node in fleet.nodes(tx, tenant_id)} if rows else {}
    stores = fleet.store_names(tx, tenant_id, {nodes[row.node_id].store_id for row in rows})
    return tuple(
        NodeAlarm(
            number=row.number,
            kind=row.kind,
            node_id=row.node_id,
            node_name=nodes[row.node_id].name,
            store_id=nodes[row.node_id].store_id,
            store_name=stores[nodes[row.node_id].store_id],
            facts=json.loads(row.facts),
            first_seen=_aware(row.first_seen),
            last_seen=_aware(row.last_seen),
            count=row.count,
            state=row.state,
            author=row.author if row.state == "settled" else None,
            note=row.note if row.state == "settled" else None,
            settled_at=_aware(row.settled_at) if row.state == "settled" and row.settled_at else None,
        )
        for row in rows
    )


def _aware(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is stored in UTC."""
    return moment.replace(tzinfo=moment.tzinfo or UTC)
