"""What reading a retailer's file comes to: changes that are whole, and a list of what could not be read, by line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.errors import Invalid

Kind = Literal["add", "modify", "delete", "delete_all"]
Values = dict[str, Any]  # a promotion in the case format, with `name` and `external_id`; plain JSON types

CHANGES_MAX = 20_000  # promotions in one file; the largest chain we saw has 2,400 in a store
PROBLEMS_MAX = 20_000  # a file with more is no file of promotions
TEXT_SHOWN_MAX = 40  # characters of a bad value that a message quotes


class BadPromotionFile(Invalid):
    """The file of promotions cannot be read: {problem}"""

    hint = "Save it once more, whole and in the chosen format, and send it again; nothing was changed."


class Wrong(ValueError):
    """A value that cannot be taken, in words for the buyer who wrote it."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do with one promotion, in the order of the file.

    `add` has the whole promotion in `values`. `modify` has what changes: a key that is missing stays as it is, None
    clears it, also inside `gate`, `limits` and `target`; see `merged`. The others have no values.
    """

    line: int  # where it begins in the file, from 1
    change: Kind
    promotion_id: str = ""  # empty for delete_all
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that was left out, and with it the promotion that it belongs to."""

    line: int
    promotion_id: str  # as far as it could be read
    field: str  # the column, position or element; empty for the line as a whole
    code: str  # for translating and counting
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Staged:
    """What became of a file. `encoding` is how its text was read: cp1252 means that it was no UTF-8."""

    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    encoding: str = "utf-8"


@dataclass(slots=True)
class Staging:
    """Collects changes and problems while a file is read."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    claims: dict[str, tuple[int, Kind]] = field(default_factory=dict)  # the line and the change of each id

    def claim(self, line: int, promotion_id: str, change: Kind) -> int:
        """Return the line that is about this promotion already, or 0. To delete and then add one is no repetition."""
        first, earlier = self.claims.get(promotion_id, (0, change))
        if first and (earlier, change) != ("delete", "add"):
            return first
        self.claims[promotion_id] = (line, change)
        return 0

    def add(self, change: Change) -> None:
        """Raises BadPromotionFile when the file has too many."""
        if len(self.changes) >= CHANGES_MAX:
            raise BadPromotionFile(problem=f"it changes more than {CHANGES_MAX} promotions")
        if change.change == "delete_all":
            self.claims.clear()  # what comes after begins anew
        self.changes.append(change)

    def report(self, line: int, promotion_id: str, name: str, wrong: Wrong) -> None:
        """Raises BadPromotionFile when the file has too many."""
        if len(self.problems) >= PROBLEMS_MAX:
            raise BadPromotionFile(problem=f"more than {PROBLEMS_MAX} of its lines are wrong")
        shown = promotion_id[:TEXT_SHOWN_MAX]
        self.problems.append(Problem(line, shown, name, wrong.code, wrong.message, wrong.hint))

    def done(self, encoding: str) -> Staged:
        return Staged(tuple(self.changes), tuple(sorted(self.problems, key=lambda found: found.line)), encoding)


def merged(before: Mapping[str, Any], change: Mapping[str, Any]) -> Values:
    """Return a promotion after a `modify`.

    Lists and rewards are replaced whole, `gate`, `limits` and selectors key by key. What loses its last key goes too:
    a target that is cleared empty is missing afterwards, not everything. `families.faults` says so; ask it before the
    promotion is published.
    """
    after = dict(before)
    for key, value in change.items():
        old = before.get(key)
        if value is None:
            after.pop(key, None)
        elif isinstance(value, dict) and key != "reward":
            after[key] = merged(old if isinstance(old, dict) else {}, value)
            if value and not after[key]:
                del after[key]
        else:
            after[key] = value
    return after


def quoted(text: str) -> str:
    """Return a value as messages show it."""
    return repr(text if len(text) <= TEXT_SHOWN_MAX else f"{text[:TEXT_SHOWN_MAX]}…")
