"""Many seeds, on all cores."""

import logging
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.simulator import template
from tests.simulator.world import Result, simulate

AT_ONCE = 50  # seeds that share a process and its template
MEMORY = Path("/dev/shm")  # where the system keeps files in memory


def many(seeds: range, steps: int, jobs: int) -> int:
    """Run seeds on several processes; stop at the first violation."""
    began_s, done, orders = time.monotonic(), 0, 0
    parts = [seeds[at : at + AT_ONCE] for at in range(0, len(seeds), AT_ONCE)]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        asked = [pool.submit(part, one, steps) for one in parts]
        for answered in as_completed(asked):
            results = answered.result()
            for result in results:
                if result.violation:
                    print(*result.trace, told(result), sep="\n")
                    pool.shutdown(cancel_futures=True)
                    return 1
            done += len(results)
            orders += sum(result.orders for result in results)
            rate = done / (time.monotonic() - began_s)
            print(f"{done} of {len(seeds)} seeds, {orders} orders, {rate:.1f} seeds/s", flush=True)
    return 0


def part(seeds: range, steps: int) -> list[Result]:
    """Run some seeds in a process of their own, up to the first that breaks a promise."""
    logging.disable(logging.CRITICAL)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(dir=disks()) as folder:
        made = template.make(Path(folder) / "template")
        for seed in seeds:
            results.append(simulate(seed, made, Path(folder) / "run", steps))
            if results[-1].violation:
                break
    return results


def told(result: Result) -> str:
    """Return what a run came to."""
    again = f"Once more, line by line: make simulate ARGS='--seed {result.seed}'"
    end = f"{result.violation}\n{again}" if result.violation else "Every promise was kept."
    return f"seed {result.seed}: {result.orders} orders in {result.virtual_s:.0f} s, digest {result.digest}\n{end}"


def disks() -> Path | None:
    """Return where simulated disks are quick; None for the system's usual place."""
    return MEMORY if MEMORY.is_dir() else None
