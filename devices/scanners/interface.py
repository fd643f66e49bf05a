"""What any scanner promises."""

from dataclasses import dataclass
from typing import Protocol

from devices.errors import BadFrame


@dataclass(frozen=True, slots=True)
class Scan:
    """One read code."""

    text: str  # as printed in the code, GS (0x1D) separators kept
    symbology: str | None  # "EAN-13/UPC", "QR" …; None when the scanner does not tell


class Scanner(Protocol):
    """A barcode scanner. Each driver passes tests/devices/test_scanners.py."""

    async def open(self) -> None:
        """Make the link, dropping what was scanned before. Raises DeviceDisconnected."""

    async def read(self) -> Scan | BadFrame:
        """Wait for the next scan, for as long as it takes.

        An unreadable frame is returned, not raised: the screen says "scan again" and reading goes on.
        A cancelled read loses nothing. Raises DeviceDisconnected when the link is lost; then open again.
        """

    async def close(self) -> None:
        """Give the link up. Closing twice does nothing."""
