"""What pricing a basket came to: which promotion was used how often on which line, and what it took off."""

from typing import Annotated

from pydantic import Field

from shared.model.strict import Code, MinorFromZero, Name, Strict


class Application(Strict):
    """One promotion's use on one line. Several sets of "3 for 2" on a line are one application of several times."""

    promotion_id: Code
    name: Name
    line_number: int
    times: Annotated[int, Field(ge=1)]  # sets, or units for promotions that take unit by unit
    units: Annotated[int, Field(ge=1)]  # units of the line that it consumed; no other promotion may have them
    discount_minor: MinorFromZero


class Evaluation(Strict):
    """The greatest discount on a basket and how it comes about. Applications are in order of line, then promotion."""

    pack_version: Code
    applications: tuple[Application, ...] = ()

    @property
    def discount_minor(self) -> int:
        return sum(use.discount_minor for use in self.applications)

    def line_discount_minor(self, line_number: int) -> int:
        return sum(use.discount_minor for use in self.applications if use.line_number == line_number)
