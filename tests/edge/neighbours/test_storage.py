"""However many copies are kept, looking for one costs the same: sales wait behind the one thread that writes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge import app
from edge.database import Database, Transaction
from edge.neighbours import storage
from edge.neighbours.models import Kept
from shared.protocol.batch import Backlog, Batch
from tests.edge.small_shop import NODE_ID, UNKNOWN_ID

FEW, MANY = 50, 5_000
LOOKS: dict[str, Callable[[Transaction], Any]] = {
    "newest": lambda tx: storage.newest(tx, NODE_ID),
    "drop nothing": lambda tx: storage.drop(tx, NODE_ID, 0),
    "drop one": lambda tx: storage.drop(tx, NODE_ID, 2),
    "count": lambda tx: storage.count(tx, NODE_ID),
    "oldest": storage.oldest,
    "next": lambda tx: storage.next_of(tx, NODE_ID),
}


def batch(first_seq: int, entries: int = 1) -> Batch:
    text = "x" * 2_000
    return Batch(
        first_seq=first_seq, entries=(text,) * entries, head="0" * 64, signature="", backlog=Backlog(unsent=entries)
    )


def fill(tx: Transaction, batches: int) -> None:
    for node_id in (NODE_ID, UNKNOWN_ID):
        for number in range(batches):
            storage.add(tx, node_id, batch(2 * number + 1, entries=2))


def steps(tx: Transaction, look: Callable[[Transaction], Any]) -> int:
    """Return how many steps SQLite takes for a look."""
    taken = 0

    def count() -> bool:
        nonlocal taken
        taken += 1
        return False

    tx.set_progress_handler(count, 1)
    try:
        look(tx)
    finally:
        tx.set_progress_handler(None)
    return taken


async def test_no_look_takes_longer_when_much_is_kept(tmp_path: Path) -> None:
    taken = {}
    for batches in (FEW, MANY):
        async with app.open_database(tmp_path / str(batches)) as db:
            await db.transact(fill, batches)
            taken[batches] = {name: await db.transact(steps, look) for name, look in LOOKS.items()}

    assert taken[MANY] == taken[FEW]


async def test_what_is_kept_is_counted_and_found_by_its_node(tmp_path: Path) -> None:
    async with app.open_database(tmp_path) as db:
        await db.transact(fill, 3)
        await db.transact(storage.drop, NODE_ID, 3)

        assert await db.transact(storage.oldest) == [(NODE_ID, 3), (UNKNOWN_ID, 1)]
        assert [await db.transact(storage.count, node_id) for node_id in (NODE_ID, UNKNOWN_ID)] == [4, 6]
        assert await db.transact(storage.newest, NODE_ID) == (5, 6)
        assert await db.transact(storage.next_of, NODE_ID) == Kept(NODE_ID, 3, 4, batch(3, entries=2))
        await db.transact(storage.drop, NODE_ID, 99)
        assert await db.transact(storage.newest, NODE_ID) is None
        assert await db.transact(storage.count, NODE_ID) == 0


async def test_copies_of_before_are_kept(tmp_path: Path) -> None:
    kept = [(node_id, number, number, batch(number).model_dump_json()) for node_id in "ab" for number in (1, 2, 3)]
    before = [("neighbours", storage.MIGRATIONS[:1])]
    async with Database(tmp_path / "sales.db", before) as db:
        await db.transact(lambda tx: tx.executemany("insert into copies values (?, ?, ?, ?)", kept))
    async with Database(tmp_path / "sales.db", [("neighbours", storage.MIGRATIONS)]) as db:
        rows = await db.transact(lambda tx: tx.rows("select node_id, first_seq, last_seq, batch from copies"))

    assert rows == kept
