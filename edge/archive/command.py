"""`shopwright-edge journal`: the journal verified and exported at a terminal, with the daemon running or not."""

import json
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from edge.archive.export import exported
from edge.config import Config
from edge.database import AlreadyRunning, Database
from edge.fleet import service as fleet
from shared.errors import Conflict, Unavailable
from shared.protocol.entry import ENTRY_BYTES_MAX
from shared.protocol.journal_file import verify

Say = Callable[[str], None]
OpenDatabase = Callable[[Path], AbstractAsyncContextManager[Database]]

ANSWER_WAIT_S = 30.0  # between two pieces
PIECE_BYTES = 65_536
LINE_BYTES_MAX = ENTRY_BYTES_MAX + 1
DIRECT = build_opener(ProxyHandler({}))  # the daemon is on this machine, and the key is nobody else's business


class ExportFailed(Unavailable):
    """The daemon did not give its journal out: {problem}"""

    hint = "Look at the daemon's log; or stop it and export again."


class FileTaken(Conflict):
    """There is a file {file} already."""

    hint = "Name another file; exports are never written over."


async def export(config: Config, folder: Path, file: Path, open_database: OpenDatabase, say: Say) -> None:
    """Write the journal to a new file, and verify what was written. Raises FileTaken, ExportFailed, DamagedFile."""
    try:
        target = file.open("xb")
    except FileExistsError as taken:
        raise FileTaken(file=file) from taken
    with _dropped_if_it_fails(file), target:
        await _write(config, folder, target, open_database)
    verify_file(file, say)


@contextmanager
def _dropped_if_it_fails(file: Path) -> Iterator[None]:
    """Half a journal is none, and would stand in the way of the next attempt."""
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


async def verify_box(config: Config, folder: Path, open_database: OpenDatabase, say: Say) -> None:
    """Verify the journal that is on this box. Raises ExportFailed, DamagedFile."""
    with tempfile.TemporaryFile() as target:
        await _write(config, folder, target, open_database)
        target.seek(0)
        _tell(target, say)


def verify_file(file: Path, say: Say) -> None:
    """Verify an exported journal. Raises DamagedFile, OSError."""
    with file.open("rb") as lines:
        _tell(lines, say)


def _tell(file: IO[bytes], say: Say) -> None:
    verified = verify(iter(partial(file.readline, LINE_BYTES_MAX), b""))
    first, last, node = verified.opening.after_seq + 1, verified.last_seq, verified.opening.node_id
    say(f"Whole: entries {first} to {last} of node {node}, by its own signature.")
    for name, count in sorted(verified.names.items()):
        say(f"{count:>10} {name}")


async def _write(config: Config, folder: Path, target: IO[bytes], open_database: OpenDatabase) -> None:
    """Write the file: through the daemon where it runs, as its data has one reader."""
    try:
        async with open_database(folder) as db:
            identity = await db.transact(fleet.who_am_i)
            await _pour(exported(db, identity), target)
    except AlreadyRunning:
        _fetch(config, target)


async def _pour(pieces: AsyncIterator[bytes], target: IO[bytes]) -> None:
    async for piece in pieces:
        target.write(piece)


def _fetch(config: Config, target: IO[bytes]) -> None:
    headers = {"Authorization": f"Bearer {config.attendant_key or ''}"}
    url = f"http://{config.http.host}:{config.http.port}/api/journal/export"
    try:
        with DIRECT.open(Request(url, headers=headers), timeout=ANSWER_WAIT_S) as answer:
            assert answer.status == HTTPStatus.OK
            while piece := answer.read(PIECE_BYTES):
                target.write(piece)
    except HTTPError as refused:
        raise ExportFailed(problem=_problem_of(refused)) from refused
    except (URLError, HTTPException, OSError) as error:
        raise ExportFailed(problem=str(error) or type(error).__name__) from error


def _problem_of(refused: HTTPError) -> str:
    try:
        problem = json.load(refused)
        return f"{problem['title']} {problem['hint']}"
    except (ValueError, KeyError, TypeError):  # whoever answered is no daemon of ours
        return f"it was answered {refused.code}"
