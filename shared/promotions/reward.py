"""What a promotion gives: off each rewarded unit, or off what it takes as a whole.

Discounts are exact while they are compared: ten-thousandths of a minor unit, so that no percentage is rounded early.
"""

from typing import Annotated, Literal

from pydantic import Field

from shared.model.strict import BasisPoints, MinorFromZero, Strict

WHOLE = 10_000  # basis points in one, and so the parts of a minor unit in which exact discounts are counted


class Percent(Strict):
    """A share of the price."""

    kind: Literal["percent"] = "percent"
    value: BasisPoints

    def off_unit(self, net_minor: int) -> int:
        return net_minor * self.value

    def off_sets(self, net_minor: int, sets: int) -> int:
        return net_minor * self.value


class Amount(Strict):
    """A fixed amount off each unit, at most its price."""

    kind: Literal["amount"] = "amount"
    value: MinorFromZero

    def off_unit(self, net_minor: int) -> int:
        return min(self.value, net_minor) * WHOLE


class UnitPrice(Strict):
    """A fixed price for each unit; never raises one."""

    kind: Literal["unit_price"] = "unit_price"
    value: MinorFromZero

    def off_unit(self, net_minor: int) -> int:
        return max(net_minor - self.value, 0) * WHOLE


class SetAmount(Strict):
    """A fixed amount off each set, at most what it costs."""

    kind: Literal["set_amount"] = "set_amount"
    value: MinorFromZero

    def off_sets(self, net_minor: int, sets: int) -> int:
        return self.value * sets * WHOLE


class SetPrice(Strict):
    """A fixed price for each set; never raises what its units cost."""

    kind: Literal["set_price"] = "set_price"
    value: MinorFromZero

    def off_sets(self, net_minor: int, sets: int) -> int:
        return (net_minor - self.value * sets) * WHOLE


UnitReward = Annotated[Percent | Amount | UnitPrice, Field(discriminator="kind")]
SetReward = Annotated[Percent | SetAmount | SetPrice, Field(discriminator="kind")]
AnyReward = Annotated[Percent | Amount | UnitPrice | SetAmount | SetPrice, Field(discriminator="kind")]
