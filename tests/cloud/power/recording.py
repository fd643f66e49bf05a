"""The disk of head office, which writes down what happens to it, so that the power can be cut at any moment later.

Head office uses the SQLite of Python's own library, and APSW brings another, so `tests/edge/power/recording.py` is
not in its way. Here files are told apart from the real ones by SQLite's own tables of functions.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from cloud.database import FILE
from tests.edge.power.recording import SYNCS_ITS_FOLDER, Delete, Recording, Sync, SyncFolder, Truncate, Write
from tests.edge.power.troubled import METHODS, SYNC, TRUNCATE, WRITE, OnSync, OnTruncate, OnWrite

OK = 0
OnOpen = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
)
OnDelete = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
Methods = ctypes.c_void_p * METHODS


class Vfs(ctypes.Structure):
    """SQLite's `sqlite3_vfs`, version 3."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("path_max", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
        ("delete", ctypes.c_void_p),
        ("others", ctypes.c_void_p * 14),
    )


def library() -> Any:
    """Return the SQLite that Python's `sqlite3` uses; skips where it is built in and shows none of its functions."""
    found: Any = ctypes.CDLL(getattr(import_module("_sqlite3"), "__file__", None))
    if not hasattr(found, "sqlite3_vfs_find"):
        pytest.skip("this Python keeps its SQLite to itself")
    found.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
    return found


@dataclass(slots=True)
class OpenFile:
    """A file of the database as SQLite has it open."""

    number: int
    real: Any  # the functions of the real disk
    owes_folder: bool


@dataclass(slots=True)
class Disk:
    """The real disk with a recorder in front of it."""

    real: Any  # a pointer to its `sqlite3_vfs`
    recorded: Recording = field(default_factory=Recording)
    numbers: dict[str, int] = field(default_factory=dict)  # by path
    files: dict[int, OpenFile] = field(default_factory=dict)  # by the address of SQLite's `sqlite3_file`
    kept: list[Any] = field(default_factory=list)  # that SQLite points to

    def vfs(self) -> Vfs:
        """Return the functions of a disk whose files are recorded."""
        mine = Vfs.from_buffer_copy(self.real.contents)
        kept = OnOpen(self.open), OnDelete(self.delete)
        mine.open, mine.delete = (ctypes.cast(function, ctypes.c_void_p) for function in kept)
        mine.name = b"recording"
        self.kept += [mine, *kept]
        return mine

    def open(self, _vfs: int, name: int | None, file: int, flags: int, flags_out: int | None) -> int:
        path = ctypes.string_at(name).decode() if name else ""
        is_new = not Path(path).exists()
        done: int = OnOpen(self.real.contents.open)(ctypes.addressof(self.real.contents), name, file, flags, flags_out)
        if done != OK or not Path(path).name.startswith(FILE):
            return done
        if is_new:
            self.numbers[path] = self.recorded.new_file(Path(path).name)
        methods = ctypes.c_void_p.from_address(file)
        real = Methods.from_address(methods.value or 0)
        self.files[file] = OpenFile(self.numbers[path], real, is_new and bool(flags & SYNCS_ITS_FOLDER))
        mine = Methods(*real)
        kept = (OnWrite(self.write), OnTruncate(self.truncate), OnSync(self.sync))
        for index, function in zip((WRITE, TRUNCATE, SYNC), kept, strict=True):
            mine[index] = ctypes.cast(function, ctypes.c_void_p)
        self.kept += [mine, *kept]
        methods.value = ctypes.addressof(mine)
        return done

    def delete(self, _vfs: int, name: int, syncs_folder: int) -> int:
        real = OnDelete(self.real.contents.delete)
        done: int = real(ctypes.addressof(self.real.contents), name, syncs_folder)
        gone = Path(ctypes.string_at(name).decode()).name
        if done == OK and gone.startswith(FILE):
            self.recorded.happenings += [Delete(gone), *([SyncFolder()] if syncs_folder else [])]
        return done

    def write(self, file: int, content: int, length: int, offset: int) -> int:
        known = self.files[file]
        done: int = OnWrite(known.real[WRITE])(file, content, length, offset)
        self.recorded.happenings.append(Write(known.number, offset, ctypes.string_at(content, length)))
        return done

    def truncate(self, file: int, size: int) -> int:
        known = self.files[file]
        done: int = OnTruncate(known.real[TRUNCATE])(file, size)
        self.recorded.happenings.append(Truncate(known.number, size))
        return done

    def sync(self, file: int, flags: int) -> int:
        known = self.files[file]
        done: int = OnSync(known.real[SYNC])(file, flags)
        self.recorded.happenings += [Sync(known.number), *([SyncFolder()] if known.owes_folder else [])]
        known.owes_folder = False
        return done


@contextmanager
def recording() -> Iterator[Recording]:
    """Record what happens to every database of head office that is made in here and closed again."""
    sqlite = library()
    disk = Disk(sqlite.sqlite3_vfs_find(None))
    vfs = disk.vfs()
    sqlite.sqlite3_vfs_register(ctypes.byref(vfs), 1)
    try:
        yield disk.recorded
    finally:
        sqlite.sqlite3_vfs_unregister(ctypes.byref(vfs))
