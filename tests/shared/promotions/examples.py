"""Baskets, promotions and what they come to, in few words."""

import json
from datetime import datetime
from typing import Any

from shared.model.basket import BasketLine
from shared.promotions.engine import evaluate
from shared.promotions.evaluation import Evaluation, Refusal
from shared.promotions.families import Promotion
from shared.promotions.gate import NOWHERE, Context
from shared.promotions.pack import Pack, parse
from tests.builders import basket_line

Json = dict[str, Any]
FREE = {"kind": "percent", "value": 10_000}


def line(sku: str, unit_price_minor: int, quantity: int = 1, **changes: Any) -> BasketLine:
    return basket_line(quantity, unit_price_minor, sku=sku, name=sku, **changes)


def basket(*lines: BasketLine) -> list[BasketLine]:
    """Number lines as they were scanned."""
    return [line.model_copy(update={"number": number}) for number, line in enumerate(lines, 1)]


def offer(promotion_id: str, family: str, **fields: Any) -> Promotion:
    """Read a promotion as head office sends it."""
    return parse(json.dumps({"id": promotion_id, "family": family, **fields}))


def percent(basis_points: int) -> Json:
    return {"kind": "percent", "value": basis_points}


def amount(minor: int) -> Json:
    return {"kind": "amount", "value": minor}


def unit_price(minor: int) -> Json:
    return {"kind": "unit_price", "value": minor}


def set_amount(minor: int) -> Json:
    return {"kind": "set_amount", "value": minor}


def set_price(minor: int) -> Json:
    return {"kind": "set_price", "value": minor}


def skus(*names: str, **more: Any) -> Json:
    return {"skus": list(names), **more}


def tags(*names: str, **more: Any) -> Json:
    return {"tags": list(names), **more}


def priced(lines: list[BasketLine], *offers: Promotion, around: Context = NOWHERE) -> Evaluation:
    """Price lines, numbered as they were scanned."""
    return evaluate(basket(*lines), Pack.of(offers), around)


def uses(evaluation: Evaluation) -> list[tuple[str, int, int]]:
    """Return (promotion, times, discount) of all that applied."""
    return [(use.promotion_id, use.times, use.discount_minor) for use in evaluation.applications]


def parts(evaluation: Evaluation) -> list[tuple[int, str, int, int]]:
    """Return (line, role, units, discount) of everything that was consumed."""
    return [
        (part.line_number, part.role, part.units, part.discount_minor)
        for use in evaluation.applications
        for part in use.parts
    ]


def by_line(evaluation: Evaluation, lines: int) -> list[int]:
    """Return the discount of each of so many lines."""
    return [evaluation.line_discount_minor(number) for number in range(1, lines + 1)]


def refused(evaluation: Evaluation) -> dict[str, Refusal]:
    return {refusal.promotion_id: refusal for refusal in evaluation.refusals}


def reasons(evaluation: Evaluation) -> dict[str, str]:
    return {refusal.promotion_id: refusal.reason for refusal in evaluation.refusals}


def of_case(case: Json) -> tuple[list[BasketLine], list[Promotion], Context]:
    """Return what a random case says, as the engine takes it."""
    lines = [
        line(
            row["sku"],
            row["unit_price"],
            row["qty"],
            tags=tuple(row["tags"]),
            discountable=row.get("discountable", True),
            floor_price_minor=row.get("floor_price", 0),
        )
        for row in case["lines"]
    ]
    known = case["context"]
    around = Context(
        now=datetime.fromisoformat(known["now"]),
        coupons=frozenset(known["coupons"]),
        member_tags=frozenset(known["member_tags"]),
        uses=known["uses"],
        uses_total=known["uses_total"],
    )
    return basket(*lines), [parse(json.dumps(promotion)) for promotion in case["promotions"]], around
