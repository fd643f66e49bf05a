"""Head office's database: SQLAlchemy Core, plain functions in transactions, run on threads.

With SQLite there is one connection that writes, on a thread of its own, and a small pool that reads; nothing in
`storage` modules knows which database it is.
"""

import asyncio
import fcntl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.util import CommandError
from sqlalchemy import Connection as Transaction
from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, InternalError, OperationalError
from sqlalchemy.pool import QueuePool

from shared.errors import Misconfigured, Unavailable

__all__ = ["Database", "Transaction", "metadata"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

READERS = 4  # SQLite reads in parallel; more than twice the cores gains nothing
BUSY_TIMEOUT_S = 10
FILE = "head-office.db"
TOPICS = "topics"  # to announce once the transaction is on disk

metadata = MetaData()


class AlreadyRunning(Misconfigured):
    """Another Shopwright cloud service is using the data in {path}."""

    hint = "Stop the other one first, or give this one a data folder of its own."


class NewerData(Misconfigured):
    """The data in {path} was written by a newer version of this software."""

    hint = "Install that version again, or a later one."


class StorageFailed(Unavailable):
    """Head office's database does not take anything just now."""

    hint = "Nothing that was confirmed is lost. Check the disk of the server; nodes send again by themselves."


class Database:
    """The open database. Use as an async context manager."""

    def __init__(self, folder: Path) -> None:
        """Open or create `head-office.db` in `folder`, and bring its tables up to date. Raises AlreadyRunning."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = (folder / "lock").open("w")
        except OSError as error:
            raise Misconfigured(problem=f"the data folder cannot be used: {error}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise AlreadyRunning(path=str(folder)) from error
        self.path = folder / FILE
        self.announce: Callable[[str], None] = lambda _topic: None  # called with what `after_commit` noted
        url = f"sqlite:///{self.path}"
        self._writer = _engine(url, 1, "begin immediate")
        self._reader = _engine(url, READERS, "begin")
        self._write_thread = ThreadPoolExecutor(1, "write")
        self._read_threads = ThreadPoolExecutor(READERS, "read")
        try:
            migrate(self._writer)
        except CommandError as error:
            raise NewerData(path=str(folder)) from error
        except DBAPIError as error:
            raise Misconfigured(problem=f"the database in {folder} cannot be opened: {error.orig}") from error

    async def write(
        self,
        function: Callable[Concatenate[Transaction, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Run `function(tx, …)` in a transaction that is committed before this returns. Raises StorageFailed."""
        topics: set[str] = set()

        def work(tx: Transaction) -> Result:
            tx.info[TOPICS] = topics
            return function(tx, *args, **kwargs)

        result: Result = await self._run(self._write_thread, self._writer, work, (), {})
        for topic in topics:
            self.announce(topic)
        return result

    async def read(
        self,
        function: Callable[Concatenate[Transaction, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Run `function(tx, …)` on one consistent picture of the data. Raises StorageFailed."""
        result: Result = await self._run(self._read_threads, self._reader, function, args, kwargs)
        return result

    async def _run(
        self, threads: ThreadPoolExecutor, engine: Engine, function: Callable[..., Any], args: Any, kwargs: Any
    ) -> Any:
        def work() -> Any:
            try:
                with engine.begin() as tx:
                    return function(tx, *args, **kwargs)
            except DBAPIError as error:
                if is_trouble(error):
                    raise StorageFailed(problem=str(error.orig)) from error
                raise

        return await asyncio.get_running_loop().run_in_executor(threads, work)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Finish what runs and close the files."""
        self._write_thread.shutdown()
        self._read_threads.shutdown()
        with suppress(DBAPIError):
            self._reader.dispose()
        self._writer.dispose()
        self._lock.close()


def is_trouble(error: DBAPIError) -> bool:
    """Tell whether the database itself failed: full, damaged, on a failing disk. Else what was asked was wrong."""
    return isinstance(error, OperationalError | InternalError) or type(error) is DatabaseError  # "malformed" is no more


def announce_after_commit(tx: Transaction, topic: str) -> None:
    """Let a topic of the hub be announced when the transaction is on disk; one that is undone announces nothing."""
    tx.info.setdefault(TOPICS, set()).add(topic)


@contextmanager
def picture(folder: Path) -> Iterator[Transaction]:
    """Open one consistent picture of the data to read, also beside a running service. Raises Misconfigured."""
    path = (folder / FILE).resolve()
    if not path.exists():
        raise Misconfigured(problem=f"there is no data in {folder}")
    engine = _engine(f"sqlite:///{path.as_uri()}?mode=ro&uri=true", 1, "begin")
    try:
        with engine.begin() as tx:
            yield tx
    except DBAPIError as error:
        raise Misconfigured(problem=f"the database in {folder} cannot be read: {error.orig}") from error
    finally:
        engine.dispose()


def _engine(url: str, pool_size: int, begin: str) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    # The driver would begin transactions only before writes, and so read several pictures in one transaction.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")  # what was acknowledged to a shop must survive a power cut here
    connection.execute("pragma foreign_keys = on")


def migrate(engine: Engine) -> None:
    """Bring the tables to this version's state."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
