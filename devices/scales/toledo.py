"""Scales that speak Mettler Toledo's 8217 protocol, also called NCI: most checkout scales.

`W` asks for the weight. The answer is STX, digits with a decimal point, CR; or STX, "?", a status byte, CR while there
is none to give. The unit is not told.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from devices.errors import DeviceGarbled
from devices.ports.exchange import Exchange
from devices.ports.line import LineSettings, port_of
from devices.ports.port import Port
from devices.scales.interface import Reading, Status, Unit, Weight
from devices.scales.parity import Parity, with_parity, without_parity
from shared.clock import Clock, SystemClock
from shared.model.strict import Code

ASK = b"W"
ANSWER = re.compile(rb"\x02(\?.|[^?\r]*)\r", re.DOTALL)  # a status byte may itself be CR
NO_WEIGHT = re.compile(rb"\?(.)", re.DOTALL)
WEIGHT = re.compile(r"(-? *\d+\.?\d*)N?")  # N: a tare is on
# Bits of the status byte, the one that matters most first. Two more say that a tare is on and that the question was
# not understood.
STATUS_BITS: dict[Status, int] = {"over": 0x02, "under": 0x04, "unzeroed": 0x08, "motion": 0x01, "zero": 0x10}

TIMEOUT_S = 1.0


class ToledoScaleSettings(LineSettings):
    """One scale of a node that speaks 8217."""

    kind: Literal["scale"]
    make: Literal["toledo"]
    name: Code
    unit: Unit = "kg"  # what the scale is set to
    parity: Parity = "even"  # a serial server may take it off: then "none"


def take(heard: bytes) -> bytes | None:
    """Cut the first answer out of what was heard; None while it has no end."""
    found = ANSWER.search(heard)
    return found[1] if found else None


def parse(answer: bytes, unit: Unit, at: datetime) -> Reading:
    """Read what stands between STX and CR. Raises DeviceGarbled.

    Source: Mettler Toledo 8217 technical manual, serial communication.
    """
    if status := NO_WEIGHT.fullmatch(answer):
        bits = status[1][0]
        for name, bit in STATUS_BITS.items():
            if bits & bit:
                return Reading(name, None, at)
    text = answer.decode("ascii", "replace")
    if (shown := WEIGHT.fullmatch(text.strip())) and (net := Weight.of(shown[1], unit)):
        return Reading("stable", net, at)
    raise DeviceGarbled(problem="no weight", frame=answer.hex())


def render(reading: Reading) -> bytes:
    """Write an answer as the scale does."""
    if reading.net and reading.is_stable:
        number = str(reading.net).removesuffix(f" {reading.net.unit}")
        return b"\x02" + number.zfill(reading.net.decimals + 3).encode() + b"\r"
    return b"\x02?" + bytes([STATUS_BITS[reading.status]]) + b"\r"


@dataclass(slots=True)
class ToledoScale:
    """A scale at the other end of a port."""

    port: Port
    unit: Unit = "kg"
    parity: Parity = "even"
    clock: Clock = field(default_factory=SystemClock)
    timeout_s: float = TIMEOUT_S
    exchange: Exchange = field(init=False)

    def __post_init__(self) -> None:
        self.exchange = Exchange(self.port, self.timeout_s)

    async def read(self) -> Reading:
        async with self.exchange.turn():
            answer = await self.exchange.ask(
                with_parity(ASK, self.parity), lambda heard: take(without_parity(heard, self.parity))
            )
            return parse(answer, self.unit, self.clock.now())

    async def close(self) -> None:
        await self.exchange.close()


def open_toledo_scale(settings: ToledoScaleSettings) -> ToledoScale:
    return ToledoScale(port_of(settings), settings.unit, settings.parity)
