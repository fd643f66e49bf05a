"""The greatest discount in time: beside an integer program solver on the same baskets, and beside limits."""

import gc
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

from shared.promotions import pack
from shared.promotions.hints import hints
from shared.promotions.pack import Pack
from tests.benchmarks.promotions_baskets import Crowded, Instance, basket, crowded, shop
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import by_turns, p50, p95

HIGHS = "HiGHS, the same basket"
FIFTH = 0.2  # of the peer's time
BASKETS = 10  # different ones of a kind; a turn is one of them, or all of them for what is quick
GAP_MAX_PERCENT = 1.0


def measure(rounds: int) -> list[Row]:
    gc.freeze()  # as the daemon does when it is up
    return [
        *_beside_highs(rounds, 12, 50, limit_ms=0.6),
        *_beside_highs(rounds, 30, 200, limit_ms=None),
        *_guarded(rounds),
        *_shop(rounds),
        *_pack_size(rounds),
        *_pieces(rounds),
        *_one_more_scan(rounds),
        *_hints(rounds),
    ]


def _timed(work: Callable[[Any], object], instance: Instance) -> float:
    begun = time.perf_counter()
    work(instance)
    return (time.perf_counter() - begun) * 1e3


def _beside_highs(rounds: int, lines: int, promotions: int, limit_ms: float | None) -> list[Row]:
    instances = [crowded(lines, promotions, seed) for seed in range(BASKETS)]
    for instance in instances:
        assert instance.program
        instance.evaluate_anew()

    def turn(solve: Callable[[Crowded], object]) -> Callable[[int], list[float]]:
        """Let two of the baskets be solved, others in each turn."""
        return lambda number: [_timed(solve, instances[at]) for at in (number % BASKETS, -1 - number % BASKETS)]

    found = by_turns(
        rounds,
        {
            "ours": turn(Instance.evaluate_anew),
            "ours, known": turn(Instance.evaluate),
            "HiGHS": turn(Crowded.solve_with_highs),
        },
    )
    name = f"promotions: {lines} lines × {promotions} competing"
    ours, known, peer = ([p50(samples) for samples in found[key]] for key in ("ours", "ours, known", "HiGHS"))
    evaluations = [instance.evaluate() for instance in instances]
    unproven = 100 * sum(not evaluation.proven for evaluation in evaluations) / BASKETS
    rows = [
        Row(f"{name}, p50", "ms", ours, HIGHS, peer, FIFTH),
        Row(f"{name}, solved before, p50", "ms", known, HIGHS, peer, FIFTH),
        Row(f"{name}, not proven", "%", [unproven] * rounds, "all baskets", [100.0] * rounds),
    ]
    if limit_ms is not None:
        rows.append(Row(f"{name}, p50", "ms", ours, "limit", [limit_ms] * rounds, 1.0))
    return rows


def _guarded(rounds: int) -> list[Row]:
    """Time what is too large to be proven always, and tell how far from proven it may be."""
    instances = [crowded(100, 1_000, seed) for seed in range(5)]
    found = by_turns(rounds, {"ours": lambda number: [_timed(Instance.evaluate_anew, instances[number % 5])]})
    gaps = []
    for instance in instances:
        evaluation = instance.evaluate_anew()
        gaps.append(100 * evaluation.gap / max(evaluation.discount_minor * 10_000, 1))
    name = "promotions: 100 lines × 1,000 competing"
    return [
        Row(f"{name}, p50", "ms", [p50(samples) for samples in found["ours"]], "limit", [50.0] * rounds, 1.0),
        Row(f"{name}, greatest gap", "%", [max(gaps)] * rounds, "limit", [GAP_MAX_PERCENT] * rounds, 1.0),
    ]


def _shop(rounds: int) -> list[Row]:
    offers = shop(500)
    instances = [Instance(basket(seed), offers) for seed in range(BASKETS * 2)]
    for instance in instances:
        instance.evaluate()
    found = by_turns(
        rounds, {"ours": lambda number: [_timed(Instance.evaluate_anew, instance) for instance in instances]}
    )
    name = "promotions: 60 lines, 150 units, 500 open"
    times = [p95(samples) for samples in found["ours"]]
    return [Row(f"{name}, p95", "ms", times, "limit", [10.0] * rounds, 1.0)]


def _pack_size(rounds: int) -> list[Row]:
    """Evaluate the same baskets with ten promotions that know them, alone and among ten thousand others."""
    lines = basket(1)
    few = shop(10, seed=3, skus=tuple(line.sku for line in lines))
    others = shop(9_990, seed=4, skus=tuple(f"X{number}" for number in range(5_000)), prefix="X")
    small, large = Instance(lines, few), Instance(lines, Pack.of([*few.promotions, *others.promotions]))
    assert small.evaluate().discount_minor == large.evaluate().discount_minor
    return [_ratio(rounds, "promotions: 10,000 in the pack", large, "10 in the pack", small, goal=1.5)]


def _pieces(rounds: int) -> list[Row]:
    """Evaluate one line of many pieces with several promotions that compete for them."""
    few = basket(5, lines=1, units=6)
    select = {"skus": [few[0].sku]}
    percent = {"kind": "percent", "value": 1_000}
    price = {"kind": "set_price", "value": few[0].unit_price_minor * 2}
    offers = [
        {"id": "P1", "family": "easy", "target": select, "reward": percent},
        {"id": "P2", "family": "line_special", "target": select, "n": 4, "reward": percent | {"value": 9_000}},
        {"id": "P3", "family": "group", "target": select, "n": 5, "reward": price | {"value": price["value"] * 2}},
        {
            "id": "P4",
            "family": "easy_plus",
            "target": select,
            "tiers": [{"min_qty": 6, "reward": percent | {"value": 1_500}}],
        },
    ]
    offered = Pack.of([pack.parse(json.dumps(offer)) for offer in offers])
    many = tuple(replace(line, quantity=6_000) for line in few)
    small, large = Instance(few, offered), Instance(many, offered)
    assert large.evaluate().proven
    return [_ratio(rounds, "promotions: one line of 6,000 pieces", large, "of 6 pieces", small, goal=1.5)]


def _one_more_scan(rounds: int) -> list[Row]:
    """Evaluate after each of the last scans of a basket, knowing the one before, and without."""
    offers = shop(500)
    baskets = [basket(seed) for seed in range(BASKETS)]

    def scan(instances: Sequence[Instance], *, anew: bool) -> list[float]:
        times_ms = []
        for before, after in pairwise(instances):
            before.evaluate_anew()
            times_ms.append(_timed(Instance.evaluate_anew if anew else Instance.evaluate, after))
        return times_ms

    def growing(number: int) -> list[Instance]:
        lines = baskets[number % BASKETS]
        return [Instance(lines[:size], offers) for size in range(len(lines) - 8, len(lines))]

    found = by_turns(
        rounds,
        {
            "anew": lambda number: scan(growing(number), anew=True),
            "after": lambda number: scan(growing(number), anew=False),
        },
    )
    after, anew = ([median(samples) for samples in found[key]] for key in ("after", "anew"))
    return [Row("promotions: after one more scan, p50", "ms", after, "from scratch", anew, 1.0)]


def _hints(rounds: int) -> list[Row]:
    """Find the hints of a usual basket after a scan, beside its pricing."""
    offers = shop(500)
    instances = [Instance(basket(seed, lines=12, units=30), offers) for seed in range(BASKETS)]
    evaluations = [instance.evaluate() for instance in instances]

    def hinted(number: int) -> list[float]:
        instance, evaluation = instances[number % BASKETS], evaluations[number % BASKETS]
        return [_timed(lambda one: hints(one.lines, evaluation, one.pack, one.around), instance)]

    found = by_turns(
        rounds,
        {"hints": hinted, "pricing": lambda number: [_timed(Instance.evaluate_anew, instances[number % BASKETS])]},
    )
    ours, pricing = ([p50(samples) for samples in found[key]] for key in ("hints", "pricing"))
    return [Row("promotions: hints of 12 lines, p50", "ms", ours, "their pricing", pricing, 4.0)]


def _ratio(rounds: int, name: str, ours: Instance, beside_name: str, beside: Instance, goal: float) -> Row:
    found = by_turns(
        rounds,
        {
            "ours": lambda _: [_timed(Instance.evaluate_anew, ours) for _ in range(10)],
            "beside": lambda _: [_timed(Instance.evaluate_anew, beside) for _ in range(10)],
        },
    )
    mine, others = ([p50(samples) for samples in found[key]] for key in ("ours", "beside"))
    return Row(f"{name}, p50", "ms", mine, beside_name, others, goal)
