"""What any cash drawer promises."""

from typing import Protocol


class Drawer(Protocol):
    """A cash drawer. Each driver passes tests/devices/test_drawers.py."""

    async def open(self, reason: str) -> None:
        """Unlock the drawer, once.

        reason: why, for the record. Raises a DeviceError of the printer it is plugged into; after OutcomeUnknown it
        may be open.
        """
