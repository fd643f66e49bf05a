"""`make bench`: all benchmarks in one run. Needs a machine with two cores and ten minutes of peace."""

import asyncio
import signal
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from tests.benchmarks import broker, edit, feed, frame, journal, place, promotions, rfid, scan, start
from tests.benchmarks.report import Row, table, write
from tests.benchmarks.store import open_store
from tests.benchmarks.till import Till


def main(
    rounds: Annotated[int, typer.Option(min=3, help="How often everybody has a turn.")] = 7,
    json: Annotated[Path, typer.Option(help="Where the figures are written.")] = Path("bench.json"),
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 when a goal is missed.")] = False,
) -> None:
    """Measure, print the table, write the file."""
    rows = asyncio.run(_measure(rounds))
    print(table(rows))
    print(f"Medians of {rounds} rounds; a ratio is the median of its rounds' ratios. All figures are in {json}.")
    write(json, rows)
    if strict and not all(row.is_met for row in rows):
        raise typer.Exit(1)


async def _measure(rounds: int) -> list[Row]:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)  # so that no daemon is left behind
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shopwright-bench-")))
        store = await stack.enter_async_context(open_store(folder))
        rows = []
        async with AsyncExitStack() as servers:
            await servers.enter_async_context(store.edge())
            floor_url = await servers.enter_async_context(store.floor("full"))
            unsafe_url = await servers.enter_async_context(store.floor("off"))
            edge, floor, unsafe = (servers.enter_context(Till(url)) for url in (store.edge_url, floor_url, unsafe_url))
            # On a thread, so that Ctrl-C is heard at once: ending the servers ends the measuring.
            rows += await asyncio.to_thread(scan.measure, rounds, edge, floor, unsafe)
            rows += await asyncio.to_thread(place.measure, rounds, edge, floor, folder)
            rows += await edit.measure(rounds, store)
        rows += await start.measure(rounds, store)
        rows += await broker.measure(rounds, folder)
        rows += await asyncio.to_thread(journal.measure, rounds, folder)
        rows += await asyncio.to_thread(feed.measure, rounds, folder)
    rows += await asyncio.to_thread(frame.measure, rounds)
    rows += await asyncio.to_thread(rfid.measure, rounds)
    return rows + await asyncio.to_thread(promotions.measure, rounds)


if __name__ == "__main__":
    typer.run(main)
