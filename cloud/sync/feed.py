"""The feed: what head office publishes, as the newest state of each thing under a growing version number."""

import hashlib
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, delete, select
from sqlalchemy.dialects.sqlite import insert

from cloud.database import Transaction, announce_after_commit, metadata
from shared.protocol.feed import FEED_BYTES_MAX, FEED_ROWS_MAX, FeedPage, FeedRow, Kind, text_of

EVERY_STORE = ""
BEHIND_MAX = 10_000  # versions looked at: a node that far behind takes a snapshot
HEADS_KEPT = 200_000  # versions; whoever is further behind takes a snapshot
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

# A chain over what was published, as the journal has one over what was written: a copy of the data that is put in place
# counts its versions a second time, and a node that took the first ones must not take them for these.
feed_heads = Table(
    "feed_heads",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),  # the last of what was published in one go
    Column("head", String(64), nullable=False),  # the chain's hash there
)


def topic(tenant_id: str, store_id: str = EVERY_STORE) -> str:
    """Return the hub's topic that is announced when something was published for a store, or for all of them."""
    return f"feed:{tenant_id}:{store_id}"


def publish(
    tx: Transaction,
    tenant_id: str,
    kind: Kind,
    bodies: Mapping[str, dict[str, Any] | None],
    store_id: str = EVERY_STORE,
    *,
    anew: bool = False,
) -> tuple[int, int]:
    """Publish the state of things by key; None says that one is gone. What is as before is not published again.

    anew: publish it all the same, as a row of another store may have covered it at the nodes.
    Returns how many were new and how many changed.
    """
    known = _known(tx, tenant_id, kind, store_id, bodies)
    version = newest(tx, tenant_id)
    first = version
    added = 0
    rows = []
    for key, body in bodies.items():
        text = text_of(body) if body is not None else None
        if anew or known.get(key) != text or (text is not None and key not in known):
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
        _advance(tx, tenant_id, version, rows)
        announce_after_commit(tx, topic(tenant_id, store_id))
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


def _advance(tx: Transaction, tenant_id: str, version: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Let the feed and its chain reach `version`."""
    reached = hashlib.sha256((head_at(tx, tenant_id, newest(tx, tenant_id)) or tenant_id).encode())
    for row in rows:
        reached.update(json.dumps([row["store_id"], row["kind"], row["key"], row["body"]]).encode())
    tx.execute(feed_heads.insert().values(tenant_id=tenant_id, version=version, head=reached.hexdigest()))
    old = (feed_heads.c.tenant_id == tenant_id, feed_heads.c.version < version - HEADS_KEPT)
    tx.execute(delete(feed_heads).where(*old))
    upsert = insert(feed_versions).values(tenant_id=tenant_id, version=version)
    tx.execute(upsert.on_conflict_do_update(index_elements=["tenant_id"], set_={"version": version}))


def head_at(tx: Transaction, tenant_id: str, version: int) -> str | None:
    """Return the chain's hash after everything that was published together with `version`; None before the first."""
    query = select(feed_heads.c.head).where(feed_heads.c.tenant_id == tenant_id, feed_heads.c.version >= version)
    found: str | None = tx.execute(query.order_by(feed_heads.c.version).limit(1)).scalar()
    return found


def is_of_lost_past(tx: Transaction, tenant_id: str, cursor: int, head: str) -> bool:
    """Tell whether a node has rows that were lost when an older copy of the data was put in place."""
    return cursor > newest(tx, tenant_id) or head != head_at(tx, tenant_id, cursor)


def page(tx: Transaction, tenant_id: str, store_id: str, cursor: int, limit: int = FEED_ROWS_MAX) -> FeedPage:
    """Return rows for a store that are newer than `cursor`, oldest first; fewer than `limit` if they are large."""
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
    rows: list[FeedRow] = []
    size = 0
    is_full = False
    for row in tx.execute(query):
        size += len(row.body or "")
        is_full = bool(rows) and size > FEED_BYTES_MAX
        if is_full:
            break
        body = json.loads(row.body) if row.body is not None else None
        rows.append(FeedRow(version=row.version, kind=row.kind, key=row.key, gone=row.gone, body=body))
    end = newest(tx, tenant_id)
    more = is_full or (len(rows) == limit and rows[-1].version < end)
    reached = rows[-1].version if more else end
    return FeedPage(rows=tuple(rows), cursor=reached, more=more, newest=end, head=head_at(tx, tenant_id, reached))


def behind(
    tx: Transaction, tenant_id: str, positions: Collection[tuple[str, int | None]]
) -> dict[tuple[str, int | None], int]:
    """Return how many rows are newer than (store, cursor), for each that asked before.

    The newest versions are read once for all. Whoever is BEHIND_MAX versions behind or more is told that number, as is
    one that is ahead: it has to begin anew, for head office was restored from an old copy.
    """
    end = newest(tx, tenant_id)
    asked = [(store_id, cursor) for store_id, cursor in positions if cursor is not None]
    near = [cursor for _, cursor in asked if end - BEHIND_MAX < cursor <= end]
    versions = _versions_by_store(tx, tenant_id, min(near, default=end))
    found: dict[tuple[str, int | None], int] = {}
    for store_id, cursor in asked:
        if end - BEHIND_MAX < cursor <= end:
            seen = [versions[EVERY_STORE], versions[store_id]]
            found[store_id, cursor] = sum(len(each) - bisect_right(each, cursor) for each in seen)
        else:
            found[store_id, cursor] = BEHIND_MAX
    return found


def _versions_by_store(tx: Transaction, tenant_id: str, after: int) -> defaultdict[str, list[int]]:
    """Return the versions of rows that are newer than one, by store, in order."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    query = select(feed_rows.c.store_id, feed_rows.c.version).where(
        feed_rows.c.tenant_id == tenant_id, feed_rows.c.version > after
    )
    for store_id, version in tx.execute(query.order_by(feed_rows.c.version)):
        found[store_id].append(version)
    return found


def bodies(
    tx: Transaction, tenant_id: str, kind: Kind, keys: Collection[str] | None = None, store_id: str = EVERY_STORE
) -> dict[str, str]:
    """Return things that are published, as JSON by key; all of a kind unless keys are named."""
    if keys is None:
        query = select(feed_rows.c.key, feed_rows.c.body).where(
            feed_rows.c.tenant_id == tenant_id, feed_rows.c.store_id == store_id, feed_rows.c.kind == kind
        )
        found = {row.key: row.body for row in tx.execute(query)}
    else:
        found = _known(tx, tenant_id, kind, store_id, keys)
    return {key: body for key, body in found.items() if body is not None and (keys is None or key in keys)}


def following(tx: Transaction, tenant_id: str, kind: Kind, after: str, limit: int) -> dict[str, str]:
    """Return up to `limit` things that are published to all stores, as JSON by key, from behind the key `after`."""
    query = (
        select(feed_rows.c.key, feed_rows.c.body)
        .where(
            feed_rows.c.tenant_id == tenant_id,
            feed_rows.c.store_id == EVERY_STORE,
            feed_rows.c.kind == kind,
            feed_rows.c.key > after,
            feed_rows.c.body.is_not(None),
        )
        .order_by(feed_rows.c.key)
        .limit(limit)
    )
    return {row.key: row.body for row in tx.execute(query)}


def seen_by(tx: Transaction, tenant_id: str, store_id: str, kind: Kind) -> dict[str, str]:
    """Return what a store's nodes have of a kind, as JSON by key: of two rows for one thing the newer holds."""
    query = (
        select(feed_rows.c.key, feed_rows.c.body)
        .where(
            feed_rows.c.tenant_id == tenant_id,
            feed_rows.c.store_id.in_((EVERY_STORE, store_id)),
            feed_rows.c.kind == kind,
        )
        .order_by(feed_rows.c.version)
    )
    newest_last = {row.key: row.body for row in tx.execute(query)}
    return {key: body for key, body in newest_last.items() if body is not None}


def stores_apart(tx: Transaction, tenant_id: str, kind: Kind) -> set[str]:
    """Return the stores that have rows of a kind of their own."""
    query = select(feed_rows.c.store_id).distinct()
    own = query.where(feed_rows.c.tenant_id == tenant_id, feed_rows.c.store_id != EVERY_STORE, feed_rows.c.kind == kind)
    return set(tx.execute(own).scalars())


def take_back(tx: Transaction, tenant_id: str, kind: Kind) -> set[str]:
    """Forget the rows of a kind that single stores have of their own. Returns their keys.

    The nodes have them still: what shall hold everywhere must be published anew under these keys.
    """
    own = (
        feed_rows.c.tenant_id == tenant_id,
        feed_rows.c.store_id != EVERY_STORE,
        feed_rows.c.kind == kind,
    )
    found = set(tx.execute(select(feed_rows.c.key).where(*own)).scalars())
    if found:
        tx.execute(delete(feed_rows).where(*own))
    return found
