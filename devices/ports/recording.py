"""A port that keeps what goes over it, so that a visit to a shop becomes a test."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.ports.port import Port
from devices.ports.scripted import Step

PAUSE_KEPT_S = 0.02  # shorter ones are the line's own


@dataclass(slots=True)
class RecordingPort:
    """Passes everything on to `port`, and each read and write with its time to `keep`."""

    port: Port
    keep: Callable[[dict[str, object]], None]
    _begun_s: float | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        return self.port.address

    async def open(self) -> None:
        await self.port.open()
        self._keep("opened", b"")

    async def read(self) -> bytes:
        data = await self.port.read()
        self._keep("read", data)
        return data

    async def write(self, data: bytes, timeout_s: float) -> None:
        await self.port.write(data, timeout_s)
        self._keep("written", data)

    async def close(self) -> None:
        await self.port.close()

    def _keep(self, what: str, data: bytes) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._begun_s is None:
            self._begun_s = now_s
        self.keep({"at_s": round(now_s - self._begun_s, 3), what: data.hex()})


def tapped(device: Any, keep: Callable[[dict[str, object]], None]) -> bool:
    """Let `keep` know what goes over a device's line from now on; tells whether it has a line of its own.

    To be called before the device is used: those that answer questions keep their line in an exchange, too.
    """
    port: Any = getattr(device, "port", None)
    if not hasattr(port, "read"):  # a client of a broker is no line
        return False
    device.port = RecordingPort(port, keep)
    if hasattr(device, "exchange"):
        device.exchange.port = device.port
    return True


def script_of(recording: Path) -> list[Step]:
    """Return what a device said in a recording, for a `ScriptedPort`: its bytes, and the pauses between them.

    recording: JSON, one object a line; the first says where it came from. Raises ValueError for anything else.
    """
    _, *events = [json.loads(line) for line in recording.read_text(encoding="utf-8").splitlines()]
    script: list[Step] = []
    last_s = 0.0
    for event in events:
        if "read" in event:
            if event["at_s"] - last_s > PAUSE_KEPT_S:
                script.append(event["at_s"] - last_s)
            script.append(bytes.fromhex(event["read"]))
        last_s = event["at_s"]
    return script
