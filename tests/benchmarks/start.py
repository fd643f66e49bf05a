"""From starting the daemon's process to the answer to its first scan, beside merely importing its libraries."""

import asyncio
import sys
import time

import psutil

from tests.benchmarks import catalogue
from tests.benchmarks.report import Row
from tests.benchmarks.store import Store
from tests.benchmarks.till import Till

GOAL = 2.0  # times the import floor
IDLE_S = 2.0
MB = 1_000_000
# What a running edge has loaded of other people's, found with `python -X importtime -m edge run --config …`: first what
# our modules import, then what these libraries load only when they are used. A library that one function needs at some
# later time is no excuse for a slow start and does not stand here.
LIBRARIES = (
    "aiohttp.web",
    "amqtt.broker",
    "apsw",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "httpx2",
    "joserfc.jwt",
    "prometheus_client",
    "pydantic.types",
    "structlog",
    "typer",
    "anyio.streams.memory",  # by httpcore2
    "httpcore2",  # by httpx2.AsyncClient
    "pwdlib.hashers.argon2",  # by the broker
    "pydantic.main",  # by BaseModel
)


async def measure(rounds: int, store: Store) -> list[Row]:
    """Start and stop the daemon and the floor by turns. The first start of each, from a cold disk, does not count."""
    ours: list[tuple[float, float]] = []
    floor: list[tuple[float, float]] = []
    for number in range(-1, rounds):
        measured = [(ours, await _edge(store)), (floor, await _imports())]
        if number >= 0:
            for kept, found in measured:
                kept.append(found)
    beside = "import of its libraries"
    return [
        Row("process start → first scan", "ms", [ms for ms, _ in ours], beside, [ms for ms, _ in floor], GOAL),
        Row("idle memory (RSS)", "MB", [mb for _, mb in ours], beside, [mb for _, mb in floor]),
    ]


async def _edge(store: Store) -> tuple[float, float]:
    """Return the milliseconds until the first scan was answered, and the megabytes after a while of idling."""
    code = catalogue.products()[0].barcode
    begin_s = time.perf_counter()
    async with store.edge() as process:
        with Till(store.edge_url) as till:
            till.scan(code)
        first_scan_ms = (time.perf_counter() - begin_s) * 1000
        await asyncio.sleep(IDLE_S)
        return first_scan_ms, _rss_mb(process)


async def _imports() -> tuple[float, float]:
    """Return the milliseconds until a fresh process has imported the libraries, and its megabytes then."""
    script = f"import sys, {', '.join(LIBRARIES)}; print('ready', flush=True); sys.stdin.read()"
    begin_s = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    ready = await process.stdout.readline()
    imported_ms = (time.perf_counter() - begin_s) * 1000
    assert ready, "a library of the floor cannot be imported"
    rss_mb = _rss_mb(process)
    await process.communicate(b"")  # the end of its input is its end
    return imported_ms, rss_mb


def _rss_mb(process: asyncio.subprocess.Process) -> float:
    rss_bytes: int = psutil.Process(process.pid).memory_info().rss
    return rss_bytes / MB
