"""What can go wrong with closing a day, and what is shown of days."""

from copy import deepcopy
from dataclasses import dataclass, field

from shared.days import Tally
from shared.errors import Conflict
from shared.events.fact import Fact
from shared.model.day import Closing
from shared.model.strict import Strict


class DayNotBegun(Conflict):
    """{day} has not begun, and the day before it is closed."""

    hint = "What was sold since the closing belongs to that day; the X report shows it, and it is closed then."


Summed = tuple[int, Fact | None]  # an entry's seq, and the order or refund that it tells of


@dataclass(slots=True)
class OpenDay:
    """The sums of the journal behind the last closing, up to an entry. Kept between readings: they only grow."""

    first_seq: int = 1
    last_seq: int = 0
    tally: Tally = field(default_factory=Tally)

    def add(self, facts: list[Summed]) -> "OpenDay":
        """Return the sums with the facts that follow; these here stay, should the transaction come to nothing."""
        grown = OpenDay(self.first_seq, self.last_seq, deepcopy(self.tally))
        for seq, fact in facts:
            if fact is not None:
                grown.tally.add(fact)
            grown.last_seq = seq
        return grown


class DayRequest(Strict):
    """Nothing to say: what is open is read or closed."""


class ClosingPage(Strict):
    """Closings, newest first; ask again with `next` as the cursor for older ones."""

    closings: tuple[Closing, ...]
    next: int | None
