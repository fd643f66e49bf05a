"""`make simulate`: many seeds, one after the other on each core, until all are done or one breaks a promise.

make simulate                                  10,000 seeds
make simulate ARGS="--seeds 100 --first 5000"
make simulate ARGS="--seed 4711"               one seed, told line by line
"""

import argparse
import logging
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.simulator import template
from tests.simulator.world import STEPS, Result, simulate

SEEDS = 10_000
AT_ONCE = 50  # seeds that share a process and its template
MEMORY = Path("/dev/shm")  # where the system keeps files in memory


def main() -> int:
    """Return the exit code: 0 when every promise was kept."""
    parser = argparse.ArgumentParser(
        prog="make simulate", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--seed", type=int, help="only this one, with its whole trace and its digest")
    parser.add_argument("--steps", type=int, default=STEPS, help="faults in a run")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--digest", action="store_true", help="with --seed: tell only the digest")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)  # of servers that are sent broken bytes
    if chosen.seed is not None:
        return one(chosen.seed, chosen.steps, is_brief=chosen.digest)
    return many(range(chosen.first, chosen.first + chosen.seeds), chosen.steps, chosen.jobs)


def one(seed: int, steps: int, *, is_brief: bool) -> int:
    """Run one seed and tell what happened."""
    with tempfile.TemporaryDirectory(dir=disks()) as folder:
        result = simulate(seed, template.make(Path(folder) / "template"), Path(folder) / "run", steps)
    if is_brief:
        print(result.digest)
    else:
        print(*result.trace, told(result), sep="\n")
    return int(bool(result.violation))


def many(seeds: range, steps: int, jobs: int) -> int:
    """Run seeds on several processes; stop at the first violation."""
    began_s, done, orders = time.monotonic(), 0, 0
    parts = [(seeds[at : at + AT_ONCE], steps) for at in range(0, len(seeds), AT_ONCE)]
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for results in pool.imap_unordered(part, parts):
            for result in results:
                if result.violation:
                    print(*result.trace, told(result), sep="\n")
                    return 1
            done += len(results)
            orders += sum(result.orders for result in results)
            rate = done / (time.monotonic() - began_s)
            print(f"{done} of {len(seeds)} seeds, {orders} orders, {rate:.1f} seeds/s", flush=True)
    return 0


def part(asked: tuple[range, int]) -> list[Result]:
    """Run some seeds in a process of their own, up to the first that breaks a promise."""
    seeds, steps = asked
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


if __name__ == "__main__":
    sys.exit(main())
