"""The greatest discount on a basket, exactly.

Every unit is consumed by at most one promotion. The families of today look at one product at a time, so each line is
a problem of its own: which promotions to use how often on n equal units. That is an unbounded knapsack over counts,
solved by dynamic programming. Discounts are compared unrounded; each (promotion, line) is rounded half up once.
"""

from collections.abc import Sequence
from typing import Protocol

from shared.money import divide_half_up
from shared.promotions.evaluation import Application, Evaluation
from shared.promotions.families.offer import Deal
from shared.promotions.pack import Pack
from shared.promotions.reward import WHOLE


class Line(Protocol):
    """What the engine needs to know of a basket's line; line numbers and skus are distinct in a basket."""

    @property
    def number(self) -> int: ...
    @property
    def sku(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def unit_price_minor(self) -> int: ...
    @property
    def category(self) -> str | None: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def discountable(self) -> bool: ...


def evaluate(lines: Sequence[Line], pack: Pack) -> Evaluation:
    """Return the greatest discount that the pack's promotions allow on these lines.

    Neither the order of lines nor that of promotions changes the result; ties go to fewer uses, then the lower id.
    """
    applications = [
        application
        for line in sorted(lines, key=lambda line: line.number)
        if line.discountable
        for application in _apply(line, pack)
    ]
    return Evaluation(pack_version=pack.version, applications=tuple(applications))


def _apply(line: Line, pack: Pack) -> list[Application]:
    offered = pack.deals(line.sku, line.category, line.tags, line.unit_price_minor)
    deals = [deal for deal in offered if deal.units <= line.quantity]
    if not deals:
        return []
    applications = []
    for deal, times in zip(deals, _best_counts(line.quantity, deals), strict=True):
        discount_minor = divide_half_up(times * deal.value, WHOLE)
        if discount_minor > 0:
            applications.append(
                Application(
                    promotion_id=deal.promotion_id,
                    name=deal.name,
                    line_number=line.number,
                    times=times,
                    units=times * deal.units,
                    discount_minor=discount_minor,
                )
            )
    return applications


def _best_counts(quantity: int, deals: list[Deal]) -> list[int]:
    """Return how often to use each deal on `quantity` equal units so that their value is greatest.

    deals: n > 0 with distinct numbers of units. Returns n counts with sum(count * units) <= quantity.
    """
    if len(deals) == 1:
        return [quantity // deals[0].units]
    # best[q]: (greatest value on q units, minus the uses it takes, the deal used last or -1 for a unit left alone)
    best: list[tuple[int, int, int]] = [(0, 0, -1)]
    for units in range(1, quantity + 1):
        choice = (best[units - 1][0], best[units - 1][1], -1)
        for index, deal in enumerate(deals):
            if deal.units <= units:
                value, uses, _ = best[units - deal.units]
                if (value + deal.value, uses - 1) > choice[:2]:
                    choice = (value + deal.value, uses - 1, index)
        best.append(choice)
    counts = [0] * len(deals)
    units = quantity
    while units:
        index = best[units][2]
        if index < 0:
            units -= 1
        else:
            counts[index] += 1
            units -= deals[index].units
    return counts
