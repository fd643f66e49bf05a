"""Reserving uses, noting what was really used, and finding what was one too many."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.orders import service as orders
from cloud.received import Handlers, Node, Received
from cloud.uses import leases, storage
from cloud.uses.models import CodeUse, ExceptionPage, Recovered, Standing, Wrong
from shared.errors import NotFound
from shared.events.nodes import NodeStarted
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.order import VoucherReturn
from shared.model.quota import Quota, is_of_promotion
from shared.model.special import CouponUse, PromotionUse
from shared.protocol.uses import (
    RESERVED_FOR_H,
    Balance,
    BalanceRequest,
    Reservation,
    ReservationRequest,
    ReservedUse,
    ReturnRequest,
    WantedUse,
)

LOOKED_AFTER_MAX = 20  # quotas in one transaction: nobody else can write meanwhile


def put_quotas(tx: Transaction, tenant_id: str, quotas: Collection[Quota], now: datetime) -> None:
    """Count things from now on, or with other limits."""
    for quota in quotas:
        storage.put_quota(tx, tenant_id, quota)
    leases.top_up(tx, tenant_id, quotas, now)
    leases.publish(tx, tenant_id, quotas, now)  # to all: of one that was closed, stores have forgotten the leases


def close_quotas(tx: Transaction, tenant_id: str, quota_ids: Collection[str]) -> None:
    """Lease nothing more of these, and tell the stores that nothing is leased any more."""
    for quota_id in quota_ids:
        storage.close_quota(tx, (tenant_id, quota_id))
    leases.withdraw(tx, tenant_id, quota_ids)


def reserve(tx: Transaction, node: Node, request: ReservationRequest, now: datetime) -> Reservation:
    """Reserve what can still be used, use by use; a repeat for the same basket is the same reservation."""
    return Reservation(uses=tuple(_reserved(tx, node, request, wanted, now) for wanted in request.uses))


def _reserved(
    tx: Transaction, node: Node, request: ReservationRequest, wanted: WantedUse, now: datetime
) -> ReservedUse:
    owner = (node.tenant_id, wanted.quota)
    known = storage.quota(tx, owner)
    # A basket keeps the promotions that it was begun with, so those that have ended are counted on.
    if known is None or not (known[1] or is_of_promotion(wanted.quota)):
        return ReservedUse(quota=wanted.quota, result="unknown")
    quota = known[0]
    per_code, per_customer = quota.max_uses_per_code, quota.max_uses_per_customer
    code, customer, basket_id = wanted.digest, wanted.customer, request.basket_id
    if per_code and code and storage.standing(tx, owner, basket_id, now, "code", code).uses >= per_code:
        return ReservedUse(quota=quota.id, result="code_used")
    if (
        per_customer
        and customer
        and storage.standing(tx, owner, basket_id, now, "customer", customer).uses >= per_customer
    ):
        return ReservedUse(quota=quota.id, result="customer_used")
    # The balance comes first: where all uses are taken, a box may still spend of its lease, and what only we know of
    # the code holds for that as well.
    left_minor = balance_minor(tx, node.tenant_id, quota, code, now, besides=basket_id)
    if left_minor is not None and left_minor < wanted.minor:
        return ReservedUse(quota=quota.id, result="too_little", left_minor=left_minor)
    left = leases.free(tx, node.tenant_id, quota, now, besides=basket_id)
    if left is not None and left < 1:
        return ReservedUse(quota=quota.id, result="used_up", left_minor=left_minor)
    own = storage.use(tx, owner, basket_id)
    if own is None or own.state != "used":
        storage.put_use(
            tx,
            owner,
            basket_id,
            digest=code,
            customer=customer,
            store_id=node.store_id,
            node_id=node.id,
            granted="reserved",
            state="reserved",
            attempt=request.attempt,
            expires_at=now + timedelta(hours=RESERVED_FOR_H),
            at=now,
            minor=wanted.minor,
        )
    if left == 1:
        leases.publish(tx, node.tenant_id, [quota], now)
    return ReservedUse(quota=quota.id, result="reserved", left_minor=left_minor)


def balance_minor(
    tx: Transaction, tenant_id: str, quota: Quota, digest: str | None, now: datetime, besides: str = ""
) -> int | None:
    """Return what is left on a voucher's code, None where it is no voucher. besides: a basket left out."""
    if quota.worth_minor is None or digest is None:
        return None
    return max(quota.worth_minor - storage.standing(tx, (tenant_id, quota.id), besides, now, "code", digest).minor, 0)


def balance(tx: Transaction, node: Node, request: BalanceRequest, now: datetime) -> Balance:
    """Tell a box what is left on a voucher's code for its basket."""
    known = storage.quota(tx, (node.tenant_id, request.quota))
    if known is None:
        return Balance(left_minor=None)
    left_minor = balance_minor(tx, node.tenant_id, known[0], request.digest, now, besides=request.basket_id)
    return Balance(left_minor=left_minor)


def recover(tx: Transaction, tenant_id: str, node_id: str, now: datetime) -> Recovered:
    """Take back at once what a box was leased and has not spent, as it is gone for good. Raises NotFound."""
    if node_id not in {node.id for node in fleet.nodes(tx, tenant_id)}:
        raise NotFound(kind="node", node=node_id)
    quotas = _open(tx, tenant_id, storage.leased_quotas(tx, tenant_id, node_id))
    came_back = sum(leases.recover(tx, (tenant_id, quota.id), {node_id}, now) for quota in quotas)
    leases.publish(tx, tenant_id, quotas, now)
    return Recovered(uses=came_back)


def _open(tx: Transaction, tenant_id: str, quota_ids: Iterable[str]) -> list[Quota]:
    """Return those of these quotas that are open."""
    found = (storage.quota(tx, (tenant_id, quota_id)) for quota_id in quota_ids)
    return [known[0] for known in found if known is not None and known[1]]


def open_quotas(tx: Transaction) -> list[tuple[str, list[str]]]:
    """Return all that is counted, as (tenant, quotas), so many at once as `look_after` shall take."""
    parts: list[tuple[str, list[str]]] = []
    for tenant_id, found in groupby(storage.open_quotas(tx), key=lambda known: known[0]):
        quota_ids = [quota.id for _, quota in found]
        starts = range(0, len(quota_ids), LOOKED_AFTER_MAX)
        parts.extend((tenant_id, quota_ids[start : start + LOOKED_AFTER_MAX]) for start in starts)
    return parts


def look_after(tx: Transaction, tenant_id: str, quota_ids: Iterable[str], silent_for: timedelta, now: datetime) -> None:
    """Take leases back from boxes that fell silent, and give those that are heard of again new ones."""
    quotas = _open(tx, tenant_id, quota_ids)
    leases.recover_silent(tx, tenant_id, quotas, now - silent_for, now)
    leases.top_up(tx, tenant_id, quotas, now, renew=True)
    leases.publish(tx, tenant_id, quotas, now)  # to all: reservations may have expired, too


def give_back(tx: Transaction, node: Node, request: ReturnRequest, now: datetime) -> None:
    """Free what was reserved for a basket's payment that does not need it."""
    storage.drop_reservation(tx, (node.tenant_id, request.quota), node.id, request.basket_id, request.attempt)
    _freed(tx, node.tenant_id, [request.quota], now)


def _freed(tx: Transaction, tenant_id: str, quota_ids: Iterable[str], now: datetime) -> None:
    """Some uses came back: where they are the first that are free again, stores shall know it."""
    quotas = _open(tx, tenant_id, quota_ids)
    leases.publish(tx, tenant_id, [quota for quota in quotas if leases.free(tx, tenant_id, quota, now) == 1], now)


def standing(tx: Transaction, tenant_id: str, quota: Quota, now: datetime) -> Standing:
    """Return how a quota is doing."""
    owner = (tenant_id, quota.id)
    counts = storage.counts(tx, owner, now)
    spent = storage.spent(tx, owner)
    left = leases.free(tx, tenant_id, quota, now)
    return Standing(
        used=sum(count for (kind, _), count in counts.items() if kind == "used"),
        reserved=sum(count for (kind, _), count in counts.items() if kind == "reserved"),
        leased=sum(max(lease.uses - spent.get(node_id, 0), 0) for node_id, lease in storage.leases(tx, owner).items()),
        left=None if left is None else max(left, 0),
    )


def on_node_started(tx: Transaction, received: Received[NodeStarted]) -> None:
    """A box that is new has no leases yet."""
    quotas = [quota for _, quota in storage.open_quotas(tx, received.tenant_id)]
    _top_up(tx, received.tenant_id, quotas, received.received_at)


def _top_up(tx: Transaction, tenant_id: str, quotas: Collection[Quota], now: datetime) -> None:
    leases.publish(tx, tenant_id, quotas, now, leases.top_up(tx, tenant_id, quotas, now))


def on_order_completed(tx: Transaction, received: Received[OrderCompleted]) -> None:
    """Note what was really used. What is too much is an exception, never a refusal: it was sold."""
    order = received.fact.order
    found: tuple[CouponUse | PromotionUse, ...] = (*order.coupons, *order.promotion_uses)
    if not found:
        return
    used = {use.quota: use for use in found}
    storage.put_uses(tx, received.tenant_id, order.id, {quota: _columns(received, use) for quota, use in used.items()})
    known = storage.known_quotas(tx, received.tenant_id, used)
    _note_unknown(tx, received, [use for quota, use in used.items() if quota not in known])
    for quota_id, use in used.items():
        if quota_id in known:
            _reconcile(tx, received, known[quota_id][0], use)
    leased = [quota for quota, is_open in known.values() if is_open and used[quota.id].grant == "leased"]
    if leased:
        _top_up(tx, received.tenant_id, leased, received.received_at)
    _return_when_whole(tx, received.tenant_id, order.id, received.received_at)  # a refund may have been quicker


def _columns(received: Received[OrderCompleted], use: CouponUse | PromotionUse) -> dict[str, Any]:
    return {
        "digest": use.digest,
        "customer": use.customer,
        "store_id": received.store_id,
        "node_id": received.author_id,
        "granted": use.grant,
        "state": "used",
        "attempt": None,
        "expires_at": None,
        "at": received.received_at,
        "minor": use.minor,
    }


def _note_unknown(
    tx: Transaction, received: Received[OrderCompleted], used: Collection[CouponUse | PromotionUse]
) -> None:
    """Note together what nobody here knows: an order may be full of it."""
    rows = [
        {
            "wrong": "unknown_promotion" if is_of_promotion(use.quota) else "unknown_campaign",
            "campaign": use.quota,
            "order_id": received.fact.order.id,
            "store_id": received.store_id,
            "node_id": received.author_id,
            "digest": use.digest,
            "customer": use.customer,
            "other_orders": "[]",
            "at": received.received_at,
        }
        for use in used
    ]
    if rows:
        storage.add_exceptions(tx, received.tenant_id, rows)


def _reconcile(
    tx: Transaction, received: Received[OrderCompleted], quota: Quota, use: CouponUse | PromotionUse
) -> None:
    owner, order_id = (received.tenant_id, quota.id), received.fact.order.id
    if use.digest:
        of_code = storage.sum_of(tx, owner, "code", use.digest)
        if quota.max_uses_per_code and of_code.uses > quota.max_uses_per_code:
            _note(tx, received, use, "code_used_again", storage.other_orders(tx, owner, order_id, "code", use.digest))
        if quota.worth_minor is not None and of_code.minor > quota.worth_minor:
            _note(tx, received, use, "overspent", storage.other_orders(tx, owner, order_id, "code", use.digest))
    if quota.max_uses_per_customer and use.customer:
        of_customer = storage.sum_of(tx, owner, "customer", use.customer)
        if of_customer.uses > quota.max_uses_per_customer:
            same = storage.other_orders(tx, owner, order_id, "customer", use.customer)
            _note(tx, received, use, "customer_used_again", same)
    if use.grant == "leased" and leases.is_beyond(tx, owner, received.author_id):
        _note(tx, received, use, "used_beyond_lease", [])
    if quota.max_uses_total is not None and storage.used(tx, owner) > quota.max_uses_total:
        _note(tx, received, use, "used_beyond_total", [])


def _note(
    tx: Transaction,
    received: Received[OrderCompleted],
    use: CouponUse | PromotionUse,
    wrong: Wrong,
    others: list[str],
) -> None:
    storage.add_exception(
        tx,
        (received.tenant_id, use.quota),
        wrong,
        received.fact.order.id,
        others,
        received.received_at,
        store_id=received.store_id,
        node_id=received.author_id,
        digest=use.digest,
        customer=use.customer,
    )


def note(tx: Transaction, received: Received[OrderCompleted], subject: str, wrong: Wrong) -> None:
    """Note for people what is wrong with what an order was given."""
    owner, order_id = (received.tenant_id, subject), received.fact.order.id
    box = {"store_id": received.store_id, "node_id": received.author_id}
    storage.add_exception(tx, owner, wrong, order_id, [], received.received_at, **box)


def on_order_refunded(tx: Transaction, received: Received[OrderRefunded]) -> None:
    """Put back on vouchers what goods that came back were paid with; goods that all came back free all uses."""
    refund = received.fact.refund
    for back in refund.vouchers:
        _put_back(tx, received, back)
    _return_when_whole(tx, received.tenant_id, refund.order_id, received.received_at)


def _put_back(tx: Transaction, received: Received[OrderRefunded], back: VoucherReturn) -> None:
    """Put back on a code no more than its order took off it: no refund makes a code worth more."""
    owner, order_id = (received.tenant_id, back.campaign), received.fact.refund.order_id
    use = storage.use(tx, owner, order_id)
    if use is None or use.state != "used":
        return
    storage.give_back_minor(tx, owner, order_id, min(back.minor, use.minor))
    if back.minor > use.minor:
        box = {"store_id": received.store_id, "node_id": received.author_id, "digest": back.digest}
        storage.add_exception(tx, owner, "put_back_too_much", order_id, [], received.received_at, **box)


def _return_when_whole(tx: Transaction, tenant_id: str, order_id: str, now: datetime) -> None:
    """What an order used that came back whole can be used again."""
    quotas = storage.of_order(tx, tenant_id, order_id)
    if quotas and orders.is_returned(tx, tenant_id, order_id):
        storage.set_returned(tx, tenant_id, order_id)
        _freed(tx, tenant_id, quotas, now)


def of_code(tx: Transaction, tenant_id: str, quota_id: str, digest: str) -> tuple[CodeUse, ...]:
    """Return the uses of a code, newest first."""
    return tuple(
        CodeUse(
            order_id=row.basket_id,
            store_id=row.store_id,
            state=row.state,
            minor=row.minor,
            at=row.at.replace(tzinfo=row.at.tzinfo or UTC),
        )
        for row in storage.of_code(tx, (tenant_id, quota_id), digest)
    )


def exceptions(tx: Transaction, tenant_id: str, before: int | None, limit: int) -> ExceptionPage:
    """Return what was used too often, newest first."""
    rows = tuple(storage.exceptions(tx, tenant_id, before, limit))
    return ExceptionPage(exceptions=rows, next=rows[-1].number if len(rows) == limit else None)


handlers: Handlers = {
    OrderCompleted: on_order_completed,
    OrderRefunded: on_order_refunded,
    NodeStarted: on_node_started,
}
