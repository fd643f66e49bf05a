"""The whole catalogue on its way down: in as many pieces as the line takes, believed only when it is whole and signed.

What has arrived lies in the data folder under the digest of the file that it belongs to, so a cut, a restart or a power
cut costs nothing but the rest, and a part of another version is never mixed in.
"""

import asyncio
import re
import shutil
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import httpx2
import structlog

from edge.catalogue.freshness import Freshness
from edge.catalogue.models import CatalogueNotKept, DamagedCatalogue
from edge.shop import Shop
from edge.sync.client import HeadOfficeClient, HeadOfficeSilent
from shared.protocol import snapshot
from shared.protocol.snapshot import BadManifest, Manifest

log = structlog.get_logger()

PATH = "/api/feed/snapshot"
BUFFER_BYTES = 256_000  # written at once, on a thread
DOWNLOAD_TIMEOUT_S = 900.0  # then the line is asked anew; what has arrived stays
FREE_BYTES_MIN = 4_000_000  # left for sales, whatever head office ships
ANSWERS = {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}
PART = re.compile(r"catalogue-([0-9a-f]{64})\.part")


class SnapshotDamaged(HeadOfficeSilent):
    """The whole catalogue did not arrive as head office sent it: {problem}"""

    hint = "Selling goes on with the prices of before; the box asks again by itself, less and less often."


class SnapshotNotKept(CatalogueNotKept):
    """The disk does not take the whole catalogue: {problem}"""

    hint = (
        "Selling goes on with the prices of before; the box tries again by itself, less and less often. Check its disk."
    )


async def take_snapshot(shop: Shop, head_office: HeadOfficeClient) -> None:
    """Fetch the whole catalogue and put it in the place of the present one.

    Raises CatalogueNotKept where there is no room for it, which costs no download; SnapshotNotKept where the disk
    fails, SnapshotDamaged, and what the client raises. Until then the present one holds.
    """
    folder = shop.catalogue.path.parent
    await shop.catalogue.discard_fresh()  # else it would count as room that is taken
    try:
        async with asyncio.timeout(DOWNLOAD_TIMEOUT_S):
            part, manifest = await _fetch(shop, head_office, folder)
    except TimeoutError as error:
        raise HeadOfficeSilent(problem="the line is slow; the rest is fetched next") from error
    except OSError as error:
        _drop_others(folder, None)
        raise SnapshotNotKept(problem=str(error)) from error
    try:
        await shop.catalogue.take(part, manifest, Freshness(manifest.at))  # it may have been made hours ago
    except CatalogueNotKept as error:  # what was fetched stays: it is whole
        raise SnapshotNotKept(problem=str(error.facts["problem"])) from error
    except DamagedCatalogue as error:
        _drop_others(folder, None)
        raise SnapshotDamaged(problem=str(error.facts["problem"])) from error
    _drop_others(folder, None)
    shop.metrics.snapshots.inc()
    log.info("catalogue_replaced", bytes=manifest.size, cursor=shop.catalogue.cursor)


def forget_parts(folder: Path) -> None:
    """Remove what was begun: rows brought the box to where the whole catalogue would have."""
    _drop_others(folder, None)


async def _fetch(shop: Shop, head_office: HeadOfficeClient, folder: Path) -> tuple[Path, Manifest]:
    """Let the file in the folder become whole. Returns it with its manifest."""
    begun = _begun(folder)
    have = begun.stat().st_size if begun else 0
    headers = {"Accept-Encoding": snapshot.CODING}
    if begun and have:
        headers |= {"Range": f"bytes={have}-", "If-Range": f'"{_digest_of(begun)}"'}
    async with head_office.stream(PATH, headers) as response:
        if response.status_code not in ANSWERS:  # whatever a proxy made of it
            _drop_others(folder, None)
            raise HeadOfficeSilent(status=response.status_code)
        manifest = _proven(shop, response)
        part = folder / f"catalogue-{manifest.sha256}.part"
        _drop_others(folder, part)
        start = _start(response, manifest, have if part == begun else 0)
        if start is None:
            _drop_others(folder, None)
            raise HeadOfficeSilent(problem="another part of it was sent than the one that was missing")
        _demand_room(folder, part, manifest)
        if start == manifest.size:  # all of it had arrived before
            return part, manifest
        try:
            await _append(part, start, manifest.size, response)
        except SnapshotDamaged:
            part.unlink(missing_ok=True)
            raise
    if part.stat().st_size != manifest.size:
        raise HeadOfficeSilent(problem="it was cut; the rest is fetched next")
    return part, manifest


def _proven(shop: Shop, response: httpx2.Response) -> Manifest:
    """Return the manifest, signed by the head office that this box knows. Raises SnapshotDamaged."""
    known, enrolled = shop.identity.signing_key, shop.identity.enrolled
    if known is None:  # an older box, which has not yet been told
        raise HeadOfficeSilent(problem="head office's signing key is not known yet")
    proof = response.headers.get(snapshot.HEADER)
    if proof is None:
        raise HeadOfficeSilent(problem="what came is no catalogue of head office's")  # but some portal's page
    try:
        return snapshot.read(proof, known, enrolled.tenant_id, enrolled.store_id)
    except BadManifest as error:
        log.warning("snapshot_not_trusted", error=str(error))
        raise SnapshotDamaged(problem=str(error.facts["problem"])) from error


def _start(response: httpx2.Response, manifest: Manifest, have: int) -> int | None:
    """Return where the answer's bytes belong; None when they do not fit what is here."""
    told, size = response.headers.get("Content-Range"), manifest.size
    if response.status_code == HTTPStatus.OK:  # it changed meanwhile, or a proxy knows no ranges
        return 0
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        return have if have and told == f"bytes {have}-{size - 1}/{size}" else None
    return size if have == size else None


async def _append(part: Path, start: int, size: int, response: httpx2.Response) -> None:
    """Write what comes behind `start`. Raises SnapshotDamaged when more comes than was announced, and OSError."""
    with await asyncio.to_thread(part.open, "r+b" if start else "wb") as file:
        file.seek(start)
        arrived, buffer = start, bytearray()
        try:
            async for piece in response.aiter_raw():
                arrived += len(piece)
                buffer += piece
                if arrived > size:
                    raise SnapshotDamaged(problem="it is larger than announced")
                if len(buffer) >= BUFFER_BYTES:
                    full, buffer = bytes(buffer), bytearray()  # nothing may be written twice
                    await _write(file, full)
        finally:  # also what arrived before the line was cut
            file.write(buffer)


async def _write(file: BinaryIO, content: bytes) -> None:
    """Write on a thread. Whoever is cancelled meanwhile waits for it: the file is about to be closed."""
    writing = asyncio.create_task(asyncio.to_thread(file.write, content))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.gather(writing, return_exceptions=True)
        raise


def _begun(folder: Path) -> Path | None:
    """Return the part that was begun last."""
    parts = [path for path in folder.glob("catalogue-*.part") if PART.fullmatch(path.name)]
    return max(parts, key=lambda path: path.stat().st_mtime_ns, default=None)


def _digest_of(part: Path) -> str:
    found = PART.fullmatch(part.name)
    assert found is not None
    return found[1]


def _drop_others(folder: Path, part: Path | None) -> None:
    """Remove every part but this one: nobody will go on with them, and the disk is small. What it keeps, it keeps."""
    for path in folder.glob("catalogue-*.part"):
        if path != part:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _demand_room(folder: Path, part: Path, manifest: Manifest) -> None:
    """Raises CatalogueNotKept when the file and what it is packed in would not leave room for sales."""
    have = part.stat().st_size if part.exists() else 0
    needed = manifest.size - have + manifest.file_size + FREE_BYTES_MIN
    free = shutil.disk_usage(folder).free
    if free < needed:
        part.unlink(missing_ok=True)
        raise CatalogueNotKept(problem=f"it needs {needed // 1_000_000} MB and {free // 1_000_000} MB are free")
