"""Placing an order of ten lines over HTTP, acknowledged once it is on disk, beside raw commits on the same disk."""

import os
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import apsw

from tests.benchmarks import catalogue
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import by_turns, p50
from tests.benchmarks.till import Till

COMMITS, EXTRA_MS = 3, 0.5  # the limit: so many raw durable commits, and this for everything else
ORDERS = 8  # in a turn
RAW_COMMITS = 60  # in a turn
ORDER_BYTES = 4_096  # about an order of ten lines as JSON
SETTLE_S = 0.2  # after our orders, so that their way to head office does not slow down the others


def measure(rounds: int, edge: Till, floor: Till, folder: Path) -> list[Row]:
    """Place orders at both servers and commit raw rows in between."""
    raw = _open(folder / "raw.db")
    try:
        found = by_turns(
            rounds,
            {"edge": _paying(edge), "floor": _paying(floor), "raw": lambda _: _commit(raw)},
        )
    finally:
        raw.close()
    ours_ms = [p50(samples) for samples in found["edge"]]
    raw_ms = [p50(samples) for samples in found["raw"]]
    limit_ms = [COMMITS * commit_ms + EXTRA_MS for commit_ms in raw_ms]
    floor_ms = [p50(samples) for samples in found["floor"]]
    name = "order placed, p50"
    return [
        Row(name, "ms", ours_ms, f"{COMMITS} raw durable commits + {EXTRA_MS} ms", limit_ms, 1.0),
        Row(name, "ms", ours_ms, "1 raw durable commit", raw_ms),
        Row(name, "ms", ours_ms, "bare aiohttp + SQLite, durable", floor_ms),
    ]


def _paying(till: Till) -> Callable[[int], list[float]]:
    def pay(number: int) -> list[float]:
        times_ms = []
        for codes in islice(catalogue.baskets(seed=number), ORDERS):
            basket, _ = till.fill(codes)
            order = till.pay(basket["id"])
            times_ms.append(till.ms)
            assert order["total_minor"] == basket["total_minor"]
        time.sleep(SETTLE_S)
        return times_ms

    return pay


def _open(path: Path) -> apsw.Connection:
    """Open a database as ours is opened: whoever commits less surely would be no limit."""
    raw = apsw.Connection(str(path))
    # One call each: of several statements apsw runs only those up to the first that answers something.
    for setting in ("locking_mode = exclusive", "journal_mode = wal", "synchronous = full"):
        raw.execute(f"pragma {setting}")
    assert raw.pragma("journal_mode") == "wal"
    assert raw.pragma("synchronous") == 2
    raw.execute("create table orders (body blob)")
    return raw


def _commit(raw: apsw.Connection) -> list[float]:
    body = os.urandom(ORDER_BYTES)
    times_ms = []
    for _ in range(RAW_COMMITS):
        begin_s = time.perf_counter()
        raw.execute("insert into orders values (?)", (body,))
        times_ms.append((time.perf_counter() - begin_s) * 1000)
    return times_ms
