"""Leases: what boxes may spend while head office is away, and how it comes back from boxes that are not heard of."""

from collections.abc import Collection
from datetime import datetime

from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.fleet.models import NodeHealth
from cloud.sync import feed
from cloud.uses import storage
from cloud.uses.storage import LeaseRow, Owner
from shared.model.quota import Lease, Quota

LEASED_SHARE = 2  # one in so many of what is left may be leased away; the rest stays for those who can ask


def free(tx: Transaction, tenant_id: str, quota: Quota, now: datetime, besides: str = "") -> int | None:
    """Return how many uses are neither taken nor leased; None without a limit. besides: a basket left out."""
    if quota.max_uses_total is None:
        return None
    owner = (tenant_id, quota.id)
    counts = storage.counts(tx, owner, now)
    online = sum(count for (_, granted), count in counts.items() if granted != "leased")
    own = storage.use(tx, owner, besides, now) if besides else None
    if own is not None and own.granted != "leased":
        online -= 1
    spent = storage.spent(tx, owner)
    leased = {node_id: lease.uses for node_id, lease in storage.leases(tx, owner).items()}
    away = sum(max(leased.get(node_id, 0), spent.get(node_id, 0)) for node_id in leased.keys() | spent.keys())
    return quota.max_uses_total - online - away


def top_up(tx: Transaction, tenant_id: str, quota: Quota, now: datetime, *, renew: bool = False) -> None:
    """Lease uses to boxes that have spent half of theirs or more, as far as there are any.

    renew: also to boxes whose lease was recovered, as soon as they have been heard of and have sent everything.
    """
    if not quota.is_counted or not quota.leased_uses:
        return
    owner = (tenant_id, quota.id)
    leases, spent = storage.leases(tx, owner), storage.spent(tx, owner)
    wants: dict[str, tuple[NodeHealth, int]] = {}
    for node in fleet.nodes(tx, tenant_id):
        lease = leases.get(node.id)
        unspent = lease.uses - spent.get(node.id, 0) if lease else 0
        is_there = lease is None or lease.recovered_at is None or (renew and _is_back(node, lease.recovered_at))
        if node.is_enrolled and is_there and unspent * 2 <= quota.leased_uses:
            wants[node.id] = (node, quota.leased_uses - max(unspent, 0))
    if not wants:
        return
    left = free(tx, tenant_id, quota, now)
    most = None if left is None else max(left, 0) // LEASED_SHARE // len(wants)
    changed = {}
    for node_id, (node, want) in wants.items():
        given = want if most is None else min(want, most)
        if given:
            before = max(leases[node_id].uses if node_id in leases else 0, spent.get(node_id, 0))
            changed[node_id] = LeaseRow(node.store_id, before + given, now)
    storage.set_leases(tx, owner, changed)
    publish(tx, tenant_id, quota, {lease.store_id for lease in changed.values()}, now)


def _is_back(node: NodeHealth, recovered_at: datetime) -> bool:
    """Tell whether a box was heard of since then, and what it spent unknowingly has come, to be seen as that."""
    return node.last_contact_at is not None and node.last_contact_at > recovered_at and not node.unsent


def publish(tx: Transaction, tenant_id: str, quota: Quota, stores: set[str] | None, now: datetime) -> None:
    """Tell stores what their boxes may spend, and whether anything else is left; None: all of them."""
    leases = storage.leases(tx, (tenant_id, quota.id))
    left = free(tx, tenant_id, quota, now)
    if stores is None:
        stores = {node.store_id for node in fleet.nodes(tx, tenant_id) if node.is_enrolled}
    for store_id in sorted(stores):
        nodes = {node_id: lease.uses for node_id, lease in leases.items() if lease.store_id == store_id}
        lease = Lease(nodes=nodes, used_up=left is not None and left < 1)
        feed.publish(tx, tenant_id, "lease", {quota.id: lease.model_dump(mode="json")}, store_id)


def silent(tx: Transaction, owner: Owner, before: datetime) -> set[str]:
    """Return the nodes with a lease that were not heard of since `before`; of a new one, that got its lease before."""
    heard = {node.id: node.last_contact_at for node in fleet.nodes(tx, owner[0])}
    found = storage.leases(tx, owner).items()
    return {node_id for node_id, lease in found if (heard.get(node_id) or lease.at) < before}


def recover(tx: Transaction, tenant_id: str, quota: Quota, node_ids: Collection[str], now: datetime) -> int:
    """Take back what boxes were leased and have not spent, as far as head office knows. Returns how many uses.

    A box that does not hear of it may spend them all the same: `is_beyond` then finds its uses, when they arrive.
    """
    owner = (tenant_id, quota.id)
    leases, spent = storage.leases(tx, owner), storage.spent(tx, owner)
    changed, came_back = {}, 0
    for node_id in node_ids:
        unspent = leases[node_id].uses - spent.get(node_id, 0)
        if unspent > 0:
            changed[node_id] = leases[node_id]._replace(uses=spent.get(node_id, 0), recovered_at=now)
            came_back += unspent
    storage.set_leases(tx, owner, changed)
    if changed:
        publish(tx, tenant_id, quota, None, now)
    return came_back


def is_beyond(tx: Transaction, owner: Owner, node_id: str) -> bool:
    """Tell whether a box has spent more than it is leased."""
    lease = storage.leases(tx, owner).get(node_id)
    return storage.spent(tx, owner).get(node_id, 0) > (lease.uses if lease else 0)
