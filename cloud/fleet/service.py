"""Opening stores, preparing nodes, enrolling boxes."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from cloud import requests
from cloud.database import Transaction
from cloud.fleet import storage
from cloud.fleet.models import (
    BRANCH_MARK,
    CodeExpired,
    CodeTaken,
    CodeUsed,
    NameTaken,
    NewNode,
    NodeHealth,
    NodeOfStore,
    NodeRequest,
    NodeRetired,
    RetiredNode,
    SeriesTaken,
    SettingsRequest,
    StoreForgotten,
    StoreRequest,
    TaxClassMissing,
    UnknownCode,
    WaitingNode,
)
from cloud.received import Handlers, Node, Received
from cloud.sync import feed, signing
from cloud.sync.positions import Position
from cloud.tenants.service import hashed
from shared import ids
from shared.errors import NotFound, Unauthenticated
from shared.events.nodes import NodeStarted, PromotionsLeftOut
from shared.model.store import Store
from shared.protocol import enrolment
from shared.protocol.batch import BadSignature, Batch, verify
from shared.protocol.enrolment import Certificate, Enrolled
from shared.retailers import retailer
from shared.tax.rates import rates_bp

NAME_LENGTH_MAX = 64
SIGNERS_MAX = 50  # boxes of a store whose keys are tried
SEQ_MAX = 2**53  # whatever a node claims, a browser can show it


def open_store(tx: Transaction, tenant_id: str, wanted: StoreRequest, now: datetime, request_key: str | None) -> Store:
    """Create a store and publish its settings to its nodes. Raises CodeTaken, NoTaxRates, NotFound."""

    def make() -> Store:
        if storage.store_code_exists(tx, tenant_id, wanted.code):
            raise CodeTaken(code=wanted.code)
        retailer(wanted.retailer)
        rates = wanted.tax_rates_bp or rates_bp(wanted.country)
        made = Store(id=ids.new_id(), **{**dict(wanted), "tax_rates_bp": rates})
        storage.add_store(tx, tenant_id, made)
        _publish(tx, tenant_id, made)
        return made

    return requests.once(tx, tenant_id, request_key, wanted, now, Store, make)


def change_store(tx: Transaction, tenant_id: str, store_id: str, wanted: SettingsRequest) -> Store:
    """Give a store other settings; its nodes take them with their next look. Raises NotFound, TaxClassMissing."""
    before = store(tx, tenant_id, store_id)
    retailer(wanted.retailer)
    rates = before.tax_rates_bp if wanted.tax_rates_bp is None else wanted.tax_rates_bp
    if missing := sorted(before.tax_rates_bp.keys() - rates.keys()):
        raise TaxClassMissing(tax_class=missing[0])
    made = before.model_copy(update={**dict(wanted), "tax_rates_bp": rates})
    storage.change_store(tx, tenant_id, made)
    _publish(tx, tenant_id, made)
    return made


def _publish(tx: Transaction, tenant_id: str, made: Store) -> None:
    feed.publish(tx, tenant_id, "setting", {"store": made.model_dump(mode="json")}, store_id=made.id)


def add_node(
    tx: Transaction,
    tenant_id: str,
    store_id: str,
    wanted: NodeRequest,
    now: datetime,
    valid_for: timedelta,
    request_key: str | None,
) -> NewNode:
    """Prepare a node and make its one-time code. A repeat makes another code, because the first is kept nowhere.

    Raises NotFound, NameTaken, SeriesTaken.
    """

    def make() -> WaitingNode:
        if storage.store(tx, tenant_id, store_id) is None:
            raise NotFound(kind="store", store=store_id)
        if storage.node_name_exists(tx, store_id, wanted.name):
            raise NameTaken(name=wanted.name)
        if storage.series_exists(tx, tenant_id, wanted.series):
            raise SeriesTaken(series=wanted.series)
        made = WaitingNode(id=ids.new_id(), name=wanted.name, series=wanted.series)
        storage.add_node(tx, made, tenant_id, store_id)
        return made

    asked = NodeOfStore(store_id=store_id, node=wanted)
    node = requests.once(tx, tenant_id, request_key, asked, now, WaitingNode, make)
    code, expires_at = ids.new_enrolment_code(), now + valid_for
    storage.set_code(tx, node.id, hashed(code), expires_at)
    return NewNode(**dict(node), enrolment_code=code, expires_at=expires_at)


def enrol(tx: Transaction, code: str, public_key: str, now: datetime) -> Enrolled:
    """Bind a node to the box that presents its code; the same box may repeat itself.

    Raises UnknownCode, CodeExpired, CodeUsed, NodeRetired.
    """
    node = storage.by_code_hash(tx, hashed(code))
    if node is None:
        raise UnknownCode
    if node.retired_at is not None:
        raise NodeRetired
    if node.public_key not in {None, public_key}:
        raise CodeUsed
    expires_at = node.code_expires_at.replace(tzinfo=node.code_expires_at.tzinfo or UTC)
    if node.public_key is None and expires_at < now:
        raise CodeExpired(expired_at=expires_at.isoformat(timespec="minutes"))
    storage.enrol(tx, node.id, public_key)
    publish_neighbours(tx, node.tenant_id, node.store_id)
    return enrolled(tx, node.id)


def enrolled(tx: Transaction, node_id: str) -> Enrolled:
    """Return what a node is told of itself, with what it shows to a head office that has forgotten it."""
    row = storage.by_id(tx, node_id)
    assert row is not None
    who = {
        "node_id": row.id,
        "node_name": row.name,
        "tenant_id": row.tenant_id,
        "store_id": row.store_id,
        "series": row.series,
    }
    certificate = Certificate(**who, public_key=row.public_key)
    return Enrolled(**who, certificate=enrolment.certify(certificate, signing.private_key(tx)))


def take_in_again(tx: Transaction, shown: Certificate) -> tuple[Enrolled, bool]:
    """Know a node again that the data have forgotten; returns what it is, and whether it was forgotten.

    Raises StoreForgotten, SeriesTaken, NodeRetired; Unauthenticated when the node has another key by now.
    """
    if storage.store(tx, shown.tenant_id, shown.store_id) is None:
        raise StoreForgotten
    known = storage.by_id(tx, shown.node_id)
    if known is None:
        if storage.series_exists(tx, shown.tenant_id, shown.series):
            raise SeriesTaken(series=shown.series)
        storage.take_in(tx, shown, _free_name(tx, shown))
    elif known.retired_at is not None:
        raise NodeRetired
    elif known.public_key not in {None, shown.public_key}:
        raise Unauthenticated
    else:
        storage.enrol(tx, shown.node_id, shown.public_key)
    publish_neighbours(tx, shown.tenant_id, shown.store_id)
    return enrolled(tx, shown.node_id), known is None or known.public_key is None


def publish_neighbours(tx: Transaction, tenant_id: str, store_id: str) -> None:
    """Tell a store's nodes of each other, so that they know each other's signatures; a retired one is nobody's."""
    known = {node.id: node for node in storage.at_work_in(tx, store_id)}
    told = feed.bodies(tx, tenant_id, "node", store_id=store_id)
    gone: dict[str, dict[str, Any] | None] = dict.fromkeys(told.keys() - known.keys())
    feed.publish(tx, tenant_id, "node", gone | {key: node.model_dump() for key, node in known.items()}, store_id)


def publish_all_neighbours(tx: Transaction) -> None:
    """Do that for every store, as earlier versions told nodes nothing of each other, and of retired ones too much."""
    for tenant_id, store_id in storage.stores_with_nodes(tx):
        publish_neighbours(tx, tenant_id, store_id)


def neighbour_of(tx: Transaction, node: Node, node_id: str) -> Node:
    """Return another node of a node's store, also one that is retired: what it sold counts. Raises NotFound."""
    found = storage.enrolled(tx, node_id)
    if found is None or (found.tenant_id, found.store_id) != (node.tenant_id, node.store_id):
        raise NotFound(kind="node", node=node_id)
    return found


def retire(tx: Transaction, tenant_id: str, node_id: str, now: datetime) -> RetiredNode:
    """Retire a node for good: its series is never given again, its name is free. A repeat changes nothing.

    Raises NotFound.
    """
    before = node(tx, tenant_id, node_id)
    if before.retired_at is None:
        storage.retire(tx, node_id, _name_of_retired(tx, before), now)
        publish_neighbours(tx, tenant_id, before.store_id)
    after = node(tx, tenant_id, node_id)
    return RetiredNode(id=node_id, name=after.name, series=after.series, retired_at=after.retired_at or now)


def branch_off(tx: Transaction, node: Node, now: datetime) -> tuple[str, str]:
    """Make the node under which a branch of a node's journal is held; nobody calls as this. Returns id and name."""
    known = storage.by_id(tx, node.id)
    assert known is not None
    all_series = (f"{known.series}{BRANCH_MARK}{number}" for number in count(2))
    series = next(one for one in all_series if not storage.series_exists(tx, node.tenant_id, one))
    branch = WaitingNode(id=ids.new_id(), name=_with_series(known.name, series), series=series)
    storage.add_node(tx, branch, node.tenant_id, node.store_id)
    storage.retire(tx, branch.id, branch.name, now)
    return branch.id, branch.name


def _name_of_retired(tx: Transaction, node: NodeHealth) -> str:
    """Return what a node is called from now on, so that the one in its place may have its name."""
    name = _with_series(node.name, node.series)
    return node.name if storage.node_name_exists(tx, node.store_id, name) else name


def _free_name(tx: Transaction, node: Certificate) -> str:
    """Return what a node is called that comes back: another may have its name by now."""
    names = (node.node_name, _with_series(node.node_name, node.series), node.node_id)
    return next(name for name in names if not storage.node_name_exists(tx, node.store_id, name))


def _with_series(name: str, series: str) -> str:
    mark = f" ({series})"
    return name[: NAME_LENGTH_MAX - len(mark)].rstrip() + mark


def troubled(tx: Transaction, silent_before: datetime, unsent_before: datetime) -> list[tuple[str, NodeHealth]]:
    """Return (tenant, node) of those at work that were not heard of since, or keep something since before then."""
    return storage.troubled(tx, silent_before, unsent_before)


def signer(tx: Transaction, node: Node, batch: Batch) -> NodeHealth | None:
    """Return which other node of the store signed a batch as its own; None when nobody there did."""
    for other in storage.enrolled_keys(tx, node.store_id, SIGNERS_MAX):
        with suppress(BadSignature):
            verify(batch, other.public_key, other.id)
            return storage.node(tx, node.tenant_id, other.id)
    return None


def enrolled_node(tx: Transaction, node_id: str) -> Node:
    """Return the node that claims to call. Raises Unauthenticated."""
    node = storage.enrolled(tx, node_id)
    if node is None:
        raise Unauthenticated
    return node


def stores(tx: Transaction, tenant_id: str) -> list[Store]:
    return storage.all_stores(tx, tenant_id)


def store(tx: Transaction, tenant_id: str, store_id: str) -> Store:
    """Return one store. Raises NotFound."""
    found = storage.store(tx, tenant_id, store_id)
    if found is None:
        raise NotFound(kind="store", store=store_id)
    return found


def nodes(tx: Transaction, tenant_id: str) -> list[NodeHealth]:
    return storage.all_nodes(tx, tenant_id)


def node(tx: Transaction, tenant_id: str, node_id: str) -> NodeHealth:
    """Return one node. Raises NotFound."""
    found = storage.node(tx, tenant_id, node_id)
    if found is None:
        raise NotFound(kind="node", node=node_id)
    return found


def store_names(tx: Transaction, tenant_id: str, store_ids: Collection[str]) -> dict[str, str]:
    """Return the names of stores by id."""
    return storage.store_names(tx, tenant_id, store_ids)


def node_names(tx: Transaction, tenant_id: str, node_ids: Collection[str]) -> dict[str, str]:
    """Return the names of nodes by id."""
    return storage.node_names(tx, tenant_id, node_ids)


def contact(
    tx: Transaction, node_id: str, now: datetime, told_seq: int, held_seq: int, oldest: datetime | None
) -> None:
    """Note that a node was heard of, and what it still has to send.

    told_seq: where it says that its journal ends. held_seq: up to where that is here. oldest: when it wrote the first
    entry that it has to send, as it tells.
    """
    told_seq = min(told_seq, SEQ_MAX)
    unsent = max(0, told_seq - held_seq)
    storage.contact(tx, node_id, now, told_seq, unsent, oldest if unsent else None)


def delivered(tx: Transaction, node_id: str, held_seq: int) -> None:
    """Note up to where a node's journal is here, when another brought it: it may never be heard of again."""
    storage.delivered(tx, node_id, held_seq)


def note_positions(tx: Transaction, positions: Mapping[str, Position]) -> None:
    """Note how far nodes have come with the feed, by node."""
    storage.note_positions(tx, positions)


def on_node_started(tx: Transaction, received: Received[NodeStarted]) -> None:
    storage.set_software_version(tx, received.node_id, received.fact.software_version)
    storage.set_left_out(tx, received.node_id, ())  # with its new software it may read them all; else it says so


def on_promotions_left_out(tx: Transaction, received: Received[PromotionsLeftOut]) -> None:
    storage.set_left_out(tx, received.node_id, received.fact.left_out)


handlers: Handlers = {NodeStarted: on_node_started, PromotionsLeftOut: on_promotions_left_out}
