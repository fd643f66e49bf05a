"""Days as people look at them."""

import json
from datetime import datetime
from typing import Any

from cloud.database import Transaction
from cloud.days import storage
from cloud.days.models import ClosedDay, DayCounts, DayDetail, DayPage, DayQuery, OpenDay, Verdict
from cloud.days.service import aware, day_of
from cloud.fleet import service as fleet
from shared.currencies import exponent
from shared.errors import NotFound
from shared.model.day import Closing

Names = dict[str, dict[str, Any]]  # what a row says about its node, by the node's id


def page(tx: Transaction, tenant_id: str, query: DayQuery) -> DayPage:
    """Return closings, the newest business day first, and on the first page the open days."""
    before = query.before
    rows = storage.listed(tx, tenant_id, query.store_id, query.state, before, query.limit)
    names = _names(tx, tenant_id)
    open_days: tuple[OpenDay, ...] = ()
    if before is None and query.state is None:
        retired = {node.id for node in fleet.nodes(tx, tenant_id) if node.retired_at is not None}
        opened = (_open(row, names[row.node_id]) for row in storage.opened(tx, tenant_id))
        open_days = tuple(
            day
            for day in opened
            if query.store_id in {None, day.store_id} and (day.orders or day.refunds or day.node_id not in retired)
        )
    return DayPage(
        days=tuple(_closed(row, names[row.node_id]) for row in rows),
        open=tuple(sorted(open_days, key=lambda day: (day.store_name, day.node_name))),
        counts=DayCounts(**dict(storage.counts(tx, tenant_id, query.store_id))),
        next=f"{rows[-1].business_day.isoformat()}.{rows[-1].id}" if len(rows) == query.limit else None,
    )


def detail(tx: Transaction, tenant_id: str, closing_id: str) -> DayDetail:
    """Return one closing and what was found. Raises NotFound."""
    row = storage.closing(tx, tenant_id, closing_id)
    if row is None:
        raise NotFound(kind="closing", closing=closing_id)
    return DayDetail(
        day=_closed(row, _names(tx, tenant_id)[row.node_id]),
        closing=Closing.model_validate_json(row.body),
        verdict=Verdict.model_validate_json(row.verdict) if row.verdict else None,
    )


def _names(tx: Transaction, tenant_id: str) -> Names:
    stores = {store.id: store.name for store in fleet.stores(tx, tenant_id)}
    return {
        node.id: {
            "node_id": node.id,
            "node_name": node.name,
            "store_id": node.store_id,
            "store_name": stores[node.store_id],
        }
        for node in fleet.nodes(tx, tenant_id)
    }


def _closed(row: Any, names: dict[str, Any]) -> ClosedDay:
    closing = Closing.model_validate_json(row.body)
    verdict = Verdict.model_validate_json(row.verdict) if row.verdict else None
    figures = closing.figures
    return ClosedDay(
        **names,
        id=row.id,
        number=closing.number,
        business_day=closing.business_day,
        closed_at=aware(row.closed_at),
        received_at=aware(row.received_at),
        first_number=figures.first_number,
        last_number=figures.last_number,
        orders=figures.orders,
        refunds=figures.refunds,
        currency=closing.currency,
        exponent=exponent(closing.currency),
        total_minor=figures.total_minor,
        refunded_minor=figures.refunded_minor,
        kept_minor=figures.kept_minor,
        state=row.state,
        checked_at=aware(row.checked_at) if row.checked_at else None,
        problems=len(verdict.findings) + verdict.findings_more + len(verdict.differences) if verdict else 0,
    )


def _open(row: Any, names: dict[str, Any]) -> OpenDay:
    told = json.loads(row.body)
    return OpenDay(
        **names,
        business_day=day_of(told["business_day"]),
        first_number=told["first_number"],
        last_number=told["last_number"],
        orders=told["orders"],
        refunds=told["refunds"],
        currency=told["currency"],
        exponent=exponent(told["currency"]),
        total_minor=told["total_minor"],
        refunded_minor=told["refunded_minor"],
        kept_minor=told["kept_minor"],
        problems=told["problems"],
        last_seq=row.last_seq,
        at=datetime.fromisoformat(told["at"]),
    )
