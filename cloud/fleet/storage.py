"""Stores and nodes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    or_,
    select,
)

from cloud.database import Transaction, metadata
from cloud.fleet.models import NodeHealth, WaitingNode
from cloud.received import Node
from cloud.sync.positions import Position
from shared.events.nodes import LeftOut
from shared.model.store import Store
from shared.protocol.enrolment import Certificate
from shared.protocol.neighbours import Neighbour

LEFT_OUT: TypeAdapter[tuple[LeftOut, ...]] = TypeAdapter(tuple[LeftOut, ...])

stores = Table(
    "stores",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("tenant_id", String(36), ForeignKey("tenants.id"), nullable=False),
    Column("code", String(64), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("tenant_id", "code"),
)

nodes = Table(
    "nodes",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("tenant_id", String(36), ForeignKey("tenants.id"), nullable=False),
    Column("store_id", String(36), ForeignKey("stores.id"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("series", String(64), nullable=False),
    Column("code_hash", String(64), unique=True),
    Column("code_expires_at", DateTime(timezone=True)),
    Column("public_key", String(64)),
    Column("last_contact_at", DateTime(timezone=True)),
    Column("unsent", Integer, nullable=False, default=0),
    Column("oldest_unsent_at", DateTime(timezone=True)),
    Column("software_version", String(200)),
    Column("left_out", Text),  # promotions that it cannot read, as JSON; null when there are none
    Column("feed_cursor", Integer),  # what it has of the feed
    Column("feed_fresh_at", DateTime(timezone=True)),  # when it last had all that there was
    Column("retired_at", DateTime(timezone=True)),
    Column("told_seq", Integer),  # where it last told that its journal ends
    Column("unsent_since", DateTime(timezone=True)),  # when it was first heard that it has to send, by our clock
    UniqueConstraint("store_id", "name"),
    UniqueConstraint("tenant_id", "series"),
)


def add_store(tx: Transaction, tenant_id: str, store: Store) -> None:
    tx.execute(stores.insert().values(id=store.id, tenant_id=tenant_id, code=store.code, body=store.model_dump_json()))


def change_store(tx: Transaction, tenant_id: str, store: Store) -> None:
    mine = stores.update().where(stores.c.tenant_id == tenant_id, stores.c.id == store.id)
    tx.execute(mine.values(body=store.model_dump_json()))


def store(tx: Transaction, tenant_id: str, store_id: str) -> Store | None:
    query = select(stores.c.body).where(stores.c.tenant_id == tenant_id, stores.c.id == store_id)
    body = tx.execute(query).scalar()
    return Store.model_validate_json(body) if body else None


def store_code_exists(tx: Transaction, tenant_id: str, code: str) -> bool:
    return (
        tx.execute(select(stores.c.id).where(stores.c.tenant_id == tenant_id, stores.c.code == code)).first()
        is not None
    )


def all_stores(tx: Transaction, tenant_id: str) -> list[Store]:
    query = select(stores.c.body).where(stores.c.tenant_id == tenant_id).order_by(stores.c.code)
    return [Store.model_validate_json(body) for body in tx.execute(query).scalars()]


def add_node(tx: Transaction, node: WaitingNode, tenant_id: str, store_id: str) -> None:
    tx.execute(nodes.insert().values(**dict(node), tenant_id=tenant_id, store_id=store_id))


def take_in(tx: Transaction, certificate: Certificate, name: str) -> None:
    told = certificate.model_dump(include={"tenant_id", "store_id", "series", "public_key"})
    tx.execute(nodes.insert().values(id=certificate.node_id, name=name, **told))


def set_code(tx: Transaction, node_id: str, code_hash: str, expires_at: datetime) -> None:
    tx.execute(nodes.update().where(nodes.c.id == node_id).values(code_hash=code_hash, code_expires_at=expires_at))


def node_name_exists(tx: Transaction, store_id: str, name: str) -> bool:
    return tx.execute(select(nodes.c.id).where(nodes.c.store_id == store_id, nodes.c.name == name)).first() is not None


def series_exists(tx: Transaction, tenant_id: str, series: str) -> bool:
    return (
        tx.execute(select(nodes.c.id).where(nodes.c.tenant_id == tenant_id, nodes.c.series == series)).first()
        is not None
    )


def by_code_hash(tx: Transaction, code_hash: str) -> Row[Any] | None:
    return tx.execute(select(nodes).where(nodes.c.code_hash == code_hash)).first()


def by_id(tx: Transaction, node_id: str) -> Row[Any] | None:
    return tx.execute(select(nodes).where(nodes.c.id == node_id)).first()


def enrol(tx: Transaction, node_id: str, public_key: str) -> None:
    tx.execute(nodes.update().where(nodes.c.id == node_id).values(public_key=public_key))


def enrolled(tx: Transaction, node_id: str) -> Node | None:
    row = tx.execute(select(nodes).where(nodes.c.id == node_id, nodes.c.public_key.is_not(None))).first()
    return _node(row) if row is not None else None


def _node(row: Row[Any]) -> Node:
    return Node(row.id, row.tenant_id, row.store_id, bytes.fromhex(row.public_key), row.retired_at is not None)


def at_work_in(tx: Transaction, store_id: str) -> list[Neighbour]:
    """Return a store's nodes that are enrolled and not retired."""
    at_work = (nodes.c.public_key.is_not(None), nodes.c.retired_at.is_(None))
    query = select(nodes).where(nodes.c.store_id == store_id, *at_work)
    return [Neighbour(id=row.id, name=row.name, public_key=row.public_key) for row in tx.execute(query)]


def stores_with_nodes(tx: Transaction) -> list[tuple[str, str]]:
    """Return (tenant, store) of each store that has an enrolled node."""
    query = select(nodes.c.tenant_id, nodes.c.store_id).where(nodes.c.public_key.is_not(None)).distinct()
    return [(row.tenant_id, row.store_id) for row in tx.execute(query)]


def contact(
    tx: Transaction, node_id: str, now: datetime, told_seq: int, unsent: int, oldest_unsent_at: datetime | None
) -> None:
    since = func.coalesce(nodes.c.unsent_since, now) if unsent else None
    told = {"told_seq": told_seq, "unsent": unsent, "oldest_unsent_at": oldest_unsent_at, "unsent_since": since}
    tx.execute(nodes.update().where(nodes.c.id == node_id).values(last_contact_at=now, **told))


def delivered(tx: Transaction, node_id: str, held_seq: int) -> None:
    mine = nodes.update().where(nodes.c.id == node_id, nodes.c.unsent > 0)
    tx.execute(mine.where(nodes.c.told_seq > held_seq).values(unsent=nodes.c.told_seq - held_seq))
    tx.execute(mine.where(nodes.c.told_seq <= held_seq).values(unsent=0, oldest_unsent_at=None, unsent_since=None))


def note_positions(tx: Transaction, positions: Mapping[str, Position]) -> None:
    mine = nodes.update().where(nodes.c.id == bindparam("node"))
    set_cursor = mine.values(feed_cursor=bindparam("cursor"))
    rows = [{"node": node_id, "cursor": one.cursor, "at": one.fresh_at} for node_id, one in positions.items()]
    tx.execute(set_cursor, [{"node": row["node"], "cursor": row["cursor"]} for row in rows])
    if fresh := [row for row in rows if row["at"] is not None]:
        tx.execute(mine.values(feed_cursor=bindparam("cursor"), feed_fresh_at=bindparam("at")), fresh)


def set_software_version(tx: Transaction, node_id: str, version: str) -> None:
    tx.execute(nodes.update().where(nodes.c.id == node_id).values(software_version=version))


def set_left_out(tx: Transaction, node_id: str, left_out: Sequence[LeftOut]) -> None:
    text = LEFT_OUT.dump_json(tuple(left_out)).decode() if left_out else None
    tx.execute(nodes.update().where(nodes.c.id == node_id).values(left_out=text))


def store_names(tx: Transaction, tenant_id: str, store_ids: Collection[str]) -> dict[str, str]:
    query = select(stores.c.id, stores.c.body).where(stores.c.tenant_id == tenant_id, stores.c.id.in_(store_ids))
    return {row.id: Store.model_validate_json(row.body).name for row in tx.execute(query)}


def node_names(tx: Transaction, tenant_id: str, node_ids: Collection[str]) -> dict[str, str]:
    query = select(nodes.c.id, nodes.c.name).where(nodes.c.tenant_id == tenant_id, nodes.c.id.in_(node_ids))
    return {row.id: row.name for row in tx.execute(query)}


def all_nodes(tx: Transaction, tenant_id: str) -> list[NodeHealth]:
    query = select(nodes).where(nodes.c.tenant_id == tenant_id).order_by(nodes.c.name)
    return [_health(row) for row in tx.execute(query)]


def node(tx: Transaction, tenant_id: str, node_id: str) -> NodeHealth | None:
    row = tx.execute(select(nodes).where(nodes.c.tenant_id == tenant_id, nodes.c.id == node_id)).first()
    return _health(row) if row is not None else None


def _health(row: Row[Any]) -> NodeHealth:
    return NodeHealth(
        id=row.id,
        store_id=row.store_id,
        name=row.name,
        series=row.series,
        is_enrolled=row.public_key is not None,
        last_contact_at=_aware(row.last_contact_at),
        unsent=row.unsent,
        oldest_unsent_at=_aware(row.oldest_unsent_at),
        software_version=row.software_version,
        left_out=LEFT_OUT.validate_json(row.left_out) if row.left_out else (),
        feed_cursor=row.feed_cursor,
        feed_fresh_at=_aware(row.feed_fresh_at),
        retired_at=_aware(row.retired_at),
        unsent_since=_aware(row.unsent_since),
    )


def retire(tx: Transaction, node_id: str, name: str, now: datetime) -> None:
    tx.execute(nodes.update().where(nodes.c.id == node_id).values(name=name, retired_at=now))


def troubled(tx: Transaction, silent_before: datetime, unsent_before: datetime) -> list[tuple[str, NodeHealth]]:
    """Return (tenant, node) of those at work that were not heard of since, or keep something since before then."""
    late = or_(nodes.c.last_contact_at < silent_before, nodes.c.unsent_since < unsent_before)
    at_work = (nodes.c.public_key.is_not(None), nodes.c.retired_at.is_(None))
    return [(row.tenant_id, _health(row)) for row in tx.execute(select(nodes).where(*at_work, late))]


def enrolled_keys(tx: Transaction, store_id: str, limit: int) -> list[Node]:
    """Return enrolled nodes of a store."""
    query = select(nodes).where(nodes.c.store_id == store_id, nodes.c.public_key.is_not(None)).limit(limit)
    return [_node(row) for row in tx.execute(query)]


def _aware(moment: datetime | None) -> datetime | None:
    """SQLite forgets the zone; everything is stored in UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
