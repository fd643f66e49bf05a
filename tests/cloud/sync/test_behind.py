"""How far nodes are behind the feed is read once for all of them, however many there are."""

from pathlib import Path
from typing import Any

import pytest

from cloud.database import Database, Transaction
from cloud.sync import feed
from cloud.sync.feed import BEHIND_MAX
from tests.cloud.boxes import an_id

TENANT, STORES = an_id(1), [an_id(100 + number) for number in range(4)]
ROWS = 200
STEPS = 100  # of the database's machine, between two looks

Position = tuple[str, int | None]


def publish(tx: Transaction) -> int:
    """Publish to all stores and to each, some of it again and again. Returns the newest version."""
    for number in range(ROWS):
        store_id = ("", *STORES)[number % 5]
        feed.publish(tx, TENANT, "lease", {f"K{number % 60}": {"nodes": {}, "number": number}}, store_id)
    return feed.newest(tx, TENANT)


def counted(tx: Transaction, position: Position) -> int:
    """Count one by one what a node lacks."""
    store_id, cursor = position
    assert cursor is not None
    return len(feed.page(tx, TENANT, store_id, cursor, limit=ROWS).rows)


def steps_of(tx: Transaction, positions: set[Position]) -> int:
    """Return the steps that the database takes to tell how far nodes are behind."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    raw: Any = tx.connection.driver_connection
    raw.set_progress_handler(step, STEPS)
    try:
        feed.behind(tx, TENANT, positions)
    finally:
        raw.set_progress_handler(None, STEPS)
    return steps


async def test_each_node_lacks_what_is_newer_than_its_cursor_and_for_its_store(tmp_path: Path) -> None:
    def look(tx: Transaction) -> tuple[dict[Position, int], dict[Position, int]]:
        newest = publish(tx)
        positions: set[Position] = {(store_id, cursor) for store_id in STORES for cursor in range(0, newest + 1, 7)}
        expected = {position: counted(tx, position) for position in positions}
        return feed.behind(tx, TENANT, {*positions, (STORES[0], None)}), expected

    async with Database(tmp_path) as db:
        found, expected = await db.write(look)

    assert found == expected
    assert max(found.values()) > 0


@pytest.mark.parametrize(
    ("cursor", "rows"), [(0, BEHIND_MAX), (BEHIND_MAX, 1), (BEHIND_MAX + 1, 0), (BEHIND_MAX + 2, BEHIND_MAX)]
)
async def test_one_that_is_very_far_behind_or_ahead_is_told_the_most(tmp_path: Path, cursor: int, rows: int) -> None:
    def look(tx: Transaction) -> dict[Position, int]:
        feed.publish(tx, TENANT, "lease", {f"K{number}": {"nodes": {}} for number in range(BEHIND_MAX)})
        feed.publish(tx, TENANT, "lease", {"L": {"nodes": {}}})
        return feed.behind(tx, TENANT, {(STORES[0], cursor)})

    async with Database(tmp_path) as db:
        found = await db.write(look)

    assert list(found.values()) == [rows]


async def test_a_thousand_nodes_that_are_behind_cost_what_ten_do(tmp_path: Path) -> None:
    def look(tx: Transaction) -> list[int]:
        newest = publish(tx)
        few: set[Position] = {(STORES[number % 4], number) for number in range(10)}
        many: set[Position] = {(store_id, cursor) for store_id in STORES for cursor in range(newest + 1)}
        return [steps_of(tx, few), steps_of(tx, many)]

    async with Database(tmp_path) as db:
        few, many = await db.write(look)

    assert few > 0
    assert many <= few + 1
