"""Baskets and promotions to be timed: the crowded ones of the oracle's generator, and a shop as shops are."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from shared.promotions import pack
from shared.promotions.engine import evaluate
from shared.promotions.evaluation import Evaluation
from shared.promotions.gate import NOWHERE, Context
from shared.promotions.pack import Pack
from tests.shared.promotions.oracle.generator import crowded_case
from tests.shared.promotions.oracle.integer_program import first_layer

PRODUCTS, CATEGORIES, TAGS = 2_000, 60, 80
LINES, UNITS = 60, 150


@dataclass(frozen=True, slots=True)
class Line:
    """A basket's line as the engine takes it."""

    number: int
    sku: str
    quantity: int
    unit_price_minor: int
    category: str | None = None
    tags: tuple[str, ...] = ()
    brand: str | None = None
    floor_price_minor: int = 0
    discountable: bool = True


@dataclass(frozen=True)
class Instance:
    """A basket and the promotions that are open for it."""

    lines: tuple[Line, ...]
    pack: Pack
    around: Context = NOWHERE

    def evaluate(self) -> Evaluation:
        """Evaluate as a till does: products were scanned before, and parts of baskets may have been solved before."""
        return evaluate(self.lines, self.pack, self.around)

    def evaluate_anew(self) -> Evaluation:
        """Evaluate as if no such basket had ever been there."""
        self.pack.memory.clear()
        return evaluate(self.lines, self.pack, self.around)


@dataclass(frozen=True)
class Crowded(Instance):
    """Promotions that all compete, with the integer program that means the same."""

    case: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def program(self) -> tuple[Any, Any]:
        program = first_layer(self.case).program
        return program, program.arrays()

    def solve_with_highs(self) -> None:
        program, arrays = self.program
        program.solve(arrays)


def crowded(lines: int, promotions: int, seed: int) -> Crowded:
    case = crowded_case(Random(seed), lines, promotions)
    basket = [
        Line(number, line["sku"], line["qty"], line["unit_price"], tags=tuple(line["tags"]))
        for number, line in enumerate(case["lines"], start=1)
    ]
    offers = Pack.of([pack.parse(json.dumps(promotion)) for promotion in case["promotions"]])
    return Crowded(tuple(basket), offers, case=case)


def basket(seed: int, lines: int = LINES, units: int = UNITS) -> tuple[Line, ...]:
    """Return a shopper's basket of different products."""
    chance = Random(seed)
    skus = chance.sample(range(PRODUCTS), lines)
    quantities = [1] * lines
    for _ in range(units - lines):
        quantities[chance.randrange(lines)] += 1
    return tuple(
        Line(number, *_product(sku, quantity))
        for number, (sku, quantity) in enumerate(zip(skus, quantities, strict=True), 1)
    )


def _product(sku: int, quantity: int) -> tuple[str, int, int, str, tuple[str, ...]]:
    chance = Random(sku)
    tags = tuple(sorted(f"T{number}" for number in chance.sample(range(TAGS), chance.choice([0, 1, 1, 2]))))
    return f"S{sku}", quantity, chance.randint(50, 3_000), f"C{chance.randrange(CATEGORIES)}", tags


def shop(promotions: int, seed: int = 1, skus: tuple[str, ...] = (), prefix: str = "P") -> Pack:
    """Return what a shop has open at once: half on products, the others on categories and tags.

    skus: all promotions name some of these products; without them, of all there are, or a category or a tag.
    """
    chance = Random(seed)
    offers = [_offer(chance, skus) | {"id": f"{prefix}{number}"} for number in range(promotions)]
    return Pack.of([pack.parse(json.dumps(offer)) for offer in offers])


def _offer(chance: Random, named: tuple[str, ...]) -> dict[str, Any]:
    kind = chance.choice(["easy", "easy", "easy", "line_special", "group", "combo", "requisite_target", "easy_plus"])
    offer: dict[str, Any] = {"family": kind, "layer": 10}
    percent = {"kind": "percent", "value": chance.choice([500, 1000, 1500, 2000, 2500, 3000, 5000])}
    match kind:
        case "easy":
            return offer | {"target": _select(chance, named), "reward": percent}
        case "line_special":
            free = {"kind": "percent", "value": chance.choice([5_000, 10_000])}
            return offer | {"target": _select(chance, named), "n": chance.choice([2, 3]), "reward": free}
        case "group":
            size = chance.choice([2, 3, 3, 4])
            price = {"kind": "set_price", "value": size * chance.randint(150, 1_500)}
            return offer | {"target": _select(chance, named), "n": size, "reward": price}
        case "combo":
            slots = [{"select": _select(chance, named), "qty": 1} for _ in range(chance.choice([2, 3]))]
            return offer | {"slots": slots, "reward": {"kind": "percent", "value": chance.choice([1_000, 2_000])}}
        case "requisite_target":
            requisites, targets = [{"select": _select(chance, named)}], [{"select": _select(chance, named)}]
            return offer | {"requisites": requisites, "targets": targets, "reward": percent}
        case _:
            tiers = [{"min_qty": size, "reward": {"kind": "percent", "value": size * 400}} for size in (3, 6)]
            return offer | {"target": _select(chance, named), "tiers": tiers}


def _select(chance: Random, named: tuple[str, ...]) -> dict[str, Any]:
    kind = chance.choice(["skus", "skus", "categories", "tags"])
    if named:
        return {"skus": sorted(chance.sample(named, min(len(named), chance.randint(2, 6))))}
    if kind == "skus":
        return {"skus": sorted(f"S{number}" for number in chance.sample(range(PRODUCTS), chance.randint(3, 20)))}
    if kind == "categories":
        return {"categories": [f"C{chance.randrange(CATEGORIES)}"]}
    return {"tags": [f"T{chance.randrange(TAGS)}"]}
