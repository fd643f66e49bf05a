"""A disk that writes down what happens to it, so that every moment at which the power might go can be tried later."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

# What SQLite creates beside a database and syncs into its folder with the first sync: see `unixOpen` and `unixSync`.
REAL = "unix"  # what SQLite calls the real disk
SYNCS_ITS_FOLDER = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL | apsw.SQLITE_OPEN_WAL


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes that were handed over; until the next sync of the file nobody knows what of them is kept."""

    file: int
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file was cut to a size."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """Everything that was handed over for a file is kept from here on."""

    file: int


@dataclass(frozen=True, slots=True)
class Create:
    """A name was given to a new file; another file may have had it before."""

    name: str
    file: int


@dataclass(frozen=True, slots=True)
class Delete:
    """A name was taken away."""

    name: str


@dataclass(frozen=True, slots=True)
class SyncFolder:
    """Names given and taken so far are kept from here on."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that the shop's people saw: what they asked for, or what they were told."""

    what: Any


Happening = Write | Truncate | Sync | Create | Delete | SyncFolder | Mark


@dataclass(slots=True)
class Recording:
    """Everything that happened, in order. Files are numbered as they were created; a name may mean several in turn."""

    happenings: list[Happening] = field(default_factory=list)
    files: int = 0

    def mark(self, what: Any) -> None:
        """Note what people were told; whatever that promised must survive from here on."""
        self.happenings.append(Mark(what))

    def new_file(self, name: str) -> int:
        self.files += 1
        self.happenings.append(Create(name, self.files))
        return self.files

    def known_file(self, path: Path) -> int:
        """Take in a file that was there before."""
        file = self.new_file(path.name)
        self.happenings += [Write(file, 0, path.read_bytes()), Sync(file), SyncFolder()]
        return file


class RecordingFile(apsw.VFSFile):
    """A file of the real disk; what is done to it is written down."""

    def __init__(self, recording: Recording, names: dict[str, int], name: Any, flags: list[int]) -> None:
        path = name if isinstance(name, str) else name.filename()
        self._recording = recording
        is_new = not Path(path).exists()
        super().__init__(REAL, name, flags)
        if is_new:
            names[path] = recording.new_file(Path(path).name)
        self._file = names[path]
        self._owes_folder = is_new and bool(flags[0] & SYNCS_ITS_FOLDER)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 (SQLite's own name)
        super().xWrite(data, offset)
        self._recording.happenings.append(Write(self._file, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._recording.happenings.append(Truncate(self._file, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._recording.happenings.append(Sync(self._file))
        if self._owes_folder:
            self._recording.happenings.append(SyncFolder())
            self._owes_folder = False


class RecordingDisk(apsw.VFS):
    """The real disk with a recorder in front of it."""

    def __init__(self, name: str, recording: Recording, known: Iterable[Path]) -> None:
        self._recording = recording
        self._names = {str(path): recording.known_file(path) for path in known}  # numbers by path
        super().__init__(name, REAL, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return RecordingFile(self._recording, self._names, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self._recording.happenings.append(Delete(Path(filename).name))
        if syncdir:
            self._recording.happenings.append(SyncFolder())


@contextmanager
def recording(known: Iterable[Path] = ()) -> Iterator[Recording]:
    """Record what happens to every database that is opened in here and closed again.

    known: files that are there already; they are recorded as created and synced.
    """
    made = Recording()
    disk = RecordingDisk("recording", made, known)
    try:
        yield made
    finally:
        disk.unregister()
