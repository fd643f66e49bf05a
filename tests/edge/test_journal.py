"""The journal: in order, without gaps, and no byte of it can change unseen."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest

from edge import journal
from edge.database import Database, Transaction
from edge.journal import DamagedJournal, EntryTooLarge, Journal
from shared import ids
from shared.events.fact import Fact
from shared.events.nodes import NodeStarted
from shared.protocol import entry
from shared.protocol.batch import BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, Acknowledged
from tests.edge.small_shop import NODE_ID

NOW, TODAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC), date(2026, 3, 2)
WRITER = Journal.of(NODE_ID, ())
SWAP_2_AND_4 = """
    update journal set seq = 9 where seq = 2;
    update journal set seq = 2 where seq = 4;
    update journal set seq = 4 where seq = 9;
"""


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(tmp_path / "sales.db", (("journal", journal.MIGRATIONS),)) as opened:
        yield opened


def record(tx: Transaction, text: str, writer: Journal = WRITER) -> int:
    return writer.record(tx, NodeStarted(software_version=text), NOW, TODAY)


def record_many(tx: Transaction, entries: int) -> None:
    for number in range(1, entries + 1):
        record(tx, f"version {number}")


async def test_numbers_have_no_gap_also_after_transactions_that_failed(db: Database) -> None:
    def record_and_fail(tx: Transaction) -> None:
        record(tx, "lost")
        raise LookupError

    for text in ("first", "second", "third"):
        await db.transact(record, text)
        with pytest.raises(LookupError):
            await db.transact(record_and_fail)
    written = await db.transact(lambda tx: tx.rows("select seq, entry from journal order by seq"))

    facts = [entry.fact_of(entry.read(text)) for _, text in written]
    assert [seq for seq, _ in written] == [1, 2, 3]
    assert facts == [NodeStarted(software_version=text) for text in ("first", "second", "third")]
    await db.transact(journal.verify, NODE_ID)


async def test_handlers_act_in_the_entrys_own_transaction(db: Database) -> None:
    def note(tx: Transaction, started: NodeStarted) -> None:
        tx.execute("create table if not exists noted (text text)")
        tx.execute("insert into noted values (?)", (started.software_version,))

    await db.transact(record, "1.0", Journal.of(NODE_ID, [{NodeStarted: note}, {NodeStarted: note}]))

    assert await db.transact(lambda tx: tx.rows("select text from noted")) == [("1.0",), ("1.0",)]


async def test_a_handler_that_fails_takes_the_entry_back(db: Database) -> None:
    def fail(_tx: Transaction, _started: NodeStarted) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await db.transact(record, "1.0", Journal.of(NODE_ID, [{NodeStarted: fail}]))

    assert await db.transact(journal.head, NODE_ID) == (0, entry.genesis(NODE_ID))


async def test_any_flipped_bit_is_found_at_its_entry(db: Database) -> None:
    await db.transact(record_many, 6)
    choice = ids.seeded(1)

    def flip_and_verify(tx: Transaction, seq: int, column: str) -> int | None:
        """Return where the damage was found; the transaction is left as it was."""
        content = bytearray(tx.value(f"select {column} from journal where seq = ?", (seq,)))
        original = bytes(content)
        content[choice.randrange(len(content))] ^= 1 << choice.randrange(8)
        tx.execute(f"update journal set {column} = ? where seq = ?", (bytes(content), seq))
        try:
            journal.verify(tx, NODE_ID)
        except DamagedJournal as damaged:
            return int(str(damaged.facts["seq"]))
        finally:
            tx.execute(f"update journal set {column} = ? where seq = ?", (original, seq))
        return None

    damages = [(choice.randint(1, 6), choice.choice(["entry", "hash"])) for _ in range(200)]
    found = [await db.transact(flip_and_verify, seq, column) for seq, column in damages]

    assert found == [seq for seq, _ in damages]
    await db.transact(journal.verify, NODE_ID)


@pytest.mark.parametrize(
    ("damage", "seq"),
    [
        ("delete from journal where seq = 1", 1),
        ("delete from journal where seq = 3", 3),
        (SWAP_2_AND_4, 2),
        ("update journal set entry = (select entry from journal where seq = 5) where seq = 4", 4),
    ],
)
async def test_what_was_deleted_or_reordered_is_found_at_its_place(db: Database, damage: str, seq: int) -> None:
    await db.transact(record_many, 6)
    await db.transact(lambda tx: tx.execute(damage))

    with pytest.raises(DamagedJournal) as damaged:
        await db.transact(journal.verify, NODE_ID)

    assert damaged.value.facts == {"seq": seq}
    assert str(seq) in damaged.value.title
    assert "do not delete anything" in damaged.value.hint


async def test_another_nodes_journal_does_not_verify(db: Database) -> None:
    await db.transact(record_many, 2)

    with pytest.raises(DamagedJournal):
        await db.transact(journal.verify, "0190a000-0000-7000-8000-00000000000a")


def heads(tx: Transaction) -> dict[int, str]:
    known = {seq: digest.hex() for seq, digest in tx.rows("select seq, hash from journal")}
    return {0: entry.genesis(NODE_ID).hex(), **known}


async def test_head_offices_word_is_taken_forwards_and_backwards(db: Database) -> None:
    await db.transact(record_many, 5)
    head = await db.transact(heads)

    async def unsent_after(seq: int) -> list[int]:
        assert await db.transact(journal.acknowledge, Acknowledged(seq=seq, head=head[seq]), NODE_ID)
        return [seq for seq, _, _ in await db.transact(journal.unsent)]

    assert await unsent_after(3) == [4, 5]
    assert await unsent_after(5) == []
    assert await unsent_after(2) == [3, 4, 5]  # head office was restored from an old copy
    assert await unsent_after(0) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("seq", [0, 3, 6, 10_000])
async def test_a_foreign_head_changes_nothing(db: Database, seq: int) -> None:
    await db.transact(record_many, 5)
    head = await db.transact(heads)
    assert await db.transact(journal.acknowledge, Acknowledged(seq=4, head=head[4]), NODE_ID)

    foreign = Acknowledged(seq=seq, head="ab" * 32)

    assert not await db.transact(journal.acknowledge, foreign, NODE_ID)
    assert [seq for seq, _, _ in await db.transact(journal.unsent)] == [5]


async def test_a_batch_holds_no_more_entries_than_agreed(db: Database) -> None:
    await db.transact(record_many, BATCH_ENTRIES_MAX + 5)

    due = await db.transact(journal.unsent)
    backlog = await db.transact(journal.backlog)

    assert [seq for seq, _, _ in due] == list(range(1, BATCH_ENTRIES_MAX + 1))
    assert (backlog.unsent, backlog.oldest_unsent_at) == (BATCH_ENTRIES_MAX + 5, NOW)


def steps(tx: Transaction) -> int:
    """Return how many steps SQLite takes to tell the backlog."""
    ticks = count()
    tx.set_progress_handler(lambda: next(ticks) < 0, 1)
    try:
        journal.backlog(tx)
    finally:
        tx.set_progress_handler(None)
    return next(ticks)


async def test_a_long_backlog_is_told_as_fast_as_a_short_one(db: Database) -> None:
    await db.transact(record_many, 5)
    short = await db.transact(steps)

    await db.transact(record_many, 2_000)

    assert (await db.transact(journal.backlog)).unsent == 2_005
    assert await db.transact(steps) < short + 10


@pytest.mark.parametrize(
    ("sizes", "sent"),
    [
        ([BATCH_BYTES_MAX // 4] * 6, 4),
        ([BATCH_BYTES_MAX // 4, *[BATCH_BYTES_MAX // 4 + 1] * 5], 3),
        ([BATCH_BYTES_MAX + 1, 10, 10], 1),  # one that is too large on its own still goes, alone
    ],
)
async def test_a_batch_holds_no_more_bytes_than_agreed(db: Database, sizes: list[int], sent: int) -> None:
    def write(tx: Transaction) -> Any:
        rows = [(seq, NOW.isoformat(), b"x" * size, b"") for seq, size in enumerate(sizes, start=1)]
        return tx.executemany("insert into journal values (?, ?, ?, ?)", rows).fetchall()

    await db.transact(write)

    assert len(await db.transact(journal.unsent)) == sent


async def test_an_entry_that_head_office_would_not_take_is_not_written(db: Database) -> None:
    class Novel(Fact):
        event_name: ClassVar[str] = "novel"
        text: str

    with pytest.raises(EntryTooLarge):
        await db.transact(WRITER.record, Novel(text="\u05d0" * (entry.ENTRY_BYTES_MAX // 2)), NOW, TODAY)

    assert await db.transact(journal.head, NODE_ID) == (0, entry.genesis(NODE_ID))
