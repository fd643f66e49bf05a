"""A store's whole catalogue as one file: made once for what the store sees of the feed, on a thread, and shipped often.

The file is filled by SQLite itself from one picture of the data, beside those who read and write it, and packed piece
by piece: a million products never stand in memory.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import zstandard
from pydantic import ValidationError

from shared import ids
from shared.errors import Unavailable
from shared.protocol import snapshot as protocol
from shared.protocol.catalogue_file import BARCODES, INDEXES, PRICE, PRODUCT, TABLES, WRITERS, apply
from shared.protocol.feed import FeedRow
from shared.protocol.snapshot import Manifest

PIECE_BYTES = 1_000_000

IN_BULK = ("product", "price")
ONE_BY_ONE = ", ".join(f"'{kind}'" for kind in WRITERS if kind not in IN_BULK)
FILL = f"""
insert into products select {PRODUCT.format(key="key", body="body")} from office.feed_rows
where tenant_id = :tenant and store_id = '' and kind = 'product' and body is not null order by key;
insert into barcodes select distinct {BARCODES.format(key="sku")}
from products, json_each(products.body, '$.barcodes') code order by 1, 2;
insert into prices select {PRICE.format(key="key", body="body")} from office.feed_rows
where tenant_id = :tenant and store_id = '' and kind = 'price' and body is not null order by key;
"""  # noqa: S608
NEWEST = "select version, head from office.feed_heads where tenant_id = :tenant order by version desc limit 1"
# The rest row by row, as nodes do it: what is for this store alone, and kinds of which there are few. Of two rows for
# one thing the newer holds.
REST = f"""
select version, kind, key, gone, body from office.feed_rows one
where tenant_id = :tenant and (store_id = :store or (store_id = '' and kind in ({ONE_BY_ONE})))
and not exists (
    select 1 from office.feed_rows other where other.tenant_id = :tenant and other.store_id in ('', :store)
    and other.kind = one.kind and other.key = one.key and other.version > one.version
)
order by version
"""  # noqa: S608


class SnapshotNotMade(Unavailable):
    """The catalogue cannot be put together: {problem}"""

    hint = "Look at the disk of the server. Boxes ask again by themselves, and sell with what they have."


class SnapshotTooLarge(Unavailable):
    """The catalogue of version {version} is larger than boxes take."""

    hint = "Take out products that no store sells any more. Boxes sell with what they have."


@dataclass(frozen=True, slots=True)
class Shipped:
    """A packed catalogue on this machine's disk, with what proves it."""

    path: Path
    manifest: Manifest
    proof: str  # the manifest, signed


@dataclass(slots=True)
class Building:
    """One file in the making, on a thread. `stop` may be called from any other."""

    office: Path  # head office's database
    folder: Path
    tenant_id: str
    store_id: str
    is_stopped: bool = field(default=False, init=False)
    file: sqlite3.Connection | None = field(default=None, init=False)

    def stop(self) -> None:
        self.is_stopped = True
        with suppress(sqlite3.ProgrammingError):  # it was closed in this moment
            if self.file is not None:
                self.file.interrupt()

    def run(self, now: Callable[[], datetime], key: bytes) -> Shipped:
        """Make the file, pack it, sign it. Raises SnapshotNotMade, SnapshotTooLarge."""
        unfinished = self.folder / f"{ids.new_id()}.part"
        packed = unfinished.with_suffix(".part.zst")
        try:
            self.folder.mkdir(exist_ok=True)
            at = now()  # before the picture: it holds everything up to then
            version = self._fill(unfinished)
            manifest = self._pack(unfinished, packed, version, at)
            path = self.folder / f"{self.store_id}-{version}.db.zst"
            packed.replace(path)
        except (OSError, sqlite3.Error) as error:
            raise SnapshotNotMade(problem=str(error)) from error
        except ValidationError as error:
            raise SnapshotNotMade(problem="it holds what boxes cannot read") from error
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
                packed.unlink(missing_ok=True)
        return Shipped(path, manifest, protocol.sign(manifest, key))

    def _fill(self, path: Path) -> int:
        """Write the catalogue as a SQLite file. Returns the version of the feed that it holds."""
        whose = {"tenant": self.tenant_id, "store": self.store_id}
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False, uri=True)) as file:
            self.file = file
            file.execute("pragma journal_mode = off")  # the file is thrown away if it does not get finished
            file.execute("pragma synchronous = off")
            file.execute("attach ? as office", (f"{self.office.resolve().as_uri()}?mode=ro",))
            file.executescript(f"begin; {TABLES}")
            found = file.execute(NEWEST, whose).fetchone()
            for statement in (*FILL.split(";")[:-1], *INDEXES.split(";")[:-1]):
                if self.is_stopped:
                    raise SnapshotNotMade(problem="the service ends")
                file.execute(statement, whose if ":tenant" in statement else {})
            version, head = found or (0, None)
            apply(file, _rows(file, whose), version, head)
            file.execute("commit")
            self.file = None
        return version

    def _pack(self, path: Path, packed: Path, version: int, at: datetime) -> Manifest:
        digest, file_digest = hashlib.sha256(), hashlib.sha256()
        size, file_size = 0, path.stat().st_size
        if file_size > protocol.FILE_BYTES_MAX:
            raise SnapshotTooLarge(version=version)
        packer = zstandard.ZstdCompressor(level=protocol.LEVEL, write_checksum=True).compressobj(size=file_size)
        with path.open("rb") as source, packed.open("wb") as target:
            while piece := source.read(PIECE_BYTES):
                if self.is_stopped:
                    raise SnapshotNotMade(problem="the service ends")
                file_digest.update(piece)
                for out in (packer.compress(piece), packer.flush() if source.tell() == file_size else b""):
                    digest.update(out)
                    size += target.write(out)
                if size > protocol.SNAPSHOT_BYTES_MAX:
                    raise SnapshotTooLarge(version=version)
        return Manifest(
            tenant_id=self.tenant_id,
            store_id=self.store_id,
            version=version,
            at=at,
            size=size,
            sha256=digest.hexdigest(),
            file_size=file_size,
            file_sha256=file_digest.hexdigest(),
        )


def _rows(file: sqlite3.Connection, whose: dict[str, str]) -> Iterator[FeedRow]:
    for version, kind, key, gone, body in file.execute(REST, whose):
        yield FeedRow(
            version=version, kind=kind, key=key, gone=bool(gone), body=None if body is None else json.loads(body)
        )


def unpacked(path: Path) -> Iterator[bytes]:
    """Yield a packed file's content in pieces."""
    with path.open("rb") as source:
        yield from zstandard.ZstdDecompressor().read_to_iter(source, write_size=PIECE_BYTES)
