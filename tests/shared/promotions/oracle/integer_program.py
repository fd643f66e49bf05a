"""An exact reference for the promotion engine: each layer is one integer program, solved by HiGHS.

Slow, simple, and independent of the engine: it reads the case format and shares no code with it. The optimum of a
layer is exact; where two optima tie, the solver takes either, and the next layer may see another basket.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from tests.shared.promotions.oracle.basket import SCALE, Basket, Json, Units, basket_of, natural
from tests.shared.promotions.oracle.deals import Deal, drafted
from tests.shared.promotions.oracle.gates import is_open
from tests.shared.promotions.oracle.program import Program, valued
from tests.shared.promotions.oracle.settlement import settled

BOUND_ERROR_MAX = 0.4 / SCALE  # two different exact discounts lie at least 1 / SCALE apart


@dataclass(frozen=True, slots=True)
class Optimum:
    discount: int  # minor units
    total: int  # what is left to pay, minor units
    layers: tuple[int, ...]  # the exact greatest discount of each layer that the case names, times SCALE, ascending
    applications: dict[str, int]  # by promotion, if any
    discounts: dict[str, int]  # by promotion that applied, minor units
    lines: dict[str, int]  # discount by line, minor units


@dataclass(frozen=True, slots=True)
class Layer:
    """The promotions of one layer that something in the basket can satisfy, as one integer program."""

    basket: Basket
    deals: list[Deal]
    program: Program

    def exact(self, counts: list[int]) -> int:
        return sum(deal.exact(counts) for deal in self.deals)


def optimum(case: Json) -> Optimum:
    """Return the greatest discount of a case: each basket-exclusive promotion alone against all the others together."""
    basket = basket_of(case)
    promotions = [promotion for promotion in case["promotions"] if is_open(promotion, case.get("context", {}))]
    promotions.sort(key=lambda promotion: natural(promotion["id"]))
    numbers = sorted({promotion.get("layer", 1) for promotion in case["promotions"]})
    together = [promotion for promotion in promotions if promotion.get("exclusive") != "basket"]
    alone = [[promotion] for promotion in promotions if promotion.get("exclusive") == "basket"]
    return max((_evaluated(basket, some, numbers) for some in [together, *alone]), key=lambda best: best.discount)


def drafted_layer(basket: Basket, promotions: list[Json]) -> Layer:
    """Build the integer program of one layer; the promotions' gates are open."""
    program = Program()
    deals = [deal for promotion in promotions if (deal := drafted(program, promotion, basket))]
    takers: dict[Units, dict[int, int]] = defaultdict(dict)
    for deal in deals:
        for take in deal.takes:
            takers[take.units][take.column] = take.times
    for units, taken in takers.items():
        if len(taken) > 1:
            program.row(taken, high=basket.counts[units])
    return Layer(basket, deals, program)


def first_layer(case: Json) -> Layer:
    """Return the program of the case's lowest layer, without basket-exclusive promotions: what a benchmark solves."""
    first = min(promotion.get("layer", 1) for promotion in case["promotions"])
    return drafted_layer(
        basket_of(case),
        [
            promotion
            for promotion in case["promotions"]
            if promotion.get("layer", 1) == first
            and promotion.get("exclusive") != "basket"
            and is_open(promotion, case.get("context", {}))
        ],
    )


def solve_layer(layer: Layer) -> list[int]:
    """Return the count of each column in the best solution, proven and checked in whole numbers."""
    if not layer.deals:
        return []
    counts, bound = layer.program.solve(layer.program.arrays())
    layer.program.check(counts)
    assert bound - layer.exact(counts) / SCALE < BOUND_ERROR_MAX, "HiGHS did not prove its answer"
    return counts


def _evaluated(basket: Basket, promotions: list[Json], numbers: list[int]) -> Optimum:
    start, exact = basket, []
    applications: Counter[str] = Counter()
    discounts = {}
    for number in numbers:
        layer = drafted_layer(basket, [one for one in promotions if one.get("layer", 1) == number])
        counts = solve_layer(layer)
        exact.append(layer.exact(counts))
        applications.update({deal.promotion["id"]: valued(deal.applications, counts) for deal in layer.deals})
        basket, layer_discounts = settled(basket, layer.deals, counts)
        discounts.update({name: minor for name, minor in layer_discounts.items() if minor})
    lines = {line.id: _net(start, at) - _net(basket, at) for at, line in enumerate(basket.lines)}
    discount = start.total - basket.total
    assert discount == sum(discounts.values())
    return Optimum(discount, basket.total, tuple(exact), dict(+applications), discounts, lines)


def _net(basket: Basket, at: int) -> int:
    return sum(units.net * count for units, count in basket.counts.items() if units.line == at)
