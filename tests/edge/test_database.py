"""What is promised of `sales.db`: a result means that it is on disk, and one caller's trouble is nobody else's."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from edge.database import GROUP_MAX, AlreadyRunning, Database, DiskFull, NewerData, StorageFailed, Transaction

WORDS = (("words", ("create table words (word text primary key) strict",)),)
ENDS_SUDDENLY = """
import asyncio, os, signal, sys
from pathlib import Path
from edge.database import Database

async def main():
    db = Database(Path(sys.argv[1]), (("words", ("create table words (word text primary key) strict",)),))
    for number in range(100):
        await db.transact(lambda tx: tx.execute("insert into words values (?)", (str(number),)))
        print(number, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def add(tx: Transaction, word: str) -> str:
    tx.execute("insert into words values (?)", (word,))
    return word


def words(tx: Transaction) -> list[str]:
    return [word for (word,) in tx.rows("select word from words order by word")]


def words_in_a_copy(path: Path, folder: Path) -> list[str]:
    """Read what would be there if the power went now."""
    folder.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, folder)
    copy = Transaction(str(folder / path.name))
    try:
        return words(copy)
    finally:
        copy.close()


class Gate:
    """Keeps the writer busy, so that what comes meanwhile shares one commit."""

    def __init__(self, db: Database) -> None:
        self._open, self._reached = threading.Event(), threading.Event()
        self._held = asyncio.ensure_future(db.transact(self._wait))

    def _wait(self, tx: Transaction) -> None:
        self._reached.set()
        assert self._open.wait(10)

    async def reached(self) -> "Gate":
        await asyncio.to_thread(self._reached.wait, 10)
        return self

    async def let_go(self) -> None:
        await asyncio.sleep(0)  # so that tasks made just now have put their work in the queue
        self._open.set()
        await self._held


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(tmp_path / "data" / "sales.db", WORDS) as opened:
        yield opened


async def test_a_result_is_given_only_when_it_is_on_disk(tmp_path: Path, db: Database) -> None:
    def add_and_look(tx: Transaction) -> list[str]:
        add(tx, "bread")
        return words_in_a_copy(db.path, tmp_path / "before the commit")

    before = await db.transact(add_and_look)
    after = words_in_a_copy(db.path, tmp_path / "after the result")

    assert before == []
    assert after == ["bread"]


def test_a_new_data_folder_is_still_there_after_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    sync = os.fsync

    def note(file: int) -> None:
        synced.append(Path(f"/proc/self/fd/{file}").readlink())
        sync(file)

    monkeypatch.setattr(os, "fsync", note)
    for _ in range(2):
        Database(tmp_path / "new" / "data" / "sales.db", WORDS).close()

    assert synced == [tmp_path / "new", tmp_path]  # each names the one before, and once is enough


def test_whatever_was_confirmed_outlives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "sales.db"
    killed = subprocess.run([sys.executable, "-c", ENDS_SUDDENLY, path], capture_output=True, check=False, timeout=60)

    reopened = Database(path, WORDS)
    kept = words_in_a_copy(path, tmp_path / "copy")
    reopened.close()

    assert killed.returncode == -signal.SIGKILL
    assert kept == sorted(killed.stdout.decode().split())
    assert len(kept) == 100


async def test_an_error_undoes_only_its_own_changes_while_the_group_commits(db: Database) -> None:
    def fail(tx: Transaction) -> None:
        add(tx, "never")
        raise LookupError("my own mistake")

    gate = await Gate(db).reached()
    group = asyncio.gather(
        db.transact(add, "bread"), db.transact(fail), db.transact(add, "salt"), return_exceptions=True
    )
    await gate.let_go()
    first, failed, last = await group

    assert (first, last) == ("bread", "salt")
    assert isinstance(failed, LookupError)
    assert await db.transact(words) == ["bread", "salt"]


async def test_two_hundred_callers_share_a_few_commits(db: Database) -> None:
    commits: list[int] = []

    def count(connection: apsw.Connection, _name: str, pages: int) -> int:
        commits.append(pages)
        return apsw.SQLITE_OK

    await db.transact(lambda tx: tx.set_wal_hook(count))
    commits.clear()
    gate = await Gate(db).reached()
    group = asyncio.gather(*(db.transact(add, f"{number:03d}") for number in range(200)))
    await gate.let_go()
    results = await group

    assert results == [f"{number:03d}" for number in range(200)]
    assert await db.transact(words) == results
    assert len(commits) <= 1 + -(-200 // GROUP_MAX) + 1  # the gate's own, the groups, and the reading


async def test_a_full_disk_is_told_with_a_next_step_and_leaves_nothing_half_written(db: Database) -> None:
    def add_two(tx: Transaction) -> None:
        add(tx, "small")
        add(tx, "x" * 1_000_000)

    await db.transact(add, "before")
    await db.transact(limit_pages, 20)
    gate = await Gate(db).reached()
    group = asyncio.gather(db.transact(add_two), db.transact(add, "mate"), return_exceptions=True)
    await gate.let_go()
    errors = await group

    assert all(isinstance(error, DiskFull) for error in errors)  # a group stands and falls together
    assert "Free space" in errors[0].hint
    assert await db.transact(words) == ["before"]

    await db.transact(limit_pages, 1_000_000)
    await db.transact(add_two)

    assert [word[:6] for word in await db.transact(words)] == ["before", "small", "xxxxxx"]


def limit_pages(tx: Transaction, pages: int) -> Any:
    return tx.value(f"pragma max_page_count = {pages}")


def test_a_disk_that_refuses_to_write_is_told_and_selling_goes_on_later(tmp_path: Path) -> None:
    script = """
import asyncio, resource, signal, sys
from pathlib import Path
from edge.database import Database, DiskFull, StorageFailed
from tests.edge.test_database import WORDS, add, words

async def main():
    async with Database(Path(sys.argv[1]), WORDS) as db:
        await db.transact(add, "before")
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, most))
        try:
            await db.transact(add, "x" * 1_000_000)
        except (DiskFull, StorageFailed) as error:
            print(error.hint.split(".")[0])
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        await db.transact(add, "after")
        print(await db.transact(words))

asyncio.run(main())
"""
    ran = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "sales.db"], capture_output=True, check=False, timeout=60, text=True
    )

    assert ran.stdout.splitlines() == ["Do not hand out goods", "['after', 'before']"], ran.stderr


async def test_a_second_daemon_on_the_same_data_is_refused_and_harms_nothing(db: Database) -> None:
    with pytest.raises(AlreadyRunning) as refused:
        Database(db.path, WORDS)

    await db.transact(add, "bread")

    assert str(db.path.parent) in refused.value.title
    assert await db.transact(words) == ["bread"]


def test_data_of_a_newer_version_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "sales.db"
    newer = (("words", (*WORDS[0][1], "insert into words values ('newer')")),)
    Database(path, newer).close()

    with pytest.raises(NewerData) as refused:
        Database(path, WORDS)

    assert "newer version" in refused.value.title
    assert "later one" in refused.value.hint
    assert words_in_a_copy(path, tmp_path / "copy") == ["newer"]


def test_each_migration_runs_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "sales.db"
    steps = (
        "create table words (word text) strict",
        "insert into words values ('1st')",
        "insert into words select '2nd, after ' || max(word) from words",
    )

    for known in (1, 2, 2, 3, 3):
        Database(path, (("words", steps[:known]),)).close()

    assert words_in_a_copy(path, tmp_path / "copy") == ["1st", "2nd, after 1st"]


def test_a_migration_that_fails_leaves_the_data_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "sales.db"
    Database(path, WORDS).close()
    broken = (("words", (*WORDS[0][1], "insert into words values ('half')", "insert into nowhere values (1)")),)

    with pytest.raises(apsw.SQLError):
        Database(path, broken)

    assert words_in_a_copy(path, tmp_path / "copy") == []


def test_a_file_that_is_no_database_is_told_as_a_failing_disk(tmp_path: Path) -> None:
    (tmp_path / "sales.db").write_bytes(os.urandom(8192))

    with pytest.raises(StorageFailed) as failed:
        Database(tmp_path / "sales.db", WORDS)

    assert "Call support" in failed.value.hint


async def test_a_caller_who_goes_away_does_no_harm(db: Database) -> None:
    gate = await Gate(db).reached()
    impatient = asyncio.create_task(db.transact(add, "bread"))
    patient = asyncio.create_task(db.transact(add, "salt"))
    await asyncio.sleep(0)
    impatient.cancel()
    await gate.let_go()

    assert await patient == "salt"
    assert impatient.cancelled()
    assert await db.transact(words) == ["bread", "salt"]


async def test_closing_finishes_what_is_queued(tmp_path: Path) -> None:
    db = Database(tmp_path / "sales.db", WORDS)
    gate = await Gate(db).reached()
    queued = asyncio.gather(*(db.transact(add, f"{number:02d}") for number in range(50)))
    await asyncio.sleep(0)
    closing = asyncio.create_task(asyncio.to_thread(db.close))
    await gate.let_go()
    await closing

    assert len(await queued) == 50
    assert len(words_in_a_copy(db.path, tmp_path / "copy")) == 50
