"""What every port promises."""

from typing import Protocol

# The most bytes one read returns. A scanner's longest frame is 8 KiB, a printer's longest answer is 7 bytes.
READ_BYTES_MAX = 4096


class Port(Protocol):
    """A two-way stream of bytes. It may be opened again after it was lost or closed."""

    @property
    def address(self) -> str:
        """Where a person finds the device: a path, or host:port."""

    async def open(self) -> None:
        """Make the link. Raises DeviceDisconnected when there is none to be had."""

    async def read(self) -> bytes:
        """Wait for the next bytes: 1 to READ_BYTES_MAX of them.

        A cancelled read loses nothing. Raises DeviceDisconnected when the link is lost or closed.
        """

    async def write(self, data: bytes, timeout_s: float) -> None:
        """Return when the operating system took all of `data`; that says nothing about the device.

        Raises DeviceSilent when it was not taken in time (some of it may have gone), DeviceDisconnected when the
        link is lost or closed.
        """

    async def close(self) -> None:
        """Give the link up at once, dropping unsent bytes. Closing twice does nothing."""
