"""Whatever is published, and however a node takes it, it ends with exactly the catalogue of a fresh snapshot."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cloud.database import Database, Transaction
from cloud.sync import feed
from cloud.sync.snapshot import Building, unpacked
from shared import ids
from shared.clock import SystemClock
from shared.protocol import snapshot
from shared.protocol.catalogue_file import SCHEMA, apply
from shared.protocol.feed import FeedPage
from tests.builders import store as a_store

TENANT, STORE, OTHER = (f"0190a000-0000-7000-8000-00000000000{digit}" for digit in "123")
TABLES = ("products", "barcodes", "prices", "promotions", "promotions_to_come", "settings", "specials", "feed")
KEY = snapshot.new_key()

SEEDS, STEPS = range(12), 60
KINDS = ("product", "product", "price", "price", "promotion", "setting", "donation", "lease", "hologram")
NAMES = ("Tea", "Té ☕", "\u05d7\u05dc\u05d1", "a\x00b", "'; drop table prices; --", '"quoted" \\', "\u2028", "123")

Thing = tuple[str, str, dict[str, Any] | None]


def thing(chance: Random) -> Thing:
    """Draw something to publish: a kind, a key, and its body, or None for what is gone."""
    kind, name, key = chance.choice(KINDS), chance.choice(NAMES), chance.choice(("tea", "mug", "jam"))
    if kind == "setting":
        return kind, "store", a_store(name=name).model_dump(mode="json")
    bodies: dict[str, dict[str, Any]] = {
        "product": {"sku": key, "name": name, "barcodes": chance.choices("123", k=chance.randrange(3)), "tags": []},
        "price": {"sku": key, "price_minor": chance.randrange(9), "floor_price_minor": chance.randrange(2)},
        "promotion": {"id": key, "name": name},
        "donation": {"id": key, "name": name},
        "lease": {"nodes": {OTHER: chance.randrange(9)}},
        "hologram": {"any": name},
    }
    return kind, key, None if chance.random() < 0.3 else bodies[kind]


class Node:
    """A node's catalogue, kept as the daemon keeps it."""

    def __init__(self) -> None:
        self.file = sqlite3.connect(":memory:", isolation_level=None)
        self.file.executescript(SCHEMA)

    @property
    def cursor(self) -> int:
        return int(self.file.execute("select cursor from feed").fetchone()[0])

    def take(self, page: FeedPage) -> None:
        on_the_wire = FeedPage.model_validate_json(page.model_dump_json())
        apply(self.file, on_the_wire.rows, on_the_wire.cursor, on_the_wire.head, more=on_the_wire.more)

    def swap(self, content: bytes) -> None:
        self.file.close()
        self.file = sqlite3.connect(":memory:", isolation_level=None)
        self.file.deserialize(content)

    def contents(self) -> dict[str, list[Any]]:
        return {table: sorted(self.file.execute(f"select * from {table}")) for table in TABLES}


def publish(tx: Transaction, tenant_id: str, changes: list[Thing], store: str) -> None:
    for kind, key, body in changes:
        feed.publish(tx, tenant_id, kind, {key: body}, store)  # type: ignore[arg-type]


def take_back(tx: Transaction, tenant_id: str, kind: str) -> None:
    """Let what holds everywhere hold again in each store, as whoever publishes packs does."""
    own = feed.take_back(tx, tenant_id, kind)  # type: ignore[arg-type]
    everywhere = {key: json.loads(body) for key, body in feed.bodies(tx, tenant_id, kind, own).items()}  # type: ignore[arg-type]
    feed.publish(tx, tenant_id, kind, {key: everywhere.get(key) for key in own}, anew=True)  # type: ignore[arg-type]


async def shipped(db: Database, tenant_id: str) -> bytes:
    building = Building(db.path, db.path.parent / "made", tenant_id, STORE)
    made = await asyncio.to_thread(building.run, SystemClock().now, KEY)
    return b"".join(unpacked(made.path))


@pytest.mark.parametrize("seed", SEEDS)
async def test_any_mix_of_pages_and_snapshots_ends_like_a_fresh_snapshot(tmp_path: Path, seed: int) -> None:
    chance = ids.seeded(seed)
    async with Database(tmp_path) as db:
        node = Node()
        for _ in range(STEPS):
            step = chance.choices(("publish", "page", "check", "snapshot", "take back"), (10, 8, 2, 1, 1))[0]
            if step == "publish":
                store_id = chance.choice(("", "", STORE, OTHER))
                await db.write(publish, TENANT, [thing(chance) for _ in range(chance.randint(1, 4))], store_id)
            elif step == "take back":
                await db.write(take_back, TENANT, "promotion")
            elif step == "page":
                node.take(await db.read(feed.page, TENANT, STORE, node.cursor, chance.randint(1, 4)))
            elif step == "snapshot":
                node.swap(await shipped(db, TENANT))
            else:
                await ends_alike(db, node)
        await ends_alike(db, node)
        node.file.close()


async def ends_alike(db: Database, node: Node) -> None:
    """Bring a node to the feed's end; it must have then what a fresh snapshot has."""
    while (page := await db.read(feed.page, TENANT, STORE, node.cursor, 2)).more:
        node.take(page)
    node.take(page)
    fresh = Node()
    fresh.swap(await shipped(db, TENANT))
    with closing(fresh.file):
        assert node.contents() == fresh.contents()
