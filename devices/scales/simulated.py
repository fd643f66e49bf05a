"""A scale that a test or a demo holds: it answers in a real scale's words through a real line."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from devices.ports.simulated import SimulatedLine
from devices.scales import cas, mt_sics, toledo
from devices.scales.interface import Reading, Status, Weight
from devices.scales.parity import SEVEN_BITS, Parity, with_parity

Make = Literal["toledo", "cas", "mt_sics"]
# mute: no answer. torn: half of one. twice: the same answer again. drip: byte by byte. garbage: noise without an end.
Fault = Literal["mute", "torn", "twice", "drip", "garbage"]

DRIP_S = 0.002
REPEAT_S = 0.01
GARBAGE = b"\xaa\x55" * 1000
UNHEARD_BYTES_MAX = 64  # of a command that has no end
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # a real scale sends no time either


@dataclass(slots=True)
class SimulatedScale:
    """What lies on it and what is wrong with it is set from outside, at any moment."""

    line: SimulatedLine
    make: Make
    parity: Parity = "even"  # of the make `toledo`
    gross_g: int = 0
    tare_g: int = 0
    capacity_g: int = 15_000
    is_moving: bool = False
    fault: Fault | None = None
    _drips_until_s: float = field(default=0.0, init=False)  # in the event loop's time
    _heard: bytes = field(default=b"", init=False)

    async def plug(self) -> None:
        await self.line.plug(self._hear)

    async def unplug(self) -> None:
        await self.line.unplug()
        self._heard = b""

    def reading(self) -> Reading:
        """Return what the scale shows."""
        status: Status = "over" if self.gross_g > self.capacity_g else "motion" if self.is_moving else "stable"
        net = None if status == "over" else Weight(self.gross_g - self.tare_g, 3, "kg")
        return Reading(status, net, NEVER, Weight(self.tare_g, 3, "kg"))

    def _hear(self, data: bytes) -> None:
        if self.make == "toledo":
            data = bytes(byte & SEVEN_BITS for byte in data)
        self._heard = (self._heard + data)[-UNHEARD_BYTES_MAX:]
        for command, answer in ANSWERS[self.make].items():
            if command in self._heard:
                self._heard = b""
                said = answer(self)
                self._say(with_parity(said, self.parity) if self.make == "toledo" else said)

    def _say(self, answer: bytes) -> None:
        match self.fault:
            case None:
                self.line.say(answer)
            case "mute":
                pass
            case "torn":
                self.line.say(answer[: len(answer) // 2])
            case "twice":
                self.line.say(answer)
                asyncio.get_running_loop().call_later(REPEAT_S, self.line.say, answer)
            case "garbage":
                self.line.say(GARBAGE)
            case "drip":
                loop = asyncio.get_running_loop()
                for byte in answer:  # one answer after the other, however early the next question comes
                    self._drips_until_s = max(self._drips_until_s, loop.time()) + DRIP_S
                    loop.call_at(self._drips_until_s, self.line.say, bytes([byte]))


ANSWERS: Mapping[Make, Mapping[bytes, Callable[[SimulatedScale], bytes]]] = {
    "toledo": {toledo.ASK: lambda scale: toledo.render(scale.reading())},
    "cas": {cas.ENQ: lambda _: cas.ACK, cas.DC1: lambda scale: cas.render(scale.reading())},
    "mt_sics": {
        mt_sics.ASK_WEIGHT: lambda scale: mt_sics.render(scale.reading()),
        mt_sics.ASK_TARE: lambda scale: mt_sics.render_tare(scale.reading().tare),
    },
}
