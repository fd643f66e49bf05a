"""`make simulate`: many seeds, one after the other on each core, until all are done or one breaks a promise.

make simulate                                  10,000 seeds, then a month offline with 50,000 orders
make simulate ARGS="--seeds 100 --first 5000"
make simulate ARGS="--seed 4711"               one seed, told line by line
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.simulator import template
from tests.simulator.many import disks, many, told
from tests.simulator.month import ORDERS, offline_month
from tests.simulator.world import STEPS, simulate

SEEDS = 10_000


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
    parser.add_argument("--orders", type=int, default=ORDERS, help="of the month offline; 0 leaves it out")
    parser.add_argument("--digest", action="store_true", help="with --seed: tell only the digest")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)  # of servers that are sent broken bytes
    if chosen.seed is not None:
        return one(chosen.seed, chosen.steps, is_brief=chosen.digest)
    code = many(range(chosen.first, chosen.first + chosen.seeds), chosen.steps, chosen.jobs)
    return code or (month(chosen.orders) if chosen.orders else 0)


def one(seed: int, steps: int, *, is_brief: bool) -> int:
    """Run one seed and tell what happened."""
    with tempfile.TemporaryDirectory(dir=disks()) as folder:
        result = simulate(seed, template.make(Path(folder) / "template"), Path(folder) / "run", steps)
    if is_brief:
        print(result.digest)
    else:
        print(*result.trace, told(result), sep="\n")
    return int(bool(result.violation))


def month(orders: int) -> int:
    """Let the stores sell for a month without a line, and everything arrive."""
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(dir=disks()) as folder:
        result = offline_month(1, template.make(Path(folder) / "template"), Path(folder) / "run", orders)
    print(told(result), f"A month offline took {time.monotonic() - began_s:.0f} s.", sep="\n")
    return int(bool(result.violation))


if __name__ == "__main__":
    sys.exit(main())
