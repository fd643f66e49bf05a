"""`make bench`: all benchmarks in one run. Needs a machine with two cores and ten minutes of peace."""

import asyncio
import signal
import tempfile
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from tests.benchmarks import backlog, broker, crowd, edit, feed, frame, journal, place, promotions, rfid, scan, start
from tests.benchmarks.report import Row, table, write
from tests.benchmarks.store import Store, open_store
from tests.benchmarks.till import Till

BESIDE_FLOORS = {"scan", "place", "edit"}
WITH_OWN_DAEMON = {"crowd": crowd.measure, "start": start.measure}
WITH_STORE = BESIDE_FLOORS | WITH_OWN_DAEMON.keys() | {"backlog"}
IN_FOLDER = {"journal": journal.measure, "feed": feed.measure}
ALONE = {"frame": frame.measure, "rfid": rfid.measure, "promotions": promotions.measure}
PARTS = (*sorted(BESIDE_FLOORS), *WITH_OWN_DAEMON, "backlog", "broker", *IN_FOLDER, *ALONE)


def main(
    rounds: Annotated[int, typer.Option(min=3, help="How often everybody has a turn.")] = 7,
    json: Annotated[Path, typer.Option(help="Where the figures are written.")] = Path("bench.json"),
    only: Annotated[list[str] | None, typer.Option(help="Measure these parts alone: " + ", ".join(PARTS))] = None,
    waiting: Annotated[
        int, typer.Option("--backlog", min=1_000, help="How many orders travel up while others are sold.")
    ] = backlog.ORDERS,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 when a goal is missed.")] = False,
) -> None:
    """Measure, print the table, write the file."""
    unknown = set(only or ()) - set(PARTS)
    if unknown:
        raise typer.BadParameter(f"there is no {', '.join(sorted(unknown))}", param_hint="--only")
    rows = asyncio.run(_measure(rounds, frozenset(only or PARTS), waiting))
    print(table(rows))
    print(f"Medians of {rounds} rounds; a ratio is the median of its rounds' ratios. All figures are in {json}.")
    write(json, rows)
    if strict and not all(row.is_met for row in rows):
        raise typer.Exit(1)


async def _measure(rounds: int, parts: AbstractSet[str], waiting: int) -> list[Row]:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)  # so that no daemon is left behind
    rows = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shopwright-bench-")))
        if parts & WITH_STORE:
            store = await stack.enter_async_context(open_store(folder))
            rows += await _measure_store(rounds, parts, store, folder)
            if "backlog" in parts:
                rows += await backlog.measure(rounds, store, waiting)
        if "broker" in parts:
            rows += await broker.measure(rounds, folder)
        for name, measure in IN_FOLDER.items():
            if name in parts:
                rows += await asyncio.to_thread(measure, rounds, folder)
    for name, alone in ALONE.items():
        if name in parts:
            rows += await asyncio.to_thread(alone, rounds)
    return rows


async def _measure_store(rounds: int, parts: AbstractSet[str], store: Store, folder: Path) -> list[Row]:
    rows = []
    if parts & BESIDE_FLOORS:
        async with AsyncExitStack() as servers:
            await servers.enter_async_context(store.edge())
            floor_url = await servers.enter_async_context(store.floor("full"))
            unsafe_url = await servers.enter_async_context(store.floor("off"))
            edge, floor, unsafe = (servers.enter_context(Till(url)) for url in (store.edge_url, floor_url, unsafe_url))
            # On a thread, so that Ctrl-C is heard at once: ending the servers ends the measuring.
            if "scan" in parts:
                rows += await asyncio.to_thread(scan.measure, rounds, edge, floor, unsafe)
            if "place" in parts:
                rows += await asyncio.to_thread(place.measure, rounds, edge, floor, folder)
            if "edit" in parts:
                rows += await edit.measure(rounds, store)
    for name, measure in WITH_OWN_DAEMON.items():
        if name in parts:
            rows += await measure(rounds, store)
    return rows


if __name__ == "__main__":
    typer.run(main)
