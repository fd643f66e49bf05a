"""A port that plays a script, so that recorded frames are a whole test."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from devices.errors import DeviceDisconnected, DeviceError

# What one step does: bytes arrive, a pause in seconds goes by, or the link breaks with this error.
Step = bytes | float | DeviceError


@dataclass(slots=True)
class ScriptedPort:
    """Plays `script` from front to back; its end is the end of the link. Keeps what was written in `written`."""

    script: Iterable[Step]
    written: bytearray = field(default_factory=bytearray, init=False)
    _steps: deque[Step] = field(init=False)

    def __post_init__(self) -> None:
        self._steps = deque(self.script)

    @property
    def address(self) -> str:
        return "script"

    async def open(self) -> None:
        pass

    async def read(self) -> bytes:
        while self._steps:
            if isinstance(self._steps[0], float | int):
                await asyncio.sleep(self._steps[0])  # a cancelled read leaves the pause where it is
            step = self._steps.popleft()
            if isinstance(step, bytes):
                return step
            if isinstance(step, DeviceError):
                raise step
        raise DeviceDisconnected(address=self.address, problem="end of script")

    async def write(self, data: bytes, timeout_s: float) -> None:
        self.written += data

    async def close(self) -> None:
        pass
