"""From a scan to the priced basket, over HTTP, ten lines to a basket: our daemon beside a bare server."""

from collections.abc import Callable
from itertools import islice

from tests.benchmarks import catalogue
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import by_turns, p50, p95
from tests.benchmarks.till import Till

GOAL = 2.5  # times the floor's p50
BASKETS = 6  # in a turn, ten scans each


def measure(rounds: int, edge: Till, floor: Till, unsafe_floor: Till) -> list[Row]:
    """Fill baskets and give them up again.

    floor: each scan is on disk before it is answered, as ours is. unsafe_floor: it is not.
    """
    totals: dict[int, list[int]] = {}
    found = by_turns(
        rounds,
        {
            "edge": _filling(edge, totals),
            "floor": _filling(floor, totals),
            "unsafe": _filling(unsafe_floor, totals),
        },
    )
    ours_ms = [p50(samples) for samples in found["edge"]]
    safe, unsafe = "bare aiohttp + SQLite, durable", "bare aiohttp + SQLite, not durable"
    return [
        Row("scan → priced basket, p50", "ms", ours_ms, safe, [p50(samples) for samples in found["floor"]], GOAL),
        Row(
            "scan → priced basket, p95",
            "ms",
            [p95(samples) for samples in found["edge"]],
            safe,
            [p95(samples) for samples in found["floor"]],
        ),
        Row("scan → priced basket, p50", "ms", ours_ms, unsafe, [p50(samples) for samples in found["unsafe"]]),
    ]


def _filling(till: Till, totals: dict[int, list[int]]) -> Callable[[int], list[float]]:
    """Return what one server does in a turn; its totals must be those of the servers before it."""

    def fill(number: int) -> list[float]:
        times_ms, found = [], []
        for codes in islice(catalogue.baskets(seed=number), BASKETS):
            basket, of_basket_ms = till.fill(codes)
            till.abandon(basket["id"])
            times_ms += of_basket_ms
            found.append(basket["total_minor"])
        assert totals.setdefault(number, found) == found, "the servers disagree about what the baskets cost"
        return times_ms

    return fill
