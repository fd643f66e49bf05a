"""What each family needs, so that a row that cannot work is named with its column before anything is published."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cloud.promotions.imports.staged import Values, Wrong
from shared.promotions.gate import window

UNIT = frozenset({"percent", "amount", "unit_price"})
SET = frozenset({"percent", "set_amount", "set_price"})
SLOTS_MAX = 12  # slots, requisites or targets of one set
TIERS_MAX = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one family besides those of all, and the kinds of reward that it can give."""

    needs: frozenset[str]
    may: frozenset[str] = frozenset()
    rewards: frozenset[str] = UNIT
    thresholds: frozenset[str] = frozenset()  # of a tier, one at least


def _of(names: str) -> frozenset[str]:
    return frozenset(names.split())


SHAPES = {
    "easy": Shape(_of("target reward")),
    "easy_plus": Shape(_of("target tiers"), thresholds=_of("min_qty min_amount")),
    "line_special": Shape(_of("target n m reward"), _of("same_sku")),
    "combo": Shape(_of("slots reward"), rewards=SET),
    "group": Shape(_of("target n reward"), rewards=SET),
    "requisite_target": Shape(_of("requisites targets reward"), _of("lesser_value")),
    "basket_threshold": Shape(
        _of("tiers"), _of("qualify target basis repeat"), SET, _of("min_qty min_amount over_amount")
    ),
    "special": Shape(_of("reward"), _of("target"), UNIT | SET),
}
OF_FAMILIES = frozenset[str]().union(*(shape.needs | shape.may for shape in SHAPES.values()))
LACKING = {
    "target": "Name skus, tags or other products; * in skus is every product.",
    "reward": "Give the kind of reward and its value.",
    "tiers": "Give at least one tier.",
}

Fault = tuple[str, Wrong]  # the field, and what is wrong with it


def faults(promotion: Values, *, is_whole: bool) -> Iterator[Fault]:
    """Yield what is wrong with a promotion in the case format.

    is_whole: False for the part that a `modify` changes; what is missing there may be as it should already.
    """
    gate = promotion.get("gate") or {}
    first, last = window(gate.get("from"), gate.get("to"))
    if first > last:
        yield "to", Wrong("ends-before", "it ends before it begins", "Change from or to.")
    if (promotion.get("m") or 0) > (promotion.get("n") or 9_999):
        yield "m", Wrong("too-many-rewarded", "m is greater than n", "A set of n units rewards n at most.")
    family = promotion.get("family")
    if family is not None:
        yield from _of_family(promotion, family, SHAPES[family], is_whole=is_whole)
    elif is_whole:
        yield "family", Wrong("missing", "there is no family", f"Write one of: {', '.join(SHAPES)}.")
    if is_whole and promotion.get("name") is None:
        yield "name", Wrong("missing", "there is no name", "Write what shoppers shall read.")


def _of_family(promotion: Values, family: str, shape: Shape, *, is_whole: bool) -> Iterator[Fault]:
    given = {key for key, value in promotion.items() if value is not None}
    if is_whole:
        for key in sorted(shape.needs - given):
            yield key, Wrong("missing", f"{family} needs {key}", LACKING.get(key, f"Fill in {key}."))
    for key in sorted((OF_FAMILIES & given) - shape.needs - shape.may):
        yield key, Wrong("not-of-family", f"{family} has no {key}", "Leave it empty, or choose another family.")
    rewards = [promotion.get("reward"), *(tier["reward"] for tier in promotion.get("tiers") or [])]
    for reward in rewards:
        if reward and reward["kind"] not in shape.rewards:
            text = f"{family} cannot give {reward['kind']}"
            yield "reward", Wrong("wrong-reward", text, f"Write one of: {', '.join(sorted(shape.rewards))}.")
    yield from _of_tiers(promotion.get("tiers") or [], family, shape)
    if family == "special" and is_whole:
        yield from _of_special(promotion)


def _of_tiers(tiers: list[dict[str, Any]], family: str, shape: Shape) -> Iterator[Fault]:
    for tier in tiers:
        thresholds = tier.keys() - {"reward"}
        if shape.thresholds and not thresholds:
            text = f"Give one of: {', '.join(sorted(shape.thresholds))}."
            yield "tiers", Wrong("no-threshold", "a tier has no threshold", text)
        elif not thresholds <= shape.thresholds:
            yield "tiers", Wrong("not-of-family", f"{family} has no over_amount", "Use min_amount.")


def _of_special(promotion: Values) -> Iterator[Fault]:
    """Somebody opens it. A reward on single units needs products, as in `easy`; one on the whole has the basket."""
    gate = promotion.get("gate") or {}
    if not (gate.get("coupon") or gate.get("member_tag")):
        text = "special is opened by a coupon or for members"
        yield "coupon", Wrong("missing", text, "Give coupon or member_tag; what is for everybody is another family.")
    kind = (promotion.get("reward") or {}).get("kind", "percent")
    by_unit = kind not in SET or (kind == "percent" and not promotion.get("set_scope"))
    if by_unit and promotion.get("target") is None:
        yield "target", Wrong("missing", f"{kind} needs a target", LACKING["target"])
    if promotion.get("set_scope") and kind not in SET:
        yield "set_scope", Wrong("wrong-reward", f"{kind} is for single units", "Leave set_scope empty.")
