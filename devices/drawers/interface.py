"""What any cash drawer promises."""

from typing import Literal, Protocol

DrawerState = Literal["open", "closed", "unknown"]  # unknown: its switch is not wired


class Drawer(Protocol):
    """A cash drawer. Each driver passes tests/devices/test_drawers.py."""

    async def open(self, reason: str) -> None:
        """Unlock the drawer, once.

        reason: why, for the record. Raises a DeviceError of the printer it is plugged into; after OutcomeUnknown it
        may be open.
        """

    async def state(self) -> DrawerState:
        """Ask now. Raises DeviceDisconnected, DeviceSilent of the printer it is plugged into."""
