"""A keyboard-wedge scanner that a test or a demo holds: it types real events into a pipe."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from devices.scanners.key_events import DROPPED, EVENT, LOST, SYNC, Layout, typed
from devices.scanners.simulated import AIM_OF


@dataclass(slots=True)
class SimulatedWedge:
    """A plugged-in scanner whose events the daemon reads at `path`, which outlives unplugging. What is typed waits."""

    folder: Path
    name: str = "wedge0"
    layout: Layout = "us"
    _pipe: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.plug()

    @property
    def path(self) -> Path:
        return self.folder / self.name

    def plug(self) -> None:
        """Appear at `path`."""
        assert self._pipe is None
        os.mkfifo(self.path)
        self._pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)  # both ways: there need be no reader yet

    def unplug(self) -> None:
        """Disappear; whoever listens gets the end of input."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
            self.path.unlink()

    async def scan(self, text: str, symbology: str | None = None) -> None:
        """Read one code: type it with its AIM identifier, if the symbology is told, and Enter."""
        prefix = AIM_OF[symbology] if symbology else ""
        await self.send(f"{prefix}{text}\r".encode())

    async def send(self, data: bytes) -> None:
        """Type these characters; NUL is what the kernel lost, CR is Enter."""
        assert self._pipe is not None
        for piece in data.splitlines(keepends=True):
            text = piece.replace(LOST, b"").rstrip(b"\r\n").decode()
            events = typed(text, self.layout)
            if not piece.endswith((b"\r", b"\n")):
                events = events[: -4 * EVENT.size]  # without Enter, its release, and a report for each
            lost = EVENT.pack(0, 0, SYNC, DROPPED, 0) if LOST in piece else b""
            os.write(self._pipe, lost + events)
