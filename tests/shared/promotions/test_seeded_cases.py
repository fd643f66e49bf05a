"""Baskets whose optimum somebody else proved come to that optimum here."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.promotions import cases, engine
from shared.promotions.gate import Context
from shared.promotions.pack import Pack, parse
from tests.builders import basket_line

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "promotions"

Case = Mapping[str, Any]


@pytest.fixture(scope="module", params=["seeded_small", "seeded_large"])
def seeded(request: pytest.FixtureRequest) -> list[Case]:
    path = FOLDER / f"{request.param}.json"
    if not path.exists():
        pytest.skip(f"the cases {path.name} are not beside the checkout")
    return cases.read(path.read_bytes())


def test_each_comes_to_what_was_proven(seeded: list[Case]) -> None:
    answers = {case["id"]: cases.evaluate(case) for case in seeded}

    assert {name: (answer["discount"], answer["total"]) for name, answer in answers.items()} == {
        case["id"]: (case["expected"]["discount"], case["expected"]["total"]) for case in seeded
    }
    assert all(answer["proven"] for answer in answers.values())


def test_each_comes_to_the_same_as_a_basket(seeded: list[Case]) -> None:
    wrong = {}
    for case in seeded:
        lines = [
            basket_line(row["qty"], row["unit_price"], number=number, sku=row["sku"], tags=tuple(row["tags"]))
            for number, row in enumerate(case["lines"], 1)
        ]
        pack = Pack.of(parse(json.dumps(promotion)) for promotion in case["promotions"])

        evaluation = engine.evaluate(lines, pack, Context(coupons=frozenset(case["context"]["coupons"])))

        total = sum(line.gross_minor for line in lines) - evaluation.discount_minor
        if (evaluation.discount_minor, total) != (case["expected"]["discount"], case["expected"]["total"]):
            wrong[case["id"]] = evaluation.discount_minor
        assert evaluation.proven
        assert sum(evaluation.line_discount_minor(line.number) for line in lines) == evaluation.discount_minor

    assert wrong == {}
