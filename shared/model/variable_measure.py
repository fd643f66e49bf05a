"""Numbers that a shop gives out itself, and how its scales put a weight, a price or a count into them."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.model.strict import Tolerant

# First two digits of the EAN-13 that GS1 leaves to the shops of a region.
IN_STORE_PREFIXES = frozenset({"02", *(str(prefix) for prefix in range(20, 30))})
# P prefix and item, C the inner check digit, V the value. UPC-A has eleven places in front of its check digit.
PATTERN = "^P+C?V+$"
INNER_CHECKED_LENGTHS = {4, 5}  # GS1 General Specifications 7.9.3 knows check digits for values of four and five digits


class VariableMeasureRule(Tolerant):
    """Codes that begin with `prefix` and what their digits mean; every store may have its own.

    pattern: one letter for each digit in front of the check digit, such as PPPPPPCVVVVV. decimals: of the value, in
    kilograms or whole units of the currency.
    """

    prefix: Annotated[str, StringConstraints(pattern="^[0-9]{1,7}$")]
    measure: Literal["weight", "price", "count"]
    pattern: Annotated[str, StringConstraints(pattern=PATTERN, min_length=11, max_length=12)]
    decimals: Annotated[int, Field(ge=0, le=6)] = 0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.prefix) > self.pattern.count("P"):
            raise ValueError("the prefix is longer than the places P")
        if "C" in self.pattern and self.pattern.count("V") not in INNER_CHECKED_LENGTHS:
            raise ValueError("an inner check digit C needs four or five places V")
        return self

    @property
    def places(self) -> str:
        """The pattern for the twelve digits of an EAN-13; a UPC-A is one that begins with 0."""
        return self.pattern.rjust(12, "P")

    @property
    def beginning(self) -> str:
        """The first digits of an EAN-13 that this rule reads."""
        return "0" * (12 - len(self.pattern)) + self.prefix

    def slice_of(self, letter: Literal["C", "V"]) -> slice:
        """Where the digits of a letter stand."""
        found = re.search(f"{letter}*{'$' if letter == 'V' else '(?=V)'}", self.places)
        assert found
        return slice(*found.span())
