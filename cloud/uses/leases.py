"""Leases: what boxes may spend while head office is away, and how it comes back from boxes that are not heard of."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

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


def top_up(tx: Transaction, tenant_id: str, quotas: Iterable[Quota], now: datetime, *, renew: bool = False) -> set[str]:
    """Lease uses to boxes that have spent half of theirs or more, as far as there are any.

    renew: also to boxes whose lease was recovered, as soon as they have been heard of and have sent everything.
    Returns the stores of these boxes, which are to be told.
    """
    nodes = [node for node in fleet.nodes(tx, tenant_id) if node.is_enrolled]
    stores = set[str]()
    for quota in quotas:
        if quota.is_counted and quota.leased_uses:
            changed = _topped_up(tx, tenant_id, quota, nodes, now, renew=renew)
            storage.set_leases(tx, (tenant_id, quota.id), changed)
            stores.update(lease.store_id for lease in changed.values())
    return stores


def _topped_up(
    tx: Transaction, tenant_id: str, quota: Quota, nodes: Iterable[NodeHealth], now: datetime, *, renew: bool
) -> dict[str, LeaseRow]:
    """Return the leases that grow, by node."""
    owner = (tenant_id, quota.id)
    leases, spent = storage.leases(tx, owner), storage.spent(tx, owner)
    wants: dict[str, tuple[NodeHealth, int]] = {}
    for node in nodes:
        lease = leases.get(node.id)
        unspent = lease.uses - spent.get(node.id, 0) if lease else 0
        is_there = lease is None or lease.recovered_at is None or (renew and _is_back(node, lease.recovered_at))
        if is_there and unspent * 2 <= quota.leased_uses:
            wants[node.id] = (node, quota.leased_uses - max(unspent, 0))
    if not wants:
        return {}
    left = free(tx, tenant_id, quota, now)
    most = None if left is None else max(left, 0) // LEASED_SHARE // len(wants)
    changed = {}
    for node_id, (node, want) in wants.items():
        given = want if most is None else min(want, most)
        if given:
            before = max(leases[node_id].uses if node_id in leases else 0, spent.get(node_id, 0))
            changed[node_id] = LeaseRow(node.store_id, before + given, now)
    return changed


def _is_back(node: NodeHealth, recovered_at: datetime) -> bool:
    """Tell whether a box was heard of since then, and what it spent unknowingly has come, to be seen as that."""
    return node.last_contact_at is not None and node.last_contact_at > recovered_at and not node.unsent


def publish(
    tx: Transaction, tenant_id: str, quotas: Collection[Quota], now: datetime, stores: Collection[str] | None = None
) -> None:
    """Tell stores what their boxes may spend, and whether anything else is left; None: all of them."""
    if stores is None and quotas:
        stores = {node.store_id for node in fleet.nodes(tx, tenant_id) if node.is_enrolled}
    if not stores:
        return
    told: dict[str, dict[str, Any]] = {store_id: {} for store_id in sorted(stores)}
    for quota in quotas:
        if not quota.is_counted:
            continue
        left = free(tx, tenant_id, quota, now)
        uses = defaultdict[str, dict[str, int]](dict)  # by store, by node
        for node_id, lease in storage.leases(tx, (tenant_id, quota.id)).items():
            uses[lease.store_id][node_id] = lease.uses
        for store_id, bodies in told.items():
            body = Lease(nodes=uses.get(store_id, {}), used_up=left is not None and left < 1)
            bodies[quota.id] = body.model_dump(mode="json")
    for store_id, bodies in told.items():
        feed.publish(tx, tenant_id, "lease", bodies, store_id)


def withdraw(tx: Transaction, tenant_id: str, quota_ids: Iterable[str]) -> None:
    """Tell stores that nothing of these is leased any more."""
    gone = defaultdict[str, dict[str, None]](dict)
    for quota_id in quota_ids:
        for lease in storage.leases(tx, (tenant_id, quota_id)).values():
            gone[lease.store_id][quota_id] = None
    for store_id, bodies in sorted(gone.items()):
        feed.publish(tx, tenant_id, "lease", bodies, store_id)


def recover_silent(tx: Transaction, tenant_id: str, quotas: Iterable[Quota], before: datetime, now: datetime) -> None:
    """Take back what silent boxes have not spent: not heard of since `before`; a new one, that got its lease before."""
    heard = {node.id: node.last_contact_at for node in fleet.nodes(tx, tenant_id)}
    for quota in quotas:
        leased = storage.leases(tx, (tenant_id, quota.id)).items()
        silent = {node_id for node_id, lease in leased if (heard.get(node_id) or lease.at) < before}
        recover(tx, (tenant_id, quota.id), silent, now)


def recover(tx: Transaction, owner: Owner, node_ids: Collection[str], now: datetime) -> int:
    """Take back what boxes were leased and have not spent, as far as head office knows. Returns how many uses.

    A box that does not hear of it may spend them all the same: `is_beyond` then finds its uses, when they arrive.
    """
    leases, spent = storage.leases(tx, owner), storage.spent(tx, owner)
    changed, came_back = {}, 0
    for node_id in node_ids:
        unspent = leases[node_id].uses - spent.get(node_id, 0)
        if unspent > 0:
            changed[node_id] = leases[node_id]._replace(uses=spent.get(node_id, 0), recovered_at=now)
            came_back += unspent
    storage.set_leases(tx, owner, changed)
    return came_back


def is_beyond(tx: Transaction, owner: Owner, node_id: str) -> bool:
    """Tell whether a box has spent more than it is leased."""
    return storage.spent_by(tx, owner, node_id) > storage.leased_to(tx, owner, node_id)
