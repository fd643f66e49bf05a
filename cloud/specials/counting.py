"""Counting uses of coupons over all stores: reserving them, leasing them to boxes, and finding those too many."""

from datetime import datetime, timedelta

from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.received import Node, Received
from cloud.specials import storage
from cloud.specials.models import OTHERS_MAX, Wrong
from cloud.specials.storage import Owner
from cloud.sync import feed
from shared.events.nodes import NodeStarted
from shared.events.orders import OrderCompleted
from shared.model.special import Campaign, CouponUse, Lease
from shared.protocol.specials import (
    RESERVED_FOR_H,
    Reservation,
    ReservationRequest,
    ReservedUse,
    ReturnRequest,
    WantedUse,
)

LEASED_SHARE = 2  # one in so many of what is left may be leased away; the rest stays for those who can ask


def reserve(tx: Transaction, node: Node, request: ReservationRequest, now: datetime) -> Reservation:
    """Reserve what can still be used, use by use; a repeat for the same basket is the same reservation."""
    uses = []
    for wanted in request.uses:
        owner = (node.tenant_id, wanted.campaign)
        known = storage.campaign(tx, *owner)
        if known is None or known[1] != "active":
            uses.append(ReservedUse(campaign=wanted.campaign, result="unknown"))
            continue
        refusal = _refusal(tx, known[0], owner, request.basket_id, wanted, now)
        uses.append(refusal or _reserve(tx, node, owner, request, wanted, now))
    return Reservation(uses=tuple(uses))


def _refusal(
    tx: Transaction, campaign: Campaign, owner: Owner, basket_id: str, wanted: WantedUse, now: datetime
) -> ReservedUse | None:
    per_code, per_customer = campaign.max_uses_per_code, campaign.max_uses_per_customer
    code, customer = wanted.digest, wanted.customer
    if per_code and code and len(storage.others(tx, owner, basket_id, now, digest=code)) >= per_code:
        return ReservedUse(campaign=campaign.id, result="code_used")
    if per_customer and customer and len(storage.others(tx, owner, basket_id, now, customer=customer)) >= per_customer:
        return ReservedUse(campaign=campaign.id, result="customer_used")
    left = free(tx, campaign, owner, now, besides=basket_id)
    if left is not None and left < 1:
        return ReservedUse(campaign=campaign.id, result="used_up")
    return None


def _reserve(
    tx: Transaction, node: Node, owner: Owner, request: ReservationRequest, wanted: WantedUse, now: datetime
) -> ReservedUse:
    known = storage.use(tx, owner, request.basket_id)
    if known is None or known.state != "used":
        storage.put_use(
            tx,
            owner,
            request.basket_id,
            digest=wanted.digest,
            customer=wanted.customer,
            store_id=node.store_id,
            node_id=node.id,
            granted="reserved",
            state="reserved",
            attempt=request.attempt,
            expires_at=now + timedelta(hours=RESERVED_FOR_H),
            at=now,
        )
    return ReservedUse(campaign=wanted.campaign, result="reserved")


def give_back(tx: Transaction, node: Node, request: ReturnRequest) -> None:
    """Free what was reserved for a basket's payment that does not need it."""
    storage.drop_reservation(tx, (node.tenant_id, request.campaign), node.id, request.basket_id, request.attempt)


def free(tx: Transaction, campaign: Campaign, owner: Owner, now: datetime, besides: str = "") -> int | None:
    """Return how many uses are neither taken nor leased; None without a limit. besides: a basket left out."""
    if campaign.uses_max is None:
        return None
    counts = storage.counts(tx, owner, now)
    online = sum(count for (_, granted), count in counts.items() if granted != "leased")
    own = storage.use(tx, owner, besides, now) if besides else None
    if own is not None and own.granted != "leased":
        online -= 1
    spent = storage.spent(tx, owner)
    leased = {node_id: uses for node_id, (_, uses) in storage.leases(tx, owner).items()}
    away = sum(max(leased.get(node_id, 0), spent.get(node_id, 0)) for node_id in leased.keys() | spent.keys())
    return campaign.uses_max - online - away


def top_up(tx: Transaction, tenant_id: str, campaign: Campaign, now: datetime) -> None:
    """Lease uses to boxes that have spent half of theirs or more, as far as there are any."""
    if not campaign.is_counted or not campaign.leased_uses:
        return
    owner = (tenant_id, campaign.id)
    leases, spent = storage.leases(tx, owner), storage.spent(tx, owner)
    wants = {}
    for node in fleet.nodes(tx, tenant_id):
        unspent = leases.get(node.id, ("", 0))[1] - spent.get(node.id, 0)
        if node.is_enrolled and unspent * 2 <= campaign.leased_uses:
            wants[node.id] = (node.store_id, campaign.leased_uses - max(unspent, 0))
    if not wants:
        return
    left = free(tx, campaign, owner, now)
    most = None if left is None else max(left, 0) // LEASED_SHARE // len(wants)
    changed = {}
    for node_id, (store_id, want) in wants.items():
        given = want if most is None else min(want, most)
        if given:
            before = max(leases.get(node_id, ("", 0))[1], spent.get(node_id, 0))
            changed[node_id] = (store_id, before + given)
    storage.set_leases(tx, owner, changed)
    _publish(tx, owner, {store_id for store_id, _ in changed.values()})


def _publish(tx: Transaction, owner: Owner, stores: set[str]) -> None:
    leases = storage.leases(tx, owner)
    for store_id in sorted(stores):
        nodes = {node_id: uses for node_id, (store, uses) in leases.items() if store == store_id}
        feed.publish(tx, owner[0], "lease", {owner[1]: Lease(nodes=nodes).model_dump(mode="json")}, store_id)


def withdraw(tx: Transaction, owner: Owner) -> None:
    """Tell the stores that nothing is leased any more."""
    for store_id in sorted({store_id for store_id, _ in storage.leases(tx, owner).values()}):
        feed.publish(tx, owner[0], "lease", {owner[1]: None}, store_id)


def on_node_started(tx: Transaction, received: Received[NodeStarted]) -> None:
    """A box that is new has no leases yet."""
    for campaign, _ in storage.campaigns(tx, received.tenant_id, only_active=True):
        top_up(tx, received.tenant_id, campaign, received.received_at)


def on_order_completed(tx: Transaction, received: Received[OrderCompleted]) -> None:
    """Note what was really used. What is too much is an exception, never a refusal: it was sold."""
    order = received.fact.order
    if order.donation is not None:
        given = order.donation
        at = received.received_at
        storage.add_donation(tx, received.tenant_id, order.id, given.campaign, order.currency, given.minor, at)
    for use in order.coupons:
        owner = (received.tenant_id, use.campaign)
        storage.put_use(
            tx,
            owner,
            order.id,
            digest=use.digest,
            customer=use.customer,
            store_id=received.store_id,
            node_id=received.node_id,
            granted=use.grant,
            state="used",
            attempt=None,
            expires_at=None,
            at=received.received_at,
        )
        known = storage.campaign(tx, *owner)
        if known is None:
            _note(tx, received, use, "unknown_campaign", [])
            continue
        _reconcile(tx, received, known[0], use)
        if use.grant == "leased" and known[1] == "active":
            top_up(tx, received.tenant_id, known[0], received.received_at)


def _reconcile(tx: Transaction, received: Received[OrderCompleted], campaign: Campaign, use: CouponUse) -> None:
    owner, order_id, now = (received.tenant_id, campaign.id), received.fact.order.id, received.received_at
    if campaign.max_uses_per_code and use.digest:
        same = storage.others(tx, owner, order_id, now, only_used=True, digest=use.digest)
        if len(same) >= campaign.max_uses_per_code:
            _note(tx, received, use, "code_used_again", same)
    if campaign.max_uses_per_customer and use.customer:
        same = storage.others(tx, owner, order_id, now, only_used=True, customer=use.customer)
        if len(same) >= campaign.max_uses_per_customer:
            _note(tx, received, use, "customer_used_again", same)
    counts = storage.counts(tx, owner, now)
    used = sum(count for (state, _), count in counts.items() if state == "used")
    if campaign.uses_max is not None and used > campaign.uses_max:
        _note(tx, received, use, "used_beyond_total", [])


def _note(tx: Transaction, received: Received[OrderCompleted], use: CouponUse, wrong: Wrong, others: list[str]) -> None:
    storage.add_exception(
        tx,
        (received.tenant_id, use.campaign),
        wrong,
        received.fact.order.id,
        others[:OTHERS_MAX],
        received.received_at,
        store_id=received.store_id,
        node_id=received.node_id,
        digest=use.digest,
        customer=use.customer,
    )
