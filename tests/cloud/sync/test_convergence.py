"""Whatever is published, and however a node takes it, it ends with exactly the catalogue of a fresh snapshot."""

import asyncio
import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.database import Database, Transaction
from cloud.sync import feed
from cloud.sync.snapshot import Building, unpacked
from shared.clock import SystemClock
from shared.protocol import snapshot
from shared.protocol.catalogue_file import SCHEMA, apply
from shared.protocol.feed import FeedPage
from tests.builders import store as a_store

TENANT, STORE, OTHER = (f"0190a000-0000-7000-8000-00000000000{digit}" for digit in "123")
TABLES = ("products", "barcodes", "prices", "promotions", "promotions_to_come", "settings", "specials", "feed")
KEY = snapshot.new_key()

SKUS, CODES = st.sampled_from(["tea", "mug", "jam"]), st.sampled_from(["1", "2", "3"])
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)


@st.composite
def things(draw: st.DrawFn) -> tuple[str, str, dict[str, Any] | None]:
    """Draw something to publish: a kind, a key, and its body, or None for what is gone."""
    kind = draw(st.sampled_from(["product", "price", "promotion", "setting", "donation", "lease", "hologram"]))
    key = "store" if kind == "setting" else draw(SKUS)
    if kind != "setting" and draw(st.booleans()) and draw(st.booleans()):
        return kind, key, None
    bodies: dict[str, dict[str, Any]] = {
        "product": {"sku": key, "name": draw(NAMES), "barcodes": draw(st.lists(CODES, max_size=3)), "tags": []},
        "price": {"sku": key, "price_minor": draw(st.integers(0, 9)), "floor_price_minor": draw(st.integers(0, 2))},
        "promotion": {"id": key, "name": draw(NAMES)},
        "setting": a_store(name=draw(NAMES)).model_dump(mode="json"),
        "donation": {"id": key, "name": draw(NAMES)},
        "lease": {"nodes": {OTHER: draw(st.integers(0, 9))}},
        "hologram": {"any": draw(NAMES)},
    }
    return kind, key, bodies[kind]


PUBLISHED = st.tuples(
    st.just("publish"), st.lists(things(), min_size=1, max_size=4), st.sampled_from(["", STORE, OTHER])
)
TAKEN_BACK = st.tuples(st.just("take back"), st.sampled_from(["promotion"]), st.just(""))
PAGED = st.tuples(st.just("page"), st.integers(1, 4), st.just(""))
SHIPPED = st.tuples(st.just("snapshot"), st.just(0), st.just(""))


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
        apply(self.file, on_the_wire.rows, on_the_wire.cursor, more=on_the_wire.more)

    def swap(self, content: bytes) -> None:
        self.file.close()
        self.file = sqlite3.connect(":memory:", isolation_level=None)
        self.file.deserialize(content)

    def contents(self) -> dict[str, list[Any]]:
        return {table: sorted(self.file.execute(f"select * from {table}")) for table in TABLES}


def publish(tx: Transaction, changes: list[tuple[str, str, dict[str, Any] | None]], store_id: str) -> None:
    for kind, key, body in changes:
        feed.publish(tx, TENANT, kind, {key: body}, store_id)  # type: ignore[arg-type]


def take_back(tx: Transaction, kind: str) -> None:
    """Let what holds everywhere hold again in each store, as whoever publishes packs does."""
    own = feed.take_back(tx, TENANT, kind)  # type: ignore[arg-type]
    everywhere = {key: json.loads(body) for key, body in feed.bodies(tx, TENANT, kind, own).items()}  # type: ignore[arg-type]
    feed.publish(tx, TENANT, kind, {key: everywhere.get(key) for key in own}, anew=True)  # type: ignore[arg-type]


async def shipped(db: Database, folder: Path) -> bytes:
    building = Building(db.path, folder, TENANT, STORE)
    made = await asyncio.to_thread(building.run, SystemClock().now, KEY)
    return b"".join(unpacked(made.path))


async def ends_alike(steps: list[tuple[str, Any, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Database(Path(folder)) as db:
            node = Node()
            for step, what, store_id in steps:
                if step == "publish":
                    await db.write(publish, what, store_id)
                elif step == "take back":
                    await db.write(take_back, what)
                elif step == "page":
                    node.take(await db.read(feed.page, TENANT, STORE, node.cursor, what))
                else:
                    node.swap(await shipped(db, Path(folder) / "made"))
            while (page := await db.read(feed.page, TENANT, STORE, node.cursor, 2)).more:
                node.take(page)
            node.take(page)
            fresh = Node()
            fresh.swap(await shipped(db, Path(folder) / "made"))
            with closing(node.file), closing(fresh.file):
                assert node.contents() == fresh.contents()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(PUBLISHED, PUBLISHED, PAGED, PAGED, SHIPPED, TAKEN_BACK), max_size=14))
def test_any_mix_of_pages_and_snapshots_ends_like_a_fresh_snapshot(steps: list[tuple[str, Any, str]]) -> None:
    asyncio.run(ends_alike(steps))
