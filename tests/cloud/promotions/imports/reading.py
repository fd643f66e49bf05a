"""What the tests of all readers ask of a file that was read."""

import json
from typing import Any

from pydantic import TypeAdapter

from cloud.promotions.imports.staged import Staged, Values
from shared.promotions.families import Promotion

PROMOTION: TypeAdapter[Any] = TypeAdapter(Promotion)


def added(staged: Staged) -> list[Values]:
    """Return the promotions of a file without problems; the engine's own models must take each."""
    assert staged.problems == ()
    assert {change.change for change in staged.changes} <= {"add"}
    for change in staged.changes:
        PROMOTION.validate_json(json.dumps(change.values))
    return [change.values for change in staged.changes]


def steps(staged: Staged) -> list[tuple[str, str]]:
    return [(change.change, change.promotion_id) for change in staged.changes]


def codes(staged: Staged) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in staged.problems]
