"""`sales.db`: everything that must survive. One process, one connection, one thread that writes.

Callers hand over plain functions; each runs as `function(tx, …)` and its result is given back only after the commit
is on disk (`synchronous=FULL`). Functions that arrive while a commit is under way share the next one (group commit).
"""

import asyncio
import os
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import apsw

from shared.errors import Misconfigured, Unavailable

# How many waiting functions share one commit: at 50 µs each a full group delays its first by a few milliseconds.
GROUP_MAX = 64

CallLater = Callable[[Callable[[], None]], object]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Transaction(apsw.Connection):
    """An open transaction on `sales.db`: `execute` changes, the others read."""

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return every row as a tuple."""
        return self.execute(query, values).fetchall()

    def row(self, query: str, values: Sequence[Any] = ()) -> Any:
        """Return the first row as a tuple, or None."""
        return self.execute(query, values).fetchone()

    def value(self, query: str, values: Sequence[Any] = ()) -> Any:
        """Return the first column of the first row, or None."""
        found = self.row(query, values)
        return found[0] if found else None


class AlreadyRunning(Misconfigured):
    """Another Shopwright daemon is using the data in {path}."""

    hint = "Stop the other one first, or give this one a data folder of its own."


class DiskFull(Unavailable):
    """The disk of this box is full; nothing new can be kept."""

    hint = "Do not hand out goods. Free space on the data partition; selling goes on by itself."


class StorageFailed(Unavailable):
    """The disk of this box does not answer properly."""

    hint = "Do not hand out goods. Call support: the disk may be failing. What was confirmed before is kept."


class NewerData(Misconfigured):
    """The data in {path} was written by a newer version of this software."""

    hint = "Install that version again, or a later one."


class _Work:
    """One function on its way to the writer thread and its result on the way back."""

    def __init__(self, call: Callable[[Transaction], Any], loop: asyncio.AbstractEventLoop) -> None:
        self.call = call
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.result: Any = None
        self.error: Exception | None = None

    def settle(self) -> None:
        self.loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        if self.future.cancelled():
            return  # the caller went away; what was committed stays committed
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Database:
    """The open `sales.db`. Use as an async context manager, or `close` it."""

    def __init__(
        self, path: Path, migrations: Iterable[tuple[str, tuple[str, ...]]], call_later: CallLater | None = None
    ) -> None:
        """Open or create the file.

        migrations: (feature, its SQL scripts in order); the ones not yet applied run now, each feature on its own.
        call_later: makes a commit happen soon on the caller's thread; by default a thread of its own writes.
        Raises AlreadyRunning, DiskFull, NewerData.
        """
        self.path = path
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        try:
            _make_folder(path.parent)
        except OSError as error:
            raise Misconfigured(problem=f"the data folder cannot be made: {error}") from error
        self._connection = _open(path)
        try:
            _migrate(self._connection, migrations, path)
        except apsw.Error as error:
            _close(self._connection)
            raise _ours(error) from error
        except NewerData:
            _close(self._connection)
            raise
        self._call_later = call_later
        self._thread = threading.Thread(target=self._write, name="sales.db", daemon=True)
        if call_later is None:
            self._thread.start()

    async def transact(
        self,
        function: Callable[Concatenate[Transaction, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Run `function(tx, …)` in a transaction and return its result once it is safely on disk.

        What the function raises undoes only its own changes. Raises DiskFull or StorageFailed when the disk refuses.
        """
        work = _Work(lambda tx: function(tx, *args, **kwargs), asyncio.get_running_loop())
        self._queue.put(work)
        if self._call_later is not None:
            self._call_later(self._write_queued)
        result: Result = await work.future
        return result

    def close(self) -> None:
        """Finish what is queued and close the file."""
        if self._call_later is None:
            self._queue.put(None)
            self._thread.join()
        else:
            self._write_queued()
        _close(self._connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    def _write(self) -> None:
        while True:
            group: list[_Work] = []
            work = self._queue.get()
            while work is not None:
                group.append(work)
                if len(group) == GROUP_MAX or self._queue.empty():
                    break
                work = self._queue.get()
            if group:
                self._commit(group)
            if work is None:
                return

    def _write_queued(self) -> None:
        """Commit what is queued by now, in groups."""
        while group := [work for _ in range(min(GROUP_MAX, self._queue.qsize())) if (work := self._queue.get())]:
            self._commit(group)

    def _commit(self, group: list[_Work]) -> None:
        try:
            self._connection.execute("begin immediate")
            if len(group) == 1:
                self._run_alone(group[0])
            else:
                for work in group:
                    self._run_beside(work)
            if self._connection.in_transaction:
                self._connection.execute("commit")
        except apsw.Error as error:
            self._undo()
            for work in group:
                work.error = work.error or _ours(error)
        for work in group:
            work.settle()

    def _undo(self) -> None:
        """Take a failed commit back, from the disk, too.

        One whose sync failed may stand whole in the log, where the next start would find it, although it was refused.
        The next commit is written in its place, so one that changes nothing follows at once: without a sync, because
        that may be what fails. The next that is confirmed syncs it with itself.
        """
        with suppress(apsw.Error):
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            self._connection.execute("pragma synchronous = off")
            touch(self._connection)
        if self._connection.in_transaction:
            self._connection.execute("rollback")
        self._connection.execute("pragma synchronous = full")

    def _run_alone(self, work: _Work) -> None:
        """Run a function that has the transaction to itself."""
        try:
            work.result = work.call(self._connection)
        except (apsw.FullError, apsw.IOError):
            raise  # SQLite may have rolled back already
        except Exception as error:  # handed to the caller, whose function it was
            work.error = _ours(error) if isinstance(error, apsw.Error) else error
            self._connection.execute("rollback")

    def _run_beside(self, work: _Work) -> None:
        """Run a function that shares the transaction, so that its failure undoes only its own changes."""
        self._connection.execute("savepoint one")
        try:
            work.result = work.call(self._connection)
        except (apsw.FullError, apsw.IOError):
            raise  # the whole group fails
        except Exception as error:  # handed to the caller, whose function it was
            work.error = _ours(error) if isinstance(error, apsw.Error) else error
            self._connection.execute("rollback to one")
        self._connection.execute("release one")


def touch(tx: Transaction) -> None:
    """Write without changing what is kept: raises where nothing could be kept either, as on a full disk.

    An update that leaves a row as it was would not do: SQLite writes nothing then.
    """
    tx.execute(f"pragma user_version = {1 - tx.value('pragma user_version')}")


def _ours(error: apsw.Error) -> Exception:
    if isinstance(error, apsw.FullError):
        return DiskFull()
    if isinstance(error, (apsw.IOError, apsw.CorruptError, apsw.CantOpenError, apsw.ReadOnlyError, apsw.NotADBError)):
        return StorageFailed(problem=str(error))
    return error


def _make_folder(folder: Path) -> None:
    """Make a folder that is still there after a power cut: its name is synced, too, where it is new."""
    fresh = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in fresh:
        above = os.open(one.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(above)
        finally:
            os.close(above)


def _open(path: Path) -> Transaction:
    try:
        return _prepared(Transaction(str(path)))
    except apsw.BusyError as error:
        raise AlreadyRunning(path=str(path.parent)) from error
    except apsw.Error as error:
        raise _ours(error) from error


def _close(connection: Transaction) -> None:
    """Close the file. What a full disk does not let it tidy up is tidied up at the next start."""
    with suppress(apsw.Error):
        connection.close()


def _prepared(connection: Transaction) -> Transaction:
    # Exclusive comes before WAL: then the index lives in our memory, and a full disk cannot kill us through it.
    connection.execute("pragma locking_mode = exclusive")
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")
    connection.execute("begin immediate; commit")  # takes the lock now, so that a second daemon fails here
    return connection


def _migrate(connection: Transaction, migrations: Iterable[tuple[str, tuple[str, ...]]], path: Path) -> None:
    with connection:
        connection.execute("create table if not exists migrations (feature text primary key, version integer) strict")
        done: dict[str, int] = dict(connection.rows("select feature, version from migrations"))
        migrations = tuple(migrations)
        strangers = done.keys() - {feature for feature, _ in migrations}
        if strangers:
            raise NewerData(path=str(path.parent), feature=min(strangers))
        for feature, scripts in migrations:
            if done.get(feature, 0) > len(scripts):
                raise NewerData(path=str(path.parent), feature=feature)
            for script in scripts[done.get(feature, 0) :]:
                connection.execute(script)
            connection.execute("insert or replace into migrations values (?, ?)", (feature, len(scripts)))
