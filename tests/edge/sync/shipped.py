"""A whole catalogue as a head office that a test plays ships it: packed, signed, and damaged as it was told to."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import zstandard
from aiohttp import web

from shared.protocol import snapshot
from shared.protocol.snapshot import Manifest
from tests.edge.small_shop import SIGNING_KEY, STORE_ID, TENANT_ID
from tests.edge.sync.head_office import Answer

MADE_AT = datetime(2026, 3, 2, 11, 55, tzinfo=UTC)


def packed(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(content)


def manifest(content: bytes, **changes: Any) -> Manifest:
    """Return what is said of a file. Names what differs from the truth."""
    body = packed(content)
    said = {
        "tenant_id": TENANT_ID,
        "store_id": STORE_ID,
        "version": 1,
        "at": MADE_AT,
        "size": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "file_size": len(content),
        "file_sha256": hashlib.sha256(content).hexdigest(),
    }
    return Manifest.model_validate({**said, **changes})


def ships(
    content: bytes,
    body: bytes | None = None,
    *,
    key: bytes = SIGNING_KEY,
    cut_after: int | None = None,
    knows_ranges: bool = True,
    **changes: Any,
) -> Answer:
    """Answer with a file. body: what is sent instead of it packed; cut_after: how many bytes the line lives."""
    about = manifest(content, **changes)
    whole = packed(content) if body is None else body

    async def give(request: web.Request) -> web.StreamResponse:
        headers = {snapshot.HEADER: snapshot.sign(about, key), "ETag": about.etag, "Content-Encoding": "zstd"}
        first, status = 0, 200
        if knows_ranges and "Range" in request.headers and request.headers.get("If-Range") == about.etag:
            first = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            if first >= len(whole):
                return web.Response(status=416, headers={**headers, "Content-Range": f"bytes */{len(whole)}"})
            status = 206
            headers["Content-Range"] = f"bytes {first}-{len(whole) - 1}/{len(whole)}"
        response = web.StreamResponse(status=status, headers=headers)
        response.content_length = len(whole) - first
        await response.prepare(request)
        await response.write(whole[first : first + (len(whole) if cut_after is None else cut_after)])
        if cut_after is not None and request.transport is not None:
            request.transport.close()
        return response

    return give
