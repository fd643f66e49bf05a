"""A scanner that a test or a demo holds: it writes real bytes into one end of a pseudo-terminal."""

import asyncio
import os
import select
import tty
from dataclasses import dataclass, field
from pathlib import Path

from devices.errors import DeviceDisconnected
from shared.barcodes.symbology import SYMBOLOGIES

LISTENER_WAIT_S = 5.0  # longer than a daemon takes to start and to open its scanner
LISTENER_CHECK_S = 0.01
LISTENER_SETTLE_S = 0.05  # opening a line empties it, a moment after it has become visible that it is open
AIM_OF = {symbology: f"]{aim}" for aim, symbology in reversed(SYMBOLOGIES.items())}  # the first is the usual one


@dataclass(slots=True)
class SimulatedScanner:
    """A plugged-in scanner whose serial line the daemon opens at `path`, which outlives unplugging.

    folder: where `path` appears while the scanner is plugged in, as udev would make it appear.
    """

    folder: Path
    name: str = "scanner0"
    listener_wait_s: float = LISTENER_WAIT_S
    _master: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.plug()

    @property
    def path(self) -> Path:
        return self.folder / self.name

    def plug(self) -> None:
        """Appear at `path`, with a new pseudo-terminal behind it."""
        assert self._master is None
        self._master, slave = os.openpty()
        tty.setraw(slave)  # nothing echoed, no byte translated
        os.set_blocking(self._master, False)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        # Closed by us, the slave's only opener is the listener, so that the master can tell whether there is one.
        os.close(slave)

    def unplug(self) -> None:
        """Disappear; whoever listens gets a read error."""
        if self._master is not None:
            os.close(self._master)
            self._master = None
            self.path.unlink(missing_ok=True)

    async def scan(self, text: str, symbology: str | None = None) -> None:
        """Read one code: send it with its AIM identifier, if the symbology is told, and CR.

        Waits for a listener: a serial line loses what nobody listens to. Raises DeviceDisconnected when unplugged
        or when nobody listens within `listener_wait_s`.
        """
        prefix = AIM_OF[symbology] if symbology else ""
        await self.send(f"{prefix}{text}\r".encode())

    async def send(self, data: bytes) -> None:
        """Send these very bytes; otherwise like `scan`."""
        try:
            async with asyncio.timeout(self.listener_wait_s):
                await self._send_when_heard(data)
        except TimeoutError as nobody:
            raise DeviceDisconnected(address=str(self.path), problem="nobody listens") from nobody

    async def _send_when_heard(self, data: bytes) -> None:
        has_settled = self._has_listener()
        while data:
            if not self._has_listener():
                has_settled = False
                await asyncio.sleep(LISTENER_CHECK_S)
            elif not has_settled:
                await asyncio.sleep(LISTENER_SETTLE_S)
                has_settled = True
            elif written := self._write(data):
                data = data[written:]
            else:
                await asyncio.sleep(LISTENER_CHECK_S)

    def _write(self, data: bytes) -> int:
        assert self._master is not None
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0

    def _has_listener(self) -> bool:
        if self._master is None:
            raise DeviceDisconnected(address=str(self.path), problem="unplugged")
        watch = select.poll()
        watch.register(self._master, select.POLLHUP)
        return not watch.poll(0)
