"""Measuring by turns, so that whatever else the machine does meets everybody."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median, quantiles

Rounds = list[list[float]]  # for each round the samples of one contender


TURNS = 5  # of each contender in a round: a neighbour's burst of work lasts longer than a turn


def by_turns(count: int, contenders: Mapping[str, Callable[[int], list[float]]]) -> dict[str, Rounds]:
    """Let all contenders take short turns, every second time in reverse order.

    contenders: given the turn's number, measure and return samples. One round before the first is thrown away.
    """
    found: dict[str, Rounds] = {name: [] for name in contenders}
    for number in range(count + 1):
        samples: dict[str, list[float]] = {name: [] for name in contenders}
        for turn in range(number * TURNS, (number + 1) * TURNS):
            for name in sorted(contenders, reverse=bool(turn % 2)):
                samples[name] += contenders[name](turn)
        if number:
            for name, of_round in samples.items():
                found[name].append(of_round)
    return found


def p50(samples: Sequence[float]) -> float:
    return median(samples)


def p95(samples: Sequence[float]) -> float:
    return quantiles(samples, n=20)[-1]


def p99(samples: Sequence[float]) -> float:
    return quantiles(samples, n=100)[-1]
