"""A disk that refuses: at the nth write, sync, truncate or open, once or from then on; or when it is full.

While a database is open, its files are told apart from the real ones by SQLite's own tables of functions, so that an
error is the disk's number and nothing of Python's: SQLite passes over some (a checkpoint comes again), and must be able
to. Only opening is refused by an exception, which ends an opening anyway.
"""

import ctypes
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import apsw

from edge.database import Database
from tests.edge.power.recording import REAL

Act = Literal["write", "sync", "truncate", "open"]
ACTS: tuple[Act, ...] = ("write", "sync", "truncate", "open")


@dataclass(slots=True)
class Health:
    """How the disk is doing; a test changes it while the shop is open."""

    failing: Act | None = None
    first: int = 0  # the failures begin with this act of the kind, counted from 1
    lasts: bool = False  # every later act of the kind fails, too
    files: set[str] = field(default_factory=set)  # the paths of those that fail; all when there are none
    room_bytes: int | None = None  # for all files together; None without a limit
    acts: Counter[str] = field(default_factory=Counter)  # since the disk was last made to fail
    failures: int = 0
    sizes: dict[str, int] = field(default_factory=dict)  # of the files, by path

    def fail(self, act: Act, first: int, *, lasts: bool = False) -> None:
        """Let the `first` act of a kind from now on fail, and perhaps all that follow it."""
        self.failing, self.first, self.lasts = act, first, lasts
        self.acts.clear()
        self.failures = 0

    def heal(self) -> None:
        self.failing, self.room_bytes = None, None
        self.files.clear()

    @property
    def used_bytes(self) -> int:
        return sum(self.sizes.values())

    def refuses(self, act: Act, path: str = "") -> bool:
        """Count an act and tell whether the disk refuses it."""
        if self.files and path not in self.files:
            return False
        self.acts[act] += 1
        refused = act == self.failing and (self.acts[act] == self.first or (self.lasts and self.acts[act] > self.first))
        self.failures += refused
        return refused

    def is_full_for(self, path: str, size: int) -> bool:
        """Note a file's new size, and tell whether the disk has no room for it."""
        more = size - self.sizes.get(path, 0)
        if more > 0 and self.room_bytes is not None and self.used_bytes + more > self.room_bytes:
            self.failures += 1
            return True
        self.sizes[path] = max(size, self.sizes.get(path, 0))
        return False


WRITE, TRUNCATE, SYNC = 3, 4, 5  # where these stand in SQLite's `sqlite3_io_methods`, behind its version
METHODS = 19  # of version 3
OnWrite = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
OnTruncate = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
OnSync = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


class Hand:
    """A hand on one open file, which lets through what the disk takes."""

    def __init__(self, health: Health, file: int, path: Path) -> None:
        """file: the address of SQLite's `sqlite3_file`; its first field is the address of its functions."""
        self._health, self._path = health, str(path)
        self._file = ctypes.cast(file, ctypes.POINTER(ctypes.c_void_p))
        self._real = self._file[0]
        methods = (ctypes.c_void_p * METHODS).from_address(self._real or 0)
        self._write, self._truncate, self._sync = (
            kind(methods[index] or 0) for kind, index in ((OnWrite, WRITE), (OnTruncate, TRUNCATE), (OnSync, SYNC))
        )
        self._mine = (ctypes.c_void_p * METHODS)(*methods)
        self._kept = (OnWrite(self.write), OnTruncate(self.truncate), OnSync(self.sync))
        for index, function in zip((WRITE, TRUNCATE, SYNC), self._kept, strict=True):
            self._mine[index] = ctypes.cast(function, ctypes.c_void_p)
        health.sizes[self._path] = path.stat().st_size
        self._file[0] = ctypes.addressof(self._mine)

    def let_go(self) -> None:
        self._file[0] = self._real

    def write(self, file: int, content: int, length: int, offset: int) -> int:
        if self._health.refuses("write", self._path):
            return apsw.SQLITE_IOERR_WRITE
        if self._health.is_full_for(self._path, offset + length):
            return apsw.SQLITE_FULL
        done: int = self._write(file, content, length, offset)
        return done

    def truncate(self, file: int, size: int) -> int:
        if self._health.refuses("truncate", self._path):
            return apsw.SQLITE_IOERR_TRUNCATE
        self._health.sizes[self._path] = size
        done: int = self._truncate(file, size)
        return done

    def sync(self, file: int, flags: int) -> int:
        if self._health.refuses("sync", self._path):
            return apsw.SQLITE_IOERR_FSYNC
        done: int = self._sync(file, flags)
        return done


@contextmanager
def troubled(database: Database) -> Iterator[Health]:
    """Let the files of an open database depend on the health of their disk. Nothing may be under way at either end."""
    health = Health()
    hands = [
        Hand(health, _address(database, apsw.SQLITE_FCNTL_FILE_POINTER), database.path),
        Hand(health, _address(database, apsw.SQLITE_FCNTL_JOURNAL_POINTER), Path(f"{database.path}-wal")),
    ]
    try:
        yield health
    finally:
        for hand in hands:
            hand.let_go()


def _address(database: Database, which: int) -> int:
    found = ctypes.c_void_p()
    assert database._connection.file_control("main", which, ctypes.addressof(found))
    assert found.value is not None
    return found.value


class RefusedFile(apsw.VFSFile):
    """A file that is opened on a disk that may refuse."""

    def __init__(self, health: Health, name: Any, flags: list[int]) -> None:
        self._health = health
        super().__init__(REAL, name, flags)

    def excepthook(self, *_: Any) -> bool:
        """What SQLite passes over is no news to a test that made it."""
        return True

    def _demand(self, act: Act) -> None:
        if self._health.refuses(act):
            raise apsw.IOError("the disk refuses")

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 (SQLite's own name)
        self._demand("write")
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._demand("truncate")
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._demand("sync")
        super().xSync(flags)


class RefusingDisk(apsw.VFS):
    """The real disk, which may refuse while a database is opened."""

    def __init__(self, health: Health) -> None:
        self._health = health
        super().__init__("refusing", REAL, makedefault=True)

    def excepthook(self, *_: Any) -> bool:
        return True

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        if self._health.refuses("open"):
            raise apsw.CantOpenError("the disk refuses")
        return RefusedFile(self._health, name, flags)


@contextmanager
def refusing() -> Iterator[Health]:
    """Let every database that is opened in here, and closed again, depend on the health of its disk."""
    health = Health()
    disk = RefusingDisk(health)
    try:
        yield health
    finally:
        disk.unregister()
