"""Disks of simulated machines: folders that can be full, and whose content is what a sudden end leaves of it."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

DATABASES = ("sales.db", "catalogue.db", "head-office.db")
KEPT = (*DATABASES, "operator.key")
WAL_HEADER_BYTES, FRAME_HEADER_BYTES, PAGE_BYTES = 32, 24, 4096
NAME = "simulated"


class Disks(apsw.VFS):
    """SQLite's way to the files of boxes; a folder named in `full` takes no more."""

    def __init__(self, system: str) -> None:
        """system: the name of SQLite's own way to files."""
        self.full: set[str] = set()
        self.system = system
        super().__init__(NAME, system)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "File":  # noqa: N802
        return File(self, name, flags)


class File(apsw.VFSFile):
    """A file that cannot grow while its disk is full."""

    def __init__(self, disks: Disks, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(disks.system, name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._disks = disks
        self._folder = str(Path(path).parent) if path else ""

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self._folder in self._disks.full and offset + len(data) > self.xFileSize():
            raise apsw.FullError("the disk is full")
        super().xWrite(data, offset)


@contextmanager
def simulated_disks() -> Iterator[Disks]:
    """Let every database that is opened in here lie on a simulated disk."""
    system = apsw.vfs_names()[0]  # the first is the default
    disks = Disks(system)
    apsw.set_default_vfs(NAME)
    try:
        yield disks
    finally:
        apsw.set_default_vfs(system)
        disks.unregister()


def copied(disk: Path, to: Path) -> Path:
    """Copy what lies on a disk between two transactions, when every commit is synced."""
    to.mkdir(parents=True)
    for name in KEPT:
        for suffix in ("", "-wal"):
            path = disk / f"{name}{suffix}"
            if path.exists():
                shutil.copyfile(path, to / path.name)
    return to


def after_power_loss(disk: Path, to: Path, chance: random.Random) -> Path:
    """Copy what a disk holds after its machine lost power.

    The newest commits of the catalogue may be gone: `synchronous=NORMAL` syncs them only when they are checkpointed.
    """
    copied(disk, to)
    log = to / "catalogue.db-wal"
    if log.exists():
        frames = max(0, log.stat().st_size - WAL_HEADER_BYTES) // (FRAME_HEADER_BYTES + PAGE_BYTES)
        kept = chance.randint(0, frames)
        with log.open("r+b") as file:
            file.truncate(WAL_HEADER_BYTES + kept * (FRAME_HEADER_BYTES + PAGE_BYTES) if kept else 0)
    return to
