"""Worked examples as data: a basket, its promotions and what they should come to. Amounts are in minor units.

The form is open to anybody's examples. Keys of a case that mean nothing here are carried along unread; unknown ones
inside a line or a promotion are refused by name.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from shared.errors import Invalid
from shared.model.strict import Code, MinorFromZero, Strict, Tolerant
from shared.promotions import engine, pack
from shared.promotions.evaluation import Evaluation
from shared.promotions.gate import Context
from shared.promotions.pack import Pack, natural


class BadCase(Invalid):
    """Case {case} cannot be read: {problem}"""

    hint = "Correct it and evaluate it again."


class CaseContext(Strict):
    """What is known around the basket."""

    coupons: tuple[str, ...] = ()
    member_tags: tuple[str, ...] = ()
    now: str | None = None
    uses: dict[str, int] = Field(default_factory=dict)
    uses_total: dict[str, int] = Field(default_factory=dict)
    store: str | None = None
    channel: str | None = None


class CaseLine(Strict):
    """One line of a case."""

    id: str
    sku: str
    unit_price: MinorFromZero
    qty: int = Field(ge=0, le=10**9)
    tags: tuple[str, ...] = ()
    category: Code | None = None
    brand: str | None = None
    discountable: bool = True
    floor_price: MinorFromZero = 0


class Case(Tolerant):
    """One basket with its promotions."""

    id: str
    currency: str = "EUR"
    exponent: int = Field(default=2, ge=0, le=4)
    context: CaseContext = CaseContext()
    lines: tuple[CaseLine, ...] = ()
    promotions: tuple[dict[str, Any], ...] = ()  # read one by one, so that each is refused by its own name


CASE: TypeAdapter[Case] = TypeAdapter(Case)


@dataclass(frozen=True, slots=True)
class _Line:
    """A case's line as the engine takes it."""

    number: int
    sku: str
    quantity: int
    unit_price_minor: int
    floor_price_minor: int
    category: str | None
    brand: str | None
    tags: tuple[str, ...]
    discountable: bool


def read(text: str | bytes) -> list[Mapping[str, Any]]:
    """Return the cases of a file that holds one case or {"cases": […]}. Raises BadCase."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadCase(case="?", problem=f"it is not JSON ({error})") from error
    cases = found.get("cases", [found]) if isinstance(found, dict) else found
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise BadCase(case="?", problem="a file holds one case, or a list of them under “cases”")
    return cases


def evaluate(case: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluate one case. Raises BadCase, BadPromotion.

    Returns its id, discount, total, discounts by line, whether they are proven, the route and the applications.
    """
    try:
        known = CASE.validate_json(json.dumps(case))
        around = _context(known.context)
    except (ValidationError, ValueError) as error:
        raise BadCase(case=case.get("id", "?"), problem=_problem(error)) from error
    promotions = [pack.parse(json.dumps(promotion)) for promotion in known.promotions]
    _demand_once(known.id, "promotion", sorted(promotion.id for promotion in promotions))
    ids = sorted((line.id for line in known.lines), key=lambda name: (natural(name), name))
    _demand_once(known.id, "line", ids)
    lines = [
        _Line(
            number=number,
            sku=line.sku,
            quantity=line.qty,
            unit_price_minor=line.unit_price,
            floor_price_minor=line.floor_price,
            category=line.category,
            brand=line.brand,
            tags=line.tags,
            discountable=line.discountable,
        )
        for number, line in enumerate(sorted(known.lines, key=lambda line: (natural(line.id), line.id)), start=1)
    ]
    evaluation = engine.evaluate(lines, Pack.of(promotions), around)
    return _answer(known.id, lines, ids, evaluation)


def _demand_once(case_id: str, what: str, ids: list[str]) -> None:
    """Raises BadCase when one of the ids, which are in order, is there twice."""
    for name, following in pairwise(ids):
        if name == following:
            raise BadCase(case=case_id, problem=f"{what} {name} is there twice")


def _context(told: CaseContext) -> Context:
    return Context(
        now=datetime.fromisoformat(told.now).replace(tzinfo=None) if told.now else None,
        coupons=frozenset(told.coupons),
        member_tags=frozenset(told.member_tags),
        store=told.store,
        channel=told.channel,
        uses=told.uses,
        uses_total=told.uses_total,
    )


def _problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return str(error)


def _answer(case_id: str, lines: list[_Line], ids: list[str], evaluation: Evaluation) -> dict[str, Any]:
    names = dict(enumerate(ids, start=1))
    told = evaluation.model_dump(mode="json", include={"applications", "refusals"})
    for use in told["applications"]:
        for part in use["parts"]:
            part["line"] = names[part.pop("line_number")]
    for refusal in told["refusals"]:
        refusal["lines"] = [names[number] for number in refusal.pop("line_numbers")]
    return {
        "id": case_id,
        "discount": evaluation.discount_minor,
        "total": sum(line.quantity * line.unit_price_minor for line in lines) - evaluation.discount_minor,
        "lines": {names[line.number]: evaluation.line_discount_minor(line.number) for line in lines},
        "proven": evaluation.proven,
        "gap": evaluation.gap / 10_000,
        "route": evaluation.route,
        **told,
    }
