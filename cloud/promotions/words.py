"""What is wrong with a promotion, in words for the buyer who wrote it."""

import json
from typing import Annotated, Any, NamedTuple

from pydantic import ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from shared.promotions.families import Promotion
from shared.promotions.families.offer import Offered
from shared.promotions.pack import ONE

PROBLEMS_MAX = 10  # told at once; who has more has one mistake, not many
FIELDS = {
    "id": "its id",
    "name": "its name",
    "family": "its family",
    "from": "its first day",
    "to": "its last day",
    "days": "its days of the week",
    "hours": "its hours",
    "reward": "the reward",
    "value": "the reward's value",
    "kind": "the reward's kind",
    "n": "the size of the set",
    "m": "how many of the set are rewarded",
    "tiers": "its tiers",
    "slots": "its slots",
    "qty": "the quantity",
    "min_qty": "the least quantity",
    "min_amount": "the least amount",
    "over_amount": "the amount to exceed",
    "layer": "its layer",
    "priority": "its priority",
    "coupon": "its coupon",
    "member_tag": "its member tag",
    "stores": "its stores",
    "channels": "its channels",
    "skus": "its products",
    "not_skus": "its products left out",
}
# By pydantic's own name of the mistake; the braces are what it knows about it.
SAYINGS = {
    "missing": "is missing",
    "extra_forbidden": "is not known in this family",
    "less_than_equal": "must be {le} at most",
    "greater_than_equal": "must be {ge} at least",
    "less_than": "must be less than {lt}",
    "greater_than": "must be more than {gt}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have {max_length} letters at most",
    "string_pattern_mismatch": "must be a code without blanks at its ends and without control characters",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "frozen_set_type": "must be a list",
    "too_short": "needs {min_length} at least",
    "too_long": "has {max_length} at most",
    "union_tag_invalid": "must be one of {expected_tags}, not '{tag}'",
    "union_tag_not_found": "does not say its {discriminator}",
    "literal_error": "must be {expected}",
}
CODES = {
    "missing": "missing",
    "string_too_short": "missing",
    "too_short": "missing",
    "int_type": "not-a-number",
    "int_from_float": "not-a-number",
    "less_than_equal": "out-of-range",
    "greater_than_equal": "out-of-range",
    "string_pattern_mismatch": "not-a-code",
}
PERCENT_AT_MOST = "is a percentage: 10000 is 100 % and the most"


def _in_words(value: Any, _: Any) -> Any:
    """Read one promotion of a larger body, and say what is wrong with it as a buyer would."""
    if isinstance(value, Offered):
        return value
    if not isinstance(value, dict):
        raise PydanticCustomError("promotion", "a promotion is an object with id, family and its fields")
    try:
        # Written and read again: the models are strict, and only from JSON a list may become a set.
        return ONE.validate_json(json.dumps(value))
    except ValidationError as error:
        # Custom errors put facts into braces themselves.
        raise PydanticCustomError("promotion", "{problems}", {"problems": "; ".join(problems(error))}) from error


Written = Annotated[Promotion, WrapValidator(_in_words)]


class Fault(NamedTuple):
    """One mistake: the field as machines write it, a code that screens translate, and what a buyer is told."""

    field: str
    code: str
    saying: str

    @property
    def sentence(self) -> str:
        """The mistake with its field, named for people and, in brackets, for machines."""
        if not self.field:
            return self.saying
        last = self.field.rpartition(".")[2].partition("[")[0]
        return f"{FIELDS.get(last, last)} ({self.field}) {self.saying}"


def faults(error: ValidationError) -> list[Fault]:
    """Return each mistake, some first ones where there are many."""
    found = error.errors(include_url=False, include_input=False)
    return [_fault(one["loc"][1:], one["type"], one["msg"], one.get("ctx") or {}) for one in found[:PROBLEMS_MAX]]


def problems(error: ValidationError) -> list[str]:
    """Return each mistake as a sentence."""
    return [fault.sentence for fault in faults(error)]


def _fault(place: tuple[int | str, ...], kind: str, message: str, facts: dict[str, Any]) -> Fault:
    # Which member of a union was tried says nothing to a buyer.
    steps = [step for step in place if step not in REWARDS]
    saying = SAYINGS.get(kind)
    if kind == "less_than_equal" and "percent" in place:
        saying = PERCENT_AT_MOST
    said = saying.format(**{"tag": "?", **facts}) if saying else message.removeprefix("Value error, ")
    path = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    return Fault(path, CODES.get(kind, "invalid"), said if path or not saying else f"the promotion {said}")


REWARDS = {"percent", "amount", "unit_price", "set_amount", "set_price"}
