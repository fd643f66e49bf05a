"""What any customer display promises."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `right` stands at the right edge and is shown whole; `left` gets the room that it leaves."""

    left: str
    right: str = ""


class Display(Protocol):
    """A display of two rows. Each driver passes tests/devices/test_displays.py."""

    async def show(self, upper: Row, lower: Row) -> None:
        """Show these rows instead of what is there. What does not fit is cut; letters that the display lacks are
        written in others, or as "?".

        It cannot be asked what it shows, so the same rows may be sent again at any time. Raises DeviceDisconnected,
        DeviceSilent when it does not take the bytes. After an error or a cancellation the next call starts afresh.
        """

    async def close(self) -> None:
        """Give the link up; the next call makes a new one."""
