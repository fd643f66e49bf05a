"""Taking closings in, checking them piece by piece, summing up open days, and showing both."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from cloud.alarms import service as alarms
from cloud.alarms.models import Kind
from cloud.database import Transaction
from cloud.days import audit as audits
from cloud.days import proof, storage
from cloud.days.audit import Audit
from cloud.days.models import Finding, Verdict
from cloud.fleet import service as fleet
from cloud.fleet.models import NodeHealth
from cloud.received import Handlers, Received
from cloud.sync import intake
from cloud.sync.quarantine import Place
from shared.events.days import DayClosed
from shared.model.day import Closing

LOOKED_BACK_MAX = 100  # closings of days without a sale, whose numbers say nothing

Due = tuple[str, str]  # tenant, closing


def on_day_closed(tx: Transaction, received: Received[DayClosed]) -> None:
    """Keep a closing, to be checked soon; the one behind it may have waited for it."""
    closing = received.fact.closing
    row = {
        "tenant_id": received.tenant_id,
        "id": closing.id,
        "node_id": received.node_id,
        "store_id": received.store_id,
        "number": closing.number,
        "business_day": closing.business_day,
        "first_seq": closing.first_seq,
        "last_seq": closing.last_seq,
        "closed_at": closing.at,
        "received_at": received.received_at,
        "body": closing.model_dump_json(),
    }
    storage.add_closing(tx, row)
    storage.let_check_number(tx, received.tenant_id, received.node_id, closing.number + 1)


handlers: Handlers = {DayClosed: on_day_closed}


def changed(tx: Transaction, place: Place) -> None:
    """Let all be checked anew that an entry is part of, because it is applied now, or settled."""
    storage.let_check_seq(tx, *place)


@dataclass(frozen=True, slots=True)
class Check:
    """A closing that is to be checked, and all that is needed besides its entries."""

    due: Due
    revision: int
    closing: Closing
    previous: Closing | None
    links: list[Finding]
    audit: Audit  # of its span, with nothing read yet
    until: int  # to be read up to here; a span that belongs to another closing is not read again


def due(tx: Transaction, after: str, limit: int) -> tuple[list[Due], str]:
    """Return closings that are to be checked, of all tenants, and whose the last one is. after: whose was the last."""
    rows = storage.due(tx, after, limit)
    return [(row.tenant_id, row.id) for row in rows], rows[-1].node_id if rows else after


def check(tx: Transaction, due: Due) -> Check:
    """Return what is needed to check a closing."""
    tenant_id, closing_id = due
    row = storage.closing(tx, tenant_id, closing_id)
    assert row is not None
    closing = Closing.model_validate_json(row.body)
    before = storage.numbered(tx, tenant_id, row.node_id, closing.number - 1)
    previous = Closing.model_validate_json(before.body) if before is not None else None
    head = intake.head_of(tx, tenant_id, row.node_id)
    projected_seq = head.projected_seq if head is not None else 0
    overlapped = storage.overlapping(tx, row)
    return Check(
        due=due,
        revision=row.revision,
        closing=closing,
        previous=previous,
        links=proof.links(closing, previous, overlapped, projected_seq),
        audit=_audit(tx, tenant_id, row.node_id, closing.first_seq),
        until=min(closing.last_seq, projected_seq) if overlapped is None else 0,
    )


def keep_verdict(tx: Transaction, check: Check, verdict: Verdict, audit: Audit, now: datetime) -> bool:
    """Keep what a check came to, unless something changed meanwhile; tells whether it was kept.

    audit: by which it was found.
    """
    text = verdict.model_dump_json()
    if not storage.keep_verdict(tx, *check.due, check.revision, verdict.state, text, now):
        return False
    if check.until:
        raise_alarms(tx, audit, now)
    closing, owner = check.closing, (check.audit.tenant_id, check.audit.node_id)
    if verdict.state == "differs":
        facts = {"closing_id": closing.id, "number": closing.number, "business_day": closing.business_day.isoformat()}
        alarms.lasts(tx, owner, "day", now, str(closing.number), **facts)
    else:
        alarms.passed(tx, owner, "day", now, str(closing.number))
    return True


@dataclass(frozen=True, slots=True)
class Follow:
    """A node whose open day is not summed up to what was applied."""

    store_id: str
    audit: Audit  # with nothing read yet
    until: int


def behind(tx: Transaction, after: str, limit: int) -> list[Follow]:
    """Return nodes whose open days are to be summed up further, of all tenants; those behind the node `after` first."""
    found = []
    for row in storage.behind(tx, after, limit):
        last = storage.before(tx, row.tenant_id, row.node_id, row.projected_seq + 1, 1)
        first_seq = last[0].last_seq + 1 if last else 1
        found.append(Follow(row.store_id, _audit(tx, row.tenant_id, row.node_id, first_seq), row.projected_seq))
    return found


def keep_open(tx: Transaction, followed: list[Follow], read: list[Audit], now: datetime) -> None:
    """Keep what open days come to so far."""
    for follow, audit in zip(followed, read, strict=True):
        body = {
            "store_id": follow.store_id,
            "currency": audit.currency,
            "business_day": audit.business_day.isoformat() if audit.business_day else None,
            "problems": len(audit.findings) + audit.findings_more,
            "at": now.isoformat(),
            **_running(audit),
        }
        raise_alarms(tx, audit, now)
        storage.let_check_held(tx, audit.tenant_id, audit.node_id, follow.until)
        storage.keep_open(tx, audit.tenant_id, audit.node_id, audit.revision, follow.until, json.dumps(body))


def raise_alarms(tx: Transaction, audit: Audit, now: datetime) -> None:
    """Raise alarms about what was found of receipt numbers and told nobody yet."""
    owner, span = (audit.tenant_id, audit.node_id), audit.first_seq
    standing: set[tuple[str, str]] = set()
    for finding in audit.findings[audit.told or 0 :]:
        kind, subject, facts = _alarm_of(tx, audit, finding)
        if kind is not None:
            standing.add((kind, alarms.lasts(tx, owner, kind, now, subject, span=span, **facts)))
    if audit.told is None and not audit.findings_more:
        alarms.only_these(tx, owner, span, standing, now)


def _alarm_of(tx: Transaction, audit: Audit, finding: Finding) -> tuple[Kind | None, str, dict[str, Any]]:
    if finding.kind == "missing":
        return "gap", finding.first, {"first": finding.first, "last": finding.last or finding.first}
    if finding.kind == "repeated":
        return "repeat", finding.first, {"first": finding.first}
    if finding.kind == "foreign_series":
        series = finding.first.rpartition("-")[0]
        holder = next((node for node in fleet.nodes(tx, audit.tenant_id) if node.series == series), None)
        return "series", series, {"first": finding.first, "series": series, "holder": holder.name if holder else None}
    return None, "", {}


def _running(audit: Audit) -> dict[str, Any]:
    sums = audit.tally.sums
    kept = sums["total_minor"] + sums["donations_minor"] + sums["rounding_minor"] - sums["refunded_minor"]
    return {
        "first_number": audit.tally.first_number,
        "last_number": audit.tally.last_number,
        "kept_minor": kept,
        **{name: sums[name] for name in ("orders", "refunds", "total_minor", "refunded_minor")},
    }


def _audit(tx: Transaction, tenant_id: str, node_id: str, first_seq: int) -> Audit:
    """Return an audit of a node's entries from `first_seq` on, with nothing read yet."""
    node = fleet.node(tx, tenant_id, node_id)
    store = fleet.store(tx, tenant_id, node.store_id)
    return audits.begin(
        (tenant_id, node_id),
        series=node.receipt_series,
        currency=store.currency,
        first_seq=first_seq,
        expected=_expected(tx, tenant_id, node, first_seq),
        revision=storage.node_revision(tx, tenant_id, node_id),
    )


def _expected(tx: Transaction, tenant_id: str, node: NodeHealth, first_seq: int) -> int | None:
    """Return the first receipt number of a span: a series begins with 1, and goes on where a closing left it."""
    if first_seq <= 1:
        return None if node.is_branch else 1
    for row in storage.before(tx, tenant_id, node.id, first_seq, LOOKED_BACK_MAX):
        closing = Closing.model_validate_json(row.body)
        if closing.figures.last_number is not None:
            last = audits.number_of(closing.figures.last_number, node.receipt_series)
            return last + 1 if last is not None else None
        if closing.first_seq <= 1:
            return None if node.is_branch else 1
    return None


def fits(kept: Audit, fresh: Audit, until: int) -> bool:
    """Tell whether an audit that was read before can be read on instead of a fresh one."""
    return kept.last_seq <= until and (kept.first_seq, kept.revision, kept.begun_with, kept.series, kept.currency) == (
        fresh.first_seq,
        fresh.revision,
        fresh.begun_with,
        fresh.series,
        fresh.currency,
    )


def aware(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is stored in UTC."""
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def day_of(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
