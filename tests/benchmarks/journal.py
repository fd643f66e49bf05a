"""Orders into the box's journal and on into head office's, beside SQLite with the same rows on the same disk."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime
from itertools import count, islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.database import Database as OfficeDatabase
from cloud.received import Node
from cloud.sync import intake
from edge import journal
from edge.database import Database
from edge.journal import Journal
from shared.events.orders import OrderCompleted
from shared.protocol import batch, entry
from shared.protocol.batch import BATCH_ENTRIES_MAX, Backlog, Batch
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import by_turns, p50
from tests.builders import NODE_ID, an_id, order, sold

NOW, TODAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC), date(2026, 3, 2)
SALE = OrderCompleted(order=order(*(sold(f"Milk {number}", 2, 115) for number in range(10))))
ORDERS = 128  # in a turn
BATCHES = 4  # in a turn
AT_ONCE = 16  # who wait for their order at the same time
# Rates of at least 0.8 and 0.3 of raw SQLite's, told as times.
QUEUE_GOAL, INTAKE_GOAL = 1 / 0.8, 1 / 0.3


def measure(rounds: int, folder: Path) -> list[Row]:
    """Write orders on both sides, by turns with raw rows of the same bytes."""
    with ExitStack() as stack:
        contenders = {
            "queue": _queue(stack, folder / "queue.db"),
            "raw": raw_commits(stack, folder / "raw-journal.db", ORDERS),
            "intake": _intake(stack, folder / "intake"),
            "raw batches": raw_commits(stack, folder / "raw-intake.db", BATCHES, BATCH_ENTRIES_MAX),
        }
        found = by_turns(rounds, contenders)
    times = {name: [p50(samples) for samples in rounds_of] for name, rounds_of in found.items()}
    queued = f"an order of 10 lines in the journal, {AT_ONCE} at once"
    taken = f"head office takes a batch of {BATCH_ENTRIES_MAX} orders"
    return [
        Row(queued, "ms", times["queue"], "raw durable commit of its bytes", times["raw"], QUEUE_GOAL),
        Row(taken, "ms", times["intake"], "raw durable insert of its rows", times["raw batches"], INTAKE_GOAL),
    ]


def _queue(stack: ExitStack, path: Path) -> Callable[[int], list[float]]:
    database = stack.enter_context(closing(Database(path, (("journal", journal.MIGRATIONS),))))
    writer = Journal.of(NODE_ID, ())

    async def place() -> None:
        for _ in range(ORDERS // AT_ONCE):
            await database.transact(writer.record, SALE, NOW, TODAY)

    async def place_all() -> None:
        await asyncio.gather(*(place() for _ in range(AT_ONCE)))

    def turn(_: int) -> list[float]:
        begun_s = time.perf_counter()
        asyncio.run(place_all())
        return [(time.perf_counter() - begun_s) * 1_000 / ORDERS]

    return turn


def _intake(stack: ExitStack, folder: Path) -> Callable[[int], list[float]]:
    database = stack.enter_context(closing(OfficeDatabase(folder)))
    key = Ed25519PrivateKey.generate()
    node = Node(NODE_ID, an_id(1), an_id(2), key.public_key().public_bytes_raw())
    batches = _batches(key)

    async def take(some: list[Batch]) -> list[float]:
        begun_s = time.perf_counter()
        for one in some:
            answer = await database.write(intake.take, node, one, NOW)
            assert answer.seq == one.last_seq
        return [(time.perf_counter() - begun_s) * 1_000 / len(some)]

    # The watch runs inside the loop, which a head office begins once and not for each batch.
    return lambda _: asyncio.run(take(list(islice(batches, BATCHES))))


def _batches(key: Ed25519PrivateKey) -> Iterator[Batch]:
    head = entry.genesis(NODE_ID)
    for first_seq in count(1, BATCH_ENTRIES_MAX):
        written = [
            entry.write(seq, an_id(seq), SALE, NOW, TODAY) for seq in range(first_seq, first_seq + BATCH_ENTRIES_MAX)
        ]
        for one in written:
            head = entry.chained(head, one)
        yield batch.sign(key, NODE_ID, first_seq, written, head, Backlog(unsent=0))


def raw_commits(stack: ExitStack, path: Path, commits: int, rows: int = 1) -> Callable[[int], list[float]]:
    """Return what inserts the same bytes as surely, `rows` in a commit, with nothing around it."""
    raw = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
    for setting in ("locking_mode = exclusive", "journal_mode = wal", "synchronous = full"):
        raw.execute(f"pragma {setting}")
    raw.execute("create table entries (seq integer primary key, entry text not null, hash text not null)")
    written = entry.write(1, an_id(), SALE, NOW, TODAY).decode()

    def turn(_: int) -> list[float]:
        begun_s = time.perf_counter()
        for _ in range(commits):
            raw.execute("begin immediate")
            raw.executemany("insert into entries (entry, hash) values (?, ?)", [(written, "0" * 64)] * rows)
            raw.execute("commit")
        return [(time.perf_counter() - begun_s) * 1_000 / commits]

    return turn
