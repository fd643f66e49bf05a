"""One line of a receipt on paper."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PrintLine:
    """Text in one style; large is twice as wide and high."""

    text: str
    style: Literal["plain", "bold", "large", "centred"] = "plain"
