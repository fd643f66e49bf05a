"""A scanner on a serial line, or on USB in its serial (CDC) mode."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from devices.errors import BadFrame
from devices.ports.port import Port
from devices.ports.serial import SerialPort
from devices.scanners.framing import Framer, parse
from devices.scanners.interface import Scan
from shared.model.strict import Code, Name, Strict

# What the scanner sends for GS: some cannot send a control character and send "<GS>", "{GS}", "^" or "|" instead.
Separator = Annotated[str, Field(max_length=8)]


class SerialScannerSettings(Strict):
    """One serial scanner of a node."""

    kind: Literal["scanner"]
    make: Literal["serial"]
    name: Code
    path: Name  # a stable name, "/dev/store/scanner0"
    baud: Annotated[int, Field(ge=1_200, le=921_600)] = 9600
    separator: Separator = ""
    lane: Code = "kiosk"  # whose basket the scans go to


@dataclass(slots=True)
class SerialScanner:
    """Reads frames that end with CR, LF, CR LF, ETX, or, of a scanner that sends none of these, with a pause."""

    port: Port
    separator: str = ""  # what stands for GS, if that does not come as itself
    _framer: Framer = field(default_factory=Framer, init=False)
    # Frames that arrived joined; one read of the port can finish no more than its READ_BYTES_MAX.
    _waiting: deque[bytes | BadFrame] = field(default_factory=deque, init=False)

    async def open(self) -> None:
        self._framer = Framer(self._framer.has_suffix)
        self._waiting.clear()
        await self.port.open()

    async def read(self) -> Scan | BadFrame:
        while not self._waiting:
            self._waiting.extend(await self._next_frames())
        frame = self._waiting.popleft()
        if isinstance(frame, BadFrame):
            return frame
        try:
            return parse(frame, self.separator)
        except BadFrame as problem:
            return problem

    async def close(self) -> None:
        await self.port.close()

    async def _next_frames(self) -> list[bytes | BadFrame]:
        data = await self._read_within(self._framer.gap_s)
        # After a busy moment of ours the time is up and the rest of the frame is there.
        data = data or await self._read_within(0)
        return self._framer.feed(data) if data else self._framer.flush()

    async def _read_within(self, limit_s: float | None) -> bytes:
        """Return the next bytes, none when they do not come in time."""
        try:
            async with asyncio.timeout(limit_s):
                return await self.port.read()
        except TimeoutError:
            return b""


def open_scanner(settings: SerialScannerSettings) -> SerialScanner:
    return SerialScanner(SerialPort(settings.path, settings.baud), settings.separator)
