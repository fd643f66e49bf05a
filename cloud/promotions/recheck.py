"""Every order is priced again as it arrives: the same promotions must come to the same log here.

What does not is an alarm for people. It never holds the order up, which was sold and stays as it is.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.promotions import service, storage
from cloud.promotions.models import Alarm, AlarmPage, AlarmReason
from cloud.received import Handlers, Received
from shared.errors import NotFound
from shared.events.nodes import PromotionsLeftOut
from shared.events.orders import OrderCompleted
from shared.model.order import Order, PricedWith
from shared.promotions import engine
from shared.promotions.evaluation import ENGINE_VERSION, Evaluation
from shared.promotions.pack import EMPTY, Pack

log = structlog.get_logger()

PACKS_SEARCHED_MAX = 4  # for the one that a node can read only a part of: it fetched it just now
PACKS_KEPT_MAX = 16  # in memory; a store changes over within hours, and a pack may be some 10 MB


def on_order_completed(tx: Transaction, received: Received[OrderCompleted]) -> None:
    """Price an order again and note an alarm when it comes to something else."""
    order = received.fact.order
    if order.pricing is None:
        return  # an older daemon, which did not say with what
    pricing = proven(tx, received.tenant_id, received.store_id, order.pricing)
    reason, ours = judge(order, pricing, _pack(tx, received.tenant_id, order.pack_version))
    if reason is None:
        return
    alarm = {
        "order_id": order.id,
        "receipt_number": order.receipt_number,
        "store_id": received.store_id,
        "reason": reason,
        "edge_log": json.dumps(_told(order)),
        "our_log": ours.model_dump_json() if ours else None,
        "at": received.received_at,
    }
    storage.add_alarm(tx, received.tenant_id, alarm)


def on_promotions_left_out(tx: Transaction, received: Received[PromotionsLeftOut]) -> None:
    """Keep the part of a pack that a node sells with, so that its orders can be priced again.

    Its content is head office's own: the published pack less what the node left out, if that has the version it named.
    """
    left_out = {one.promotion_id for one in received.fact.left_out}
    version = received.fact.pack_version
    if not left_out or service.published(tx, received.tenant_id, version) is not None:
        return
    for whole in storage.newest_packs(tx, received.tenant_id, received.store_id, PACKS_SEARCHED_MAX):
        pack = service.published(tx, received.tenant_id, whole) or EMPTY
        part = Pack.of(one for one in pack.promotions if one.id not in left_out)
        if part.version == version:
            storage.keep_pack(tx, received.tenant_id, version, len(part.promotions), part.text())
            return


handlers: Handlers = {OrderCompleted: on_order_completed, PromotionsLeftOut: on_promotions_left_out}


def proven(tx: Transaction, tenant_id: str, store_id: str, pricing: PricedWith) -> PricedWith:
    """Return with what to price an order of a store.

    Which store it was is proven by the node's signature; what the order says might open another store's offers.
    """
    if pricing.store is None:
        return pricing
    return pricing.model_copy(update={"store": fleet.store(tx, tenant_id, store_id).code})


def judge(order: Order, pricing: PricedWith, pack: Pack | None) -> tuple[AlarmReason | None, Evaluation | None]:
    """Return what is wrong with an order's pricing, None if nothing, and our own log as far as there is one.

    pricing: with what to price it here, which is what the order says, unless we know better.
    pack: the promotions that the order names, None if head office never published them.
    """
    if pricing.engine_version != ENGINE_VERSION:
        return "engine_version", None
    if pack is None:
        return "unknown_pack", None
    try:
        ours = engine.evaluate(order.lines, pack.with_own(order.own_promotions), pricing.around)
    except Exception:  # whatever pricing one order does, its entry must not be held back for it
        log.exception("order_not_priced_again", order=order.id)
        return "failed", None
    if is_same(order, ours):
        return None, ours
    return ("different" if pricing.proven and ours.proven else "not_proven"), ours


def is_same(order: Order, ours: Evaluation) -> bool:
    """Tell whether an order came to the same as we do."""
    told = order.pricing
    of_order = told and (told.digest, told.store, order.applications)
    return of_order == (ours.digest, ours.store, ours.applications)


def _pack(tx: Transaction, tenant_id: str, version: str) -> Pack | None:
    """Return a pack that was published; its name is a hash of its content, so that it never changes.

    It is kept beside the one connection that writes: a pack remembers what it solved, and is nothing for two threads.
    """
    kept: dict[tuple[str, str], Pack] = tx.info.setdefault("packs", {})
    found = kept.get((tenant_id, version))
    if found is None:
        found = service.published(tx, tenant_id, version)
        if found is None:
            return None
        while len(kept) >= PACKS_KEPT_MAX:
            del kept[next(iter(kept))]
        kept[tenant_id, version] = found
    return found


def _told(order: Order) -> dict[str, Any]:
    """Return what an order says about its pricing."""
    return order.model_dump(mode="json", include={"pack_version", "pricing", "applications"})


def page(tx: Transaction, tenant_id: str, cursor: int | None, limit: int, *, waiting: bool) -> AlarmPage:
    """Return alarms, the newest first."""
    rows = storage.alarms_before(tx, tenant_id, cursor, limit, waiting=waiting)
    return AlarmPage(
        alarms=_alarms(tx, tenant_id, rows),
        next=str(rows[-1].number) if len(rows) == limit else None,
        waiting=alarms_waiting(tx, tenant_id),
    )


def acknowledge(tx: Transaction, tenant_id: str, order_id: str, now: datetime) -> Alarm:
    """Note that somebody looked at an alarm; the first time counts. Raises NotFound."""
    storage.acknowledge(tx, tenant_id, order_id, now)
    row = storage.alarm(tx, tenant_id, order_id)
    if row is None:
        raise NotFound(kind="alarm", order=order_id)
    (alarm,) = _alarms(tx, tenant_id, [row])
    return alarm


def alarms_waiting(tx: Transaction, tenant_id: str) -> int:
    """Return how many alarms nobody has looked at."""
    return storage.alarms_waiting(tx, tenant_id)


def _alarms(tx: Transaction, tenant_id: str, rows: Sequence[storage.Record]) -> tuple[Alarm, ...]:
    stores = fleet.store_names(tx, tenant_id, {row.store_id for row in rows})
    return tuple(
        Alarm(
            number=row.number,
            order_id=row.order_id,
            receipt_number=row.receipt_number,
            store_id=row.store_id,
            store_name=stores[row.store_id],
            reason=row.reason,
            edge_log=json.loads(row.edge_log),
            our_log=json.loads(row.our_log) if row.our_log else None,
            at=service.aware(row.at),
            acknowledged_at=service.aware(row.acknowledged_at) if row.acknowledged_at else None,
        )
        for row in rows
    )
