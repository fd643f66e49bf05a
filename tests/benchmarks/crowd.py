"""Orders over HTTP from sixteen lanes at the same time, each acknowledged once it is on disk, beside raw commits."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import islice

from devices.scanners.simulated import SimulatedScanner
from tests.benchmarks import catalogue
from tests.benchmarks.journal import raw_commits
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import by_turns, p50
from tests.benchmarks.store import Store
from tests.benchmarks.till import Till

CLIENTS = 16
GOAL = 1 / 0.6  # at least 0.6 of raw SQLite's commits, told as times
PAYMENTS = 2  # of each client in a turn
SETTLE_S = 0.2  # after our orders, so that their way to head office does not slow down the others
LANE = '[[devices]]\nkind = "scanner"\nmake = "serial"\nname = "{name}"\npath = "{path}"\nlane = "{name}"\n'


async def measure(rounds: int, store: Store) -> list[Row]:
    """Let a store with a scanner on each of its lanes be paid on all of them at once, by turns with raw commits."""
    with ExitStack() as plugged:
        scanners = [SimulatedScanner(store.folder, f"lane-{number}") for number in range(CLIENTS)]
        for scanner in scanners:
            plugged.callback(scanner.unplug)
        config = store.folder / "crowd.toml"
        lanes = [LANE.format(name=scanner.name, path=scanner.path) for scanner in scanners]
        config.write_text(store.edge_config.read_text() + "".join(lanes))
        async with store.edge(config), store.floor("full") as floor_url:
            names = [scanner.name for scanner in scanners]
            return await asyncio.to_thread(_measure, rounds, store, floor_url, names)


def _measure(rounds: int, store: Store, floor_url: str, lanes: list[str]) -> list[Row]:
    with ExitStack() as stack:
        ours, floor = ([stack.enter_context(Till(url, lane)) for lane in lanes] for url in (store.edge_url, floor_url))
        raw = raw_commits(stack, store.folder / "raw-crowd.db", PAYMENTS * CLIENTS)
        found = by_turns(rounds, {"edge": _paying(ours), "floor": _paying(floor), "raw": raw})
    times = {name: [p50(samples) for samples in rounds_of] for name, rounds_of in found.items()}
    name = f"an order over HTTP, {CLIENTS} clients at once"
    return [
        Row(name, "ms", times["edge"], "raw durable commit of its bytes", times["raw"], GOAL),
        Row(name, "ms", times["edge"], "bare aiohttp + SQLite, durable", times["floor"]),
    ]


def _paying(tills: list[Till]) -> Callable[[int], list[float]]:
    def pay(number: int) -> list[float]:
        baskets, took_ms = catalogue.baskets(seed=number), 0.0
        for _ in range(PAYMENTS):
            filled = [till.fill(codes)[0] for till, codes in zip(tills, islice(baskets, len(tills)), strict=True)]
            begin_s = time.perf_counter()
            # One process is crowd enough: it only sends, and reads what came meanwhile.
            for till, basket in zip(tills, filled, strict=True):
                till.ask_to_pay(basket["id"])
            answers = [till.receive() for till in tills]
            took_ms += (time.perf_counter() - begin_s) * 1000
            assert [one["total_minor"] for one in answers] == [one["total_minor"] for one in filled]
        time.sleep(SETTLE_S)
        return [took_ms / (PAYMENTS * len(tills))]

    return pay
