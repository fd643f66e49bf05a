"""What every family shares, and how a family tells the engine what it can do on a line."""

from dataclasses import dataclass

from shared.model.strict import Code, Name, Strict
from shared.promotions.selector import Selector


@dataclass(frozen=True, slots=True)
class Deal:
    """One way of using a promotion on a line, as often as its units last."""

    promotion_id: str
    name: str
    units: int  # consumed by one use
    value: int  # discount of one use, in ten-thousandths of a minor unit


class Offered(Strict):
    """Fields of all families."""

    id: Code
    name: Name
    target: Selector = Selector()
