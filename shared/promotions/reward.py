"""What a rewarded unit gets off its price."""

from typing import Literal

from shared.model.strict import BasisPoints, MinorFromZero, Strict

WHOLE = 10_000  # basis points; discounts are compared in ten-thousandths of a minor unit, so none is rounded early


class Percent(Strict):
    """A share of the unit's price."""

    kind: Literal["percent"] = "percent"
    value: BasisPoints

    def off(self, unit_price_minor: int) -> int:
        """Return the discount on one unit, in ten-thousandths of a minor unit."""
        return unit_price_minor * self.value


class Amount(Strict):
    """A fixed amount, at most the unit's price."""

    kind: Literal["amount"] = "amount"
    value: MinorFromZero

    def off(self, unit_price_minor: int) -> int:
        """Return the discount on one unit, in ten-thousandths of a minor unit."""
        return min(self.value, unit_price_minor) * WHOLE


class UnitPrice(Strict):
    """A fixed price; never raises the shelf price."""

    kind: Literal["unit_price"] = "unit_price"
    value: MinorFromZero

    def off(self, unit_price_minor: int) -> int:
        """Return the discount on one unit, in ten-thousandths of a minor unit."""
        return max(unit_price_minor - self.value, 0) * WHOLE


Reward = Percent | Amount | UnitPrice
