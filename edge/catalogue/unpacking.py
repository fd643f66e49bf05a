"""A packed catalogue becomes a file: checked first, bounded in memory and on disk, never more than was announced."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import zstandard

from edge.catalogue.models import CatalogueNotKept, DamagedCatalogue
from shared.protocol.snapshot import WINDOW_BYTES_MAX, Manifest

PIECE_BYTES = 1_000_000
SYNC_EVERY_BYTES = 8_000_000  # else a sale's own commit would wait until the disk has swallowed the whole file


def unpack(packed: Path, fresh: Path, manifest: Manifest) -> None:
    """Write the file that the manifest means. Raises DamagedCatalogue, CatalogueNotKept; then nothing is left of it."""
    try:
        fresh.unlink(missing_ok=True)
        _check(packed, manifest)
        _write(packed, fresh, manifest.file_size)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise CatalogueNotKept(problem=str(error)) from error
    except (zstandard.ZstdError, DamagedCatalogue) as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise DamagedCatalogue(problem=str(error)) from error


def _check(packed: Path, manifest: Manifest) -> None:
    digest = hashlib.sha256()
    with packed.open("rb") as source:
        while piece := source.read(PIECE_BYTES):
            digest.update(piece)
    if digest.hexdigest() != manifest.sha256:
        raise DamagedCatalogue(problem="its digest is wrong")


def _write(packed: Path, fresh: Path, size: int) -> None:
    unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX)
    written = synced = 0
    with packed.open("rb") as source, fresh.open("wb") as target:
        for piece in unpacker.read_to_iter(source, write_size=PIECE_BYTES):
            written += len(piece)
            if written > size:
                raise DamagedCatalogue(problem="it is larger than head office says")
            target.write(piece)
            if written - synced > SYNC_EVERY_BYTES:
                target.flush()
                os.fdatasync(target.fileno())
                synced = written
        target.flush()
        os.fsync(target.fileno())
    if written != size:
        raise DamagedCatalogue(problem="it is shorter than head office says")
