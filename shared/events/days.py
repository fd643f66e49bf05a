"""What happens to days."""

from typing import ClassVar

from shared.events.fact import Fact
from shared.model.day import Closing


class DayClosed(Fact):
    """A day of this box was closed, without asking anybody."""

    event_name: ClassVar[str] = "day.closed"
    closing: Closing
