"""Groups of products and tiers in one cell of a table.

    selector    `*` is everything; else conditions joined by `&`: `tags=drink,snack&not_skus=111`, `not_discounted`
    slot        selector and quantity: `tags=drink*2`; without one it is 1
    requisite   a slot, or a selector and an amount to buy: `tags=drink>=20.00`
    slots       slots joined by `|`: `tags=sandwich|tags=drink|skus=111,222*2`
    tier        thresholds and value: `3:10%`, `>=20.00:15%`, `>50.00:5.00`, `3&>=20.00:5.00`
    tiers       tiers joined by `|`; the kind of their rewards is the row's

Amounts have a point here in every file, as the comma parts a list. A code that holds one of these marks needs XML.
"""

import re
from typing import Any

from cloud.promotions.imports import fields, values
from cloud.promotions.imports.draft import reward_of
from cloud.promotions.imports.staged import Values, Wrong, quoted
from cloud.promotions.imports.values import Notation

SLOT = re.compile(r"(?P<select>[^|]+?)(?:\*(?P<qty>[0-9]{1,4})|>=(?P<amount>[0-9.]{1,20}))?")
THRESHOLDS = (("min_amount", ">="), ("over_amount", ">"), ("min_qty", ""))  # in the order in which marks are tried


def selector(text: str, notation: Notation) -> Values:
    """Read one selector. Raises Wrong."""
    if text.strip() == fields.EVERYTHING:
        return {}
    found: Values = {}
    for part in text.split("&"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if name not in fields.SELECTOR or bool(equals) == (name == "not_discounted") or name in found:
            hint = "Write it like tags=drink,snack&not_skus=111."
            raise Wrong("bad-selector", f"{quoted(part)} is no condition on products", hint)
        listed = value.replace(",", "|") if equals else "yes"
        found[name] = fields.SELECTOR[name](listed, notation.with_points)
    return found


def slots(text: str, notation: Notation, *, amounts: bool = False) -> list[dict[str, Any]]:
    """Read slots, or requisites where amounts are allowed. Raises Wrong."""
    return [_slot(part.strip(), notation, amounts=amounts) for part in text.split("|")]


def _slot(text: str, notation: Notation, *, amounts: bool) -> dict[str, Any]:
    found = SLOT.fullmatch(text)
    if not found or (found["amount"] and not amounts):
        raise Wrong("bad-slot", f"{quoted(text)} is no group of products", "Write it like tags=drink*2.")
    select = selector(found["select"], notation)
    if found["amount"]:
        return {"select": select, "min_amount": values.amount(found["amount"], notation.with_points)}
    return {"select": select, "qty": fields.QUANTITY(found["qty"] or "1", notation)}


def tiers(text: str, kind: str | None, notation: Notation) -> list[dict[str, Any]]:
    """Read tiers whose rewards are all of one kind. Raises Wrong."""
    notation = notation.with_points
    found = []
    for part in text.split("|"):
        thresholds, colon, value = (piece.strip() for piece in part.partition(":"))
        if not (colon and thresholds and value):
            raise Wrong("bad-tier", f"{quoted(part)} is no tier", "Write it like 3:10% or >=20.00:15%.")
        tier: dict[str, Any] = {}
        for threshold in thresholds.split("&"):
            name, mark = next((name, mark) for name, mark in THRESHOLDS if threshold.strip().startswith(mark))
            number = threshold.strip().removeprefix(mark).strip()
            if name in tier:
                raise Wrong("bad-tier", f"{quoted(part)} has two thresholds of a kind", "Keep one of them.")
            read = fields.QUANTITY if name == "min_qty" else values.amount
            tier[name] = read(number, notation)
        found.append({**tier, "reward": reward_of(kind, value, notation)})
    return found
