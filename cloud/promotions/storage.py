"""Promotions, packs, their publications, and alarms about orders."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Index, Integer, Row, String, Table, Text, func, select
from sqlalchemy.dialects.sqlite import insert

from cloud.database import Transaction, metadata
from shared.promotions import pack as packing
from shared.promotions.families import Promotion

Record = Row[Any]  # columns by name
IDS_AT_ONCE = 500  # in one statement

promotions = Table(
    "promotions",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("family", String(64), nullable=False),
    Column("words", Text, nullable=False),  # what a search looks at
    Column("body", Text, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

packs = Table(
    "packs",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("version", String(64), primary_key=True),  # a hash of the promotions
    Column("size", Integer, nullable=False),
    Column("promotions", Text, nullable=False),
)

publications = Table(
    "publications",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("store_id", String(36), primary_key=True),  # "" for all stores
    Column("version", String(64), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("starts_at", DateTime(timezone=True)),
    Column("published_at", DateTime(timezone=True)),
    Index("publications_to_come", "published_at", "starts_at"),
)

alarms = Table(
    "promotion_alarms",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("order_id", String(36), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("receipt_number", String(64), nullable=False),
    Column("store_id", String(36), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("edge_log", Text, nullable=False),
    Column("our_log", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("acknowledged_at", DateTime(timezone=True)),
    Index("promotion_alarms_by_number", "tenant_id", "number", unique=True),
)


def put(
    tx: Transaction,
    tenant_id: str,
    written: Sequence[tuple[Promotion, str]],
    revisions: Mapping[str, int],
    now: datetime,
) -> None:
    """Add or replace promotions with their state and revision."""
    rows = [
        {
            "tenant_id": tenant_id,
            "id": promotion.id,
            "revision": revisions[promotion.id],
            "state": state,
            "family": promotion.family,
            "words": f"{promotion.id} {promotion.name or ''} {promotion.external_id or ''}".casefold(),
            "body": packing.written(promotion),
            "updated_at": now,
        }
        for promotion, state in written
    ]
    if rows:
        upsert = insert(promotions)
        changed = {name: upsert.excluded[name] for name in rows[0] if name not in {"tenant_id", "id"}}
        tx.execute(upsert.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=changed), rows)


def end(tx: Transaction, tenant_id: str, ids: Sequence[str], now: datetime) -> None:
    """Take promotions out of the packs to come; they stay to be looked at."""
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = promotions.c.id.in_(ids[start : start + IDS_AT_ONCE])
        ended = promotions.update().where(promotions.c.tenant_id == tenant_id, some)
        tx.execute(ended.values(state="ended", revision=promotions.c.revision + 1, updated_at=now))


def remove(tx: Transaction, tenant_id: str, promotion_id: str) -> None:
    tx.execute(promotions.delete().where(promotions.c.tenant_id == tenant_id, promotions.c.id == promotion_id))


def promotion(tx: Transaction, tenant_id: str, promotion_id: str) -> Record | None:
    query = select(promotions).where(promotions.c.tenant_id == tenant_id, promotions.c.id == promotion_id)
    return tx.execute(query).first()


def all_promotions(tx: Transaction, tenant_id: str) -> dict[str, Record]:
    """Return every promotion by id, whatever its state."""
    return {row.id: row for row in tx.execute(select(promotions).where(promotions.c.tenant_id == tenant_id))}


def active(tx: Transaction, tenant_id: str) -> dict[str, str]:
    """Return the bodies of what goes into the next pack, by id."""
    return in_states(tx, tenant_id, ("active",))


def in_states(tx: Transaction, tenant_id: str, states: Collection[str]) -> dict[str, str]:
    """Return the bodies of promotions in these states, by id."""
    query = select(promotions.c.id, promotions.c.body)
    found = query.where(promotions.c.tenant_id == tenant_id, promotions.c.state.in_(states))
    return {row.id: row.body for row in tx.execute(found)}


def listed(
    tx: Transaction,
    tenant_id: str,
    text: str,
    family: str | None,
    state: str | None,
    after: str,
    limit: int,
) -> tuple[list[Record], int]:
    """Return promotions behind the id `after`, and how many there are of these at all."""
    wanted = [promotions.c.tenant_id == tenant_id]
    wanted += [promotions.c.words.contains(word, autoescape=True) for word in text.casefold().split()]
    if family:
        wanted.append(promotions.c.family == family)
    if state:
        wanted.append(promotions.c.state == state)
    total = tx.execute(select(func.count()).select_from(promotions).where(*wanted)).scalar_one()
    query = select(promotions).where(*wanted, promotions.c.id > after).order_by(promotions.c.id).limit(limit)
    return list(tx.execute(query)), total


def keep_pack(tx: Transaction, tenant_id: str, version: str, size: int, text: str) -> None:
    """Keep a pack for as long as an order may name it, which is for ever. The same content is kept once.

    It is written again all the same: should the copy that was kept be damaged, it is whole then.
    """
    upsert = insert(packs).values(tenant_id=tenant_id, version=version, size=size, promotions=text)
    tx.execute(upsert.on_conflict_do_update(index_elements=["tenant_id", "version"], set_={"promotions": text}))


def pack(tx: Transaction, tenant_id: str, version: str) -> str | None:
    """Return a pack's promotions as JSON."""
    query = select(packs.c.promotions).where(packs.c.tenant_id == tenant_id, packs.c.version == version)
    return tx.execute(query).scalar()


def newest_packs(tx: Transaction, tenant_id: str, store_id: str, limit: int) -> list[str]:
    """Return the versions that were last published for a store, the newest first."""
    newest = func.max(publications.c.number)
    query = (
        select(publications.c.version)
        .where(
            publications.c.tenant_id == tenant_id,
            publications.c.store_id.in_(("", store_id)),
            publications.c.published_at.is_not(None),
        )
        .group_by(publications.c.version)
        .order_by(newest.desc())
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def add_publication(
    tx: Transaction,
    tenant_id: str,
    version: str,
    store_ids: Collection[str],
    asked_at: datetime,
    starts_at: datetime | None,
) -> int:
    """Note that a pack shall go to stores. Returns the publication's number."""
    newest = select(func.coalesce(func.max(publications.c.number), 0)).where(publications.c.tenant_id == tenant_id)
    number = tx.execute(newest).scalar_one() + 1
    rows = [
        {
            "tenant_id": tenant_id,
            "number": number,
            "store_id": store_id,
            "version": version,
            "asked_at": asked_at,
            "starts_at": starts_at,
        }
        for store_id in store_ids
    ]
    tx.execute(publications.insert(), rows)
    return int(number)


def due(tx: Transaction, now: datetime) -> list[tuple[str, int]]:
    """Return tenant and number of the publications whose time has come, the earliest first."""
    query = (
        select(publications.c.tenant_id, publications.c.number)
        .where(publications.c.published_at.is_(None), publications.c.starts_at <= now)
        .group_by(publications.c.tenant_id, publications.c.number)
        .order_by(func.min(publications.c.starts_at), publications.c.number)
    )
    return [(row.tenant_id, row.number) for row in tx.execute(query)]


def claim(tx: Transaction, tenant_id: str, number: int, now: datetime) -> list[Record]:
    """Mark a publication as done, and return its rows if nobody did before: who gets them publishes, in this
    transaction.
    """
    mine = (publications.c.tenant_id == tenant_id, publications.c.number == number)
    open_rows = publications.update().where(*mine, publications.c.published_at.is_(None))
    if not tx.execute(open_rows.values(published_at=now)).rowcount:
        return []
    return list(tx.execute(select(publications).where(*mine)))


def publication(tx: Transaction, tenant_id: str, number: int) -> list[Record]:
    """Return a publication's rows, one for each store that is named."""
    return _publications(tx, tenant_id, (number,))


def remove_publication(tx: Transaction, tenant_id: str, number: int) -> None:
    mine = publications.delete().where(publications.c.tenant_id == tenant_id, publications.c.number == number)
    tx.execute(mine.where(publications.c.published_at.is_(None)))


def publications_before(tx: Transaction, tenant_id: str, before: int | None, limit: int) -> list[Record]:
    """Return the rows of the publications with numbers below `before`, the newest first."""
    numbers = select(publications.c.number).where(publications.c.tenant_id == tenant_id).distinct()
    if before is not None:
        numbers = numbers.where(publications.c.number < before)
    found = tx.execute(numbers.order_by(publications.c.number.desc()).limit(limit)).scalars().all()
    return _publications(tx, tenant_id, found)


def _publications(tx: Transaction, tenant_id: str, numbers: Sequence[int]) -> list[Record]:
    query = (
        select(publications, packs.c.size)
        .join(packs, (packs.c.tenant_id == publications.c.tenant_id) & (packs.c.version == publications.c.version))
        .where(publications.c.tenant_id == tenant_id, publications.c.number.in_(numbers))
        .order_by(publications.c.number.desc(), publications.c.store_id)
    )
    return list(tx.execute(query))


def add_alarm(tx: Transaction, tenant_id: str, alarm: Mapping[str, Any]) -> None:
    """Note an alarm about an order, under the tenant's next number."""
    newest = select(func.coalesce(func.max(alarms.c.number), 0)).where(alarms.c.tenant_id == tenant_id)
    tx.execute(alarms.insert().values(tenant_id=tenant_id, number=tx.execute(newest).scalar_one() + 1, **alarm))


def alarms_before(tx: Transaction, tenant_id: str, before: int | None, limit: int, *, waiting: bool) -> list[Record]:
    """Return alarms with numbers below `before`, the newest first. waiting: only those without acknowledgement."""
    query = select(alarms).where(alarms.c.tenant_id == tenant_id)
    if before is not None:
        query = query.where(alarms.c.number < before)
    if waiting:
        query = query.where(alarms.c.acknowledged_at.is_(None))
    return list(tx.execute(query.order_by(alarms.c.number.desc()).limit(limit)))


def alarm(tx: Transaction, tenant_id: str, order_id: str) -> Record | None:
    query = select(alarms).where(alarms.c.tenant_id == tenant_id, alarms.c.order_id == order_id)
    return tx.execute(query).first()


def acknowledge(tx: Transaction, tenant_id: str, order_id: str, now: datetime) -> None:
    """Note when somebody first looked at an alarm."""
    mine = alarms.update().where(alarms.c.tenant_id == tenant_id, alarms.c.order_id == order_id)
    tx.execute(mine.where(alarms.c.acknowledged_at.is_(None)).values(acknowledged_at=now))


def alarms_waiting(tx: Transaction, tenant_id: str) -> int:
    query = select(func.count()).select_from(alarms).where(alarms.c.tenant_id == tenant_id)
    return tx.execute(query.where(alarms.c.acknowledged_at.is_(None))).scalar_one()
