"""Sending a large file in pieces: whole, or from where a cut left it (RFC 9110: Range, If-Range, a strong ETag)."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import IO

from aiohttp import hdrs, web

PIECE_BYTES = 256_000
RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})?")  # one range; of several the whole file is sent, as one may


async def send_file(
    request: web.Request, path: Path, size: int, etag: str, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Send what the request asks for of a file that nobody changes any more.

    etag: strong, in quotes. A range is given only of the file that the caller means: `If-Range` names it.
    """
    headers = {**headers, "ETag": etag, "Accept-Ranges": "bytes"}
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    first, last, status = 0, size - 1, HTTPStatus.OK
    wanted = RANGE.fullmatch(request.headers.get("Range", ""))
    if wanted and request.headers.get("If-Range", etag) == etag:
        first, last = int(wanted[1]), min(int(wanted[2] or last), last)
        if first > last:
            unsatisfied = {**headers, "Content-Range": f"bytes */{size}"}
            return web.Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=unsatisfied)
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    with await asyncio.to_thread(path.open, "rb") as file:
        file.seek(first)
        return await send_pieces(request, _pieces(file, last + 1 - first), last + 1 - first, headers, status)


async def send_pieces(
    request: web.Request,
    pieces: Iterator[bytes],
    size: int,
    headers: Mapping[str, str],
    status: HTTPStatus = HTTPStatus.OK,
) -> web.StreamResponse:
    """Send pieces as fast as the line takes them; each is read on a thread. HEAD is told what they would be."""
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = size
    try:
        await response.prepare(request)
        if request.method == hdrs.METH_HEAD:
            return response
        while piece := await asyncio.to_thread(next, pieces, b""):
            await response.write(piece)
    except ConnectionError:
        pass  # the caller went away; it asks again for the rest
    return response


def _pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0 and (piece := file.read(min(PIECE_BYTES, size))):
        size -= len(piece)
        yield piece
