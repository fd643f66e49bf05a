"""The feed: what head office publishes, as the newest state of each thing under a growing version number."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, select
from sqlalchemy.dialects.sqlite import insert

from cloud.database import Transaction, metadata
from shared.protocol.feed import FEED_ROWS_MAX, FeedPage, FeedRow, Kind

EVERY_STORE = ""
KEYS_MAX = 500  # beyond this many, reading every key of the kind is cheaper than asking for each

feed_rows = Table(
    "feed_rows",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("store_id", String(36), primary_key=True),  # "" for all stores of the tenant
    Column("kind", String(64), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("body", Text),
    Index("feed_rows_by_version", "tenant_id", "version"),
)

feed_versions = Table(
    "feed_versions",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
)


def publish(
    tx: Transaction,
    tenant_id: str,
    kind: Kind,
    bodies: Mapping[str, dict[str, Any] | None],
    store_id: str = EVERY_STORE,
) -> tuple[int, int]:
    """Publish the state of things by key; None says that one is gone. What is as before is not published again.

    Returns how many were new and how many changed.
    """
    known = _known(tx, tenant_id, kind, store_id, bodies)
    version = newest(tx, tenant_id)
    first = version
    added = 0
    rows = []
    for key, body in bodies.items():
        text = json.dumps(body, sort_keys=True, ensure_ascii=False) if body is not None else None
        if known.get(key) != text or (text is not None and key not in known):
            version += 1
            added += key not in known
            rows.append(
                {
                    "tenant_id": tenant_id,
                    "store_id": store_id,
                    "kind": kind,
                    "key": key,
                    "version": version,
                    "gone": body is None,
                    "body": text,
                }
            )
    if rows:
        upsert = insert(feed_rows)
        changed = {name: upsert.excluded[name] for name in ("version", "gone", "body")}
        tx.execute(upsert.on_conflict_do_update(index_elements=list(feed_rows.primary_key), set_=changed), rows)
        _set_newest(tx, tenant_id, version)
    return added, version - first - added


def _known(tx: Transaction, tenant_id: str, kind: str, store_id: str, keys: Collection[str]) -> dict[str, str | None]:
    query = select(feed_rows.c.key, feed_rows.c.body).where(
        feed_rows.c.tenant_id == tenant_id, feed_rows.c.store_id == store_id, feed_rows.c.kind == kind
    )
    if len(keys) <= KEYS_MAX:
        query = query.where(feed_rows.c.key.in_(keys))
    return {row.key: row.body for row in tx.execute(query)}


def newest(tx: Transaction, tenant_id: str) -> int:
    """Return the version of the row published last; 0 before the first."""
    found = tx.execute(select(feed_versions.c.version).where(feed_versions.c.tenant_id == tenant_id)).scalar()
    return found or 0


def _set_newest(tx: Transaction, tenant_id: str, version: int) -> None:
    upsert = insert(feed_versions).values(tenant_id=tenant_id, version=version)
    tx.execute(upsert.on_conflict_do_update(index_elements=["tenant_id"], set_={"version": version}))


def page(tx: Transaction, tenant_id: str, store_id: str, cursor: int, limit: int = FEED_ROWS_MAX) -> FeedPage:
    """Return rows for a store that are newer than `cursor`, oldest first."""
    query = (
        select(feed_rows)
        .where(
            feed_rows.c.tenant_id == tenant_id,
            feed_rows.c.store_id.in_((EVERY_STORE, store_id)),
            feed_rows.c.version > cursor,
        )
        .order_by(feed_rows.c.version)
        .limit(limit)
    )
    rows = tuple(
        FeedRow(
            version=row.version,
            kind=row.kind,
            key=row.key,
            gone=row.gone,
            body=json.loads(row.body) if row.body is not None else None,
        )
        for row in tx.execute(query)
    )
    end = newest(tx, tenant_id)
    more = len(rows) == limit and rows[-1].version < end
    return FeedPage(rows=rows, cursor=rows[-1].version if more else end, more=more, newest=end)


def keys(tx: Transaction, tenant_id: str, kind: Kind) -> set[str]:
    """Return the keys of all things of a kind that are not gone."""
    query = select(feed_rows.c.key).where(
        feed_rows.c.tenant_id == tenant_id, feed_rows.c.kind == kind, feed_rows.c.gone.is_(False)
    )
    return set(tx.execute(query).scalars())
