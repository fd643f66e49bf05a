"""The feed of a large shop: a million products as a file, taken by a shop that sells, and ten thousand changes."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from statistics import median

from aiohttp import web

from cloud.sync.snapshot import Building, Shipped, unpacked
from edge import app as edge_app
from edge.catalogue.freshness import Freshness
from edge.catalogue.open_catalogue import Catalogue
from edge.catalogue.unpacking import unpack
from edge.demo import daemons
from edge.fleet import service as fleet
from shared import ids
from shared.api.files import send_file
from shared.clock import SystemClock
from shared.protocol import snapshot
from shared.protocol.enrolment import Enrolled
from shared.protocol.feed import FEED_ROWS_MAX, SNAPSHOT_BEYOND_ROWS, FeedPage
from tests.benchmarks import million
from tests.benchmarks.million import NODE, PRODUCTS, STORE, TENANT, Values
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import p95
from tests.benchmarks.till import Till

ROUNDS_MAX = 3  # each takes half a minute; the figures are seconds, which a neighbour's burst moves little
BUILT_GOAL, DELTA_GOAL, SCAN_GOAL = 2.0, 2.0, 2.0  # times what stands beside
SIZE_LIMIT_MB, SWAP_LIMIT_MS = 45.0, 1000.0
CHANGED = 5_000  # products with their prices: 10,000 rows
IDLE_SCANS, LINES = 1_500, 10
SCAN_EVERY_S = 0.002
KEY = snapshot.new_key()
TAKEN_TIMEOUT_S = 120.0


def measure(rounds: int, folder: Path) -> list[Row]:
    """Build, swap and change by turns with what stands beside."""
    rounds = min(rounds, ROUNDS_MAX)
    everything = list(million.values(range(PRODUCTS)))
    office = million.open_office(folder / "office", everything)
    shipped, rows = _built(rounds, folder, office, everything)
    del everything
    return [*rows, *_changed(rounds, folder, shipped[0]), *asyncio.run(_swapped(rounds, folder, shipped))]


def _built(rounds: int, folder: Path, office: Path, everything: list[Values]) -> tuple[list[Shipped], list[Row]]:
    shipped, ours_ms, bare_ms = [], [], []
    for number in range(rounds):
        begin_s = time.perf_counter()
        shipped.append(Building(office, folder / f"made-{number}", TENANT, STORE).run(SystemClock().now, KEY))
        ours_ms.append((time.perf_counter() - begin_s) * 1000)
        begin_s = time.perf_counter()
        million.write_bare(folder / "bare.db", everything)
        bare_ms.append((time.perf_counter() - begin_s) * 1000)
        million.move_on(office, 2 * SNAPSHOT_BEYOND_ROWS)
    sizes_mb = [one.manifest.size / 1e6 for one in shipped]
    beside, limit = "bare SQLite from ready values + zstd", "limit"
    return shipped, [
        Row("snapshot of 1,000,000 products built", "ms", ours_ms, beside, bare_ms, BUILT_GOAL),
        Row("its size", "MB", sizes_mb, limit, [SIZE_LIMIT_MB] * rounds, 1.0),
    ]


def _changed(rounds: int, folder: Path, shipped: Shipped) -> list[Row]:
    """Take 10,000 rows as they come from the wire, into a catalogue of a million products."""
    (folder / "delta").mkdir()
    bare = folder / "delta" / "bare.db"
    with bare.open("wb") as file:
        file.writelines(unpacked(shipped.path))
    ours_ms, bare_ms = [], []
    with closing(sqlite3.connect(bare, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        for number in range(rounds):
            changed = list(million.values(range(number, PRODUCTS, PRODUCTS // CHANGED), seed=number + 2))
            ours_ms.append(asyncio.run(_take(folder / "delta", shipped, changed)))
            bare_ms.append(_update(connection, changed))
    beside = "bare SQLite, the same rows in one transaction"
    return [Row("10,000 rows of the feed taken", "ms", ours_ms, beside, bare_ms, DELTA_GOAL)]


async def _take(folder: Path, shipped: Shipped, changed: list[Values]) -> float:
    with closing(Catalogue(folder)) as catalogue:
        freshness = Freshness.heard(shipped.manifest.at, SystemClock())
        if not catalogue.is_ready:
            await catalogue.take(shipped.path, shipped.manifest, freshness)
        rows = million.feed_rows(changed, catalogue.cursor)
        pages = [rows[first : first + FEED_ROWS_MAX] for first in range(0, len(rows), FEED_ROWS_MAX)]
        texts = [
            FeedPage(rows=tuple(page), cursor=page[-1].version, more=page is not pages[-1], newest=rows[-1].version)
            .model_dump_json()
            .encode()
            for page in pages
        ]
        begin_s = time.perf_counter()
        for text in texts:
            page = FeedPage.model_validate_json(text)
            await catalogue.apply(page.rows, page.cursor, None if page.more else freshness, more=page.more)
        return (time.perf_counter() - begin_s) * 1000


def _update(connection: sqlite3.Connection, changed: list[Values]) -> float:
    begin_s = time.perf_counter()
    connection.execute("begin immediate")
    connection.executemany("delete from barcodes where sku = ?", [(one.sku,) for one in changed])
    connection.executemany(
        "insert or replace into products values (?, ?, ?)", [(one.sku, one.name, one.body) for one in changed]
    )
    connection.executemany("insert into barcodes values (?, ?)", [(one.barcode, one.sku) for one in changed])
    prices = [(one.sku, one.price_minor) for one in changed]
    connection.executemany("insert or replace into prices values (?, ?, 0)", prices)
    connection.execute("commit")
    return (time.perf_counter() - begin_s) * 1000


class Office:
    """A head office that does nothing but ship files it has, so that its work is not measured."""

    def __init__(self) -> None:
        self.shipped: Shipped | None = None
        self.is_taken = threading.Event()  # the box has asked for what comes behind the file

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if self.shipped is None or not request.path.startswith("/api/feed"):
            return web.Response(status=503)
        about = self.shipped.manifest
        if request.path == "/api/feed":
            cursor = int(request.query["cursor"])
            if cursor == about.version:
                self.is_taken.set()
                await asyncio.sleep(float(request.query["wait_s"]))
            end = about.version
            page = FeedPage(
                rows=(), cursor=end if cursor == end else cursor, more=cursor != end, newest=end, at=about.at
            )
            return web.Response(text=page.model_dump_json(), content_type="application/json")
        headers = {snapshot.HEADER: self.shipped.proof, "Content-Encoding": snapshot.CODING}
        return await send_file(request, self.shipped.path, about.size, about.etag, headers)


async def _swapped(rounds: int, folder: Path, shipped: list[Shipped]) -> list[Row]:
    """Let a real daemon take one catalogue after the other, over HTTP, while somebody scans."""
    begin_ms = [await _swap_ms(folder / "swap", one) for one in shipped]
    idle_ms, busy_ms = [], []
    office = Office()
    async with _serving(office) as url, _daemon(folder, url) as edge_url:
        office.shipped = shipped[-1]
        await asyncio.to_thread(office.is_taken.wait, TAKEN_TIMEOUT_S)
        for number in range(rounds):
            idle_ms.append(p95(await asyncio.to_thread(_scans, edge_url, None)))
            office.is_taken.clear()
            office.shipped = shipped[number]
            busy_ms.append(p95(await asyncio.to_thread(_scans, edge_url, office.is_taken)))
    limit = [SWAP_LIMIT_MS] * rounds
    return [
        Row("1,000,000 products checked and swapped in", "ms", begin_ms, "limit", limit, 1.0),
        Row("scan p95 while they are fetched and swapped in", "ms", busy_ms, "idle", idle_ms, SCAN_GOAL),
    ]


async def _swap_ms(folder: Path, shipped: Shipped) -> float:
    with closing(Catalogue(folder)) as catalogue:
        unpack(shipped.path, catalogue.fresh, shipped.manifest)
        begin_s = time.perf_counter()
        await catalogue.swap(Freshness.heard(shipped.manifest.at, SystemClock()))
        return (time.perf_counter() - begin_s) * 1000


@asynccontextmanager
async def _serving(office: Office) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", office.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _daemon(folder: Path, office_url: str) -> AsyncIterator[str]:
    who = Enrolled(
        node_id=NODE, node_name="kiosk", tenant_id=TENANT, store_id=STORE, series="B1",
        signing_key=snapshot.public_half(KEY),
    )  # fmt: skip
    async with edge_app.open_database(folder / "large") as db:
        await db.transact(fleet.key_for_enrolment)
        await db.transact(fleet.enrol, who)
    port, config = daemons.free_port(0), folder / "large.toml"
    config.write_text(
        f'data = "large"\nlog_level = "warning"\nhttp = {{port = {port}}}\n'
        f'broker = {{port = {daemons.free_port(0)}}}\n[head_office]\nurl = "{office_url}"\npull_wait_s = 0.5\n'
    )
    async with daemons.running("edge", config, folder / "large.log"):
        yield f"http://127.0.0.1:{port}"


def _scans(url: str, taken: threading.Event | None) -> list[float]:
    """Scan at a steady pace, ten lines to a basket: so many times, or until the catalogue is taken.

    Returns the milliseconds of each.
    """
    chance, times_ms = ids.seeded(1), []
    with Till(url) as till:
        while len(times_ms) < IDLE_SCANS if taken is None else not taken.is_set():
            numbers = chance.sample(range(PRODUCTS), LINES)
            codes = [one.barcode[1:] for number in numbers for one in million.values(range(number, number + 1))]
            for code in codes:
                basket = till.scan(code)
                times_ms.append(till.ms)
                time.sleep(SCAN_EVERY_S)
            till.abandon(basket["id"])
    assert len(times_ms) > LINES, "it was taken before anybody could scan"
    assert median(times_ms) > 0
    return times_ms
