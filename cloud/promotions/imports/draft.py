"""A promotion while its lines are read. It keeps everything that is wrong, so that a buyer sees it all at once."""

from dataclasses import dataclass, field
from typing import Any, cast

from cloud.promotions.imports import fields, values
from cloud.promotions.imports.families import SLOTS_MAX, TIERS_MAX, faults
from cloud.promotions.imports.staged import Change, Kind, Staging, Values, Wrong, quoted
from cloud.promotions.imports.values import Notation

ALWAYS_THERE = {"name", "family", "reward"}  # a modify may change these, not clear them
WRONG_MAX = 100  # of one promotion; who has more has one reason for all
LIST_MAX = {"slots": SLOTS_MAX, "requisites": SLOTS_MAX, "targets": SLOTS_MAX, "tiers": TIERS_MAX}


@dataclass(slots=True)
class Draft:
    """What is known of one promotion so far. A draft with anything wrong becomes no change."""

    line: int
    change: Kind
    promotion_id: str
    notation: Notation
    values: Values = field(default_factory=dict)
    wrong: list[tuple[int, str, Wrong]] = field(default_factory=list)

    def complain(self, name: str, wrong: Wrong, line: int | None = None) -> None:
        if len(self.wrong) < WRONG_MAX:
            self.wrong.append((line or self.line, name, wrong))

    def take(self, name: str, text: str, label: str = "") -> None:
        """Read a written field. label: what the file calls it."""
        try:
            if (name, text) == ("skus", fields.EVERYTHING):
                self.put(("target",), {**self.everything(), **self.values.get("target", {})})
            else:
                self.put(fields.FIELDS[name].path, fields.FIELDS[name].read(text, self.notation))
        except Wrong as wrong:
            self.complain(label or name, wrong)

    def everything(self) -> Values:
        """Return the selector without conditions. Raises Wrong in a `modify`, which can only narrow key by key."""
        if self.change == "modify":
            message = "a change cannot widen a promotion to every product"
            raise Wrong("widens", message, "Delete the promotion and add it anew.")
        return {}

    def select(self, name: str, selector: Values) -> None:
        """Put a whole selector; in a `modify` it clears the conditions that it does not have."""
        cleared = dict.fromkeys(fields.SELECTOR) if self.change == "modify" else {}
        self.put((name,), {**cleared, **selector})

    def clear(self, name: str, label: str = "") -> None:
        """Make a `modify` clear a field; a new promotion simply goes without it."""
        if name in ALWAYS_THERE:
            self.complain(label or name, Wrong("not-clearable", f"{name} cannot be cleared", "Give another one."))
        elif self.change == "modify":
            self.put(fields.FIELDS[name].path if name in fields.FIELDS else (name,), None)

    def reward(self, kind: str | None, value: str | None, label: str = "") -> None:
        """Read a reward if there is one; it is always given whole."""
        if kind is None and value is None:
            return
        try:
            self.put(("reward",), reward_of(kind, value, self.notation))
        except Wrong as wrong:
            self.complain(label or "value", wrong)

    def put(self, path: tuple[str, ...], value: object) -> None:
        *outer, last = path
        place = self.values
        for key in outer:
            if place.get(key) is None:  # not there, or cleared before
                place[key] = {}
            place = place[key]
        place[last] = value

    def append(self, name: str, part: Values) -> None:
        """Add a slot, a requisite, a target or a tier."""
        if self.values.get(name) is None:
            self.values[name] = []
        self.values[name].append(part)

    def finish(self, staging: Staging) -> None:
        """Add the change to what is staged, or report why it is none."""
        for name, limit in LIST_MAX.items():
            if len(self.values.get(name) or []) > limit:
                self.complain(name, Wrong("too-many", f"more than {limit} {name}", "Make several promotions of it."))
        if not self.wrong and self.change in {"add", "modify"}:
            if self.values.get("family") == "basket_threshold" and self.change == "add":
                self.values = {"qualify": {}, "target": {}, **self.values}  # the whole basket, said outright
            for name, wrong in faults(self.values, is_whole=self.change == "add"):
                self.complain(name, wrong)
        for line, name, wrong in self.wrong:
            staging.report(line, self.promotion_id, name, wrong)
        if not self.wrong:
            known = {"add": {"id": self.promotion_id, **self.values}, "modify": self.values}
            staging.add(Change(self.line, self.change, self.promotion_id, known.get(self.change, {})))


def begin(line: int, change: str, promotion_id: str, notation: Notation, staging: Staging) -> Draft | None:
    """Return the draft of a promotion that stands whole in one place of the file.

    There is none for `delete_all`, which is staged here, and for a line that is reported instead.
    """
    try:
        kind = cast("Kind", fields.CHANGE(change, notation))
        if kind == "delete_all":
            staging.add(Change(line, kind))
            return None
        fields.PROMOTION_ID(promotion_id, notation)
    except Wrong as wrong:
        staging.report(line, promotion_id, "", wrong)
        return None
    if first := staging.claim(line, promotion_id, kind):
        text = f"{quoted(promotion_id)} already stands in line {first}; only that one is read"
        staging.report(line, promotion_id, "id", Wrong("duplicate", text, "Keep one for each promotion."))
        return None
    return Draft(line, kind, promotion_id, notation)


def reward_of(kind: str | None, value: str | None, notation: Notation) -> dict[str, Any]:
    """Read a reward from its two texts. Raises Wrong, also when only one of them is there."""
    if kind is None or value is None:
        raise Wrong("half-reward", "kind and value of a reward go together", "Give both, or neither.")
    word = fields.REWARD(kind, notation)
    read = values.percent if word == "percent" else values.amount
    return {"kind": word, "value": read(value, notation)}
