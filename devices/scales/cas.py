"""CAS scales in their request mode (AP-1, ER, SW and others).

ENQ asks whether the scale is ready (ACK, or NAK), DC1 for one frame of 15 bytes: SOH STX, S or U for settled or not, a
sign, six characters of weight, two of unit, the exclusive or of these ten, ETX EOT.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import xor
from typing import Literal, get_args

from devices.errors import DeviceGarbled, DeviceSilent
from devices.ports.exchange import Exchange
from devices.ports.line import LineSettings, port_of
from devices.ports.port import Port
from devices.scales.interface import Reading, Unit, Weight
from shared.clock import Clock, SystemClock
from shared.model.strict import Code

ENQ, ACK, NAK, DC1 = b"\x05", b"\x06", b"\x15", b"\x11"
BEGIN, END = b"\x01\x02", b"\x03\x04"
FRAME_BYTES = 15
OVERFLOW = "F"

TIMEOUT_S = 1.0
READY_ASKS_MAX = 5
READY_PAUSE_S = 0.1  # a scale says NAK while it prints or writes its memory


class CasScaleSettings(LineSettings):
    """One CAS scale of a node."""

    kind: Literal["scale"]
    make: Literal["cas"]
    name: Code


def take(heard: bytes) -> bytes | None:
    """Cut the first frame out of what was heard; None while it is not whole."""
    start = heard.find(BEGIN)
    if start < 0 or len(heard) < start + FRAME_BYTES:
        return None
    return heard[start : start + FRAME_BYTES]


def ready(heard: bytes) -> bool | None:
    """Read the answer to ENQ."""
    return heard[:1] == ACK if heard[:1] in {ACK, NAK} else None


def parse(frame: bytes, at: datetime) -> Reading:
    """Read one whole frame. Raises DeviceGarbled.

    Source: CAS AP-1 transmission protocol, data frame for weight; CAS SW-II manual, RS-232C protocol.
    """
    body = frame[2:12]
    if frame[13:] != END or frame[12] != reduce(xor, body):
        raise DeviceGarbled(problem="wrong check sum", frame=frame.hex())
    text = body.decode("ascii", "replace")
    state, sign, number, unit = text[0], text[1], text[2:8], text[8:].strip().lower()
    if sign == OVERFLOW:
        return Reading("over", None, at)
    if state in {"S", "U"} and sign in {" ", "-"}:
        for known in get_args(Unit):
            if unit == known and (net := Weight.of(f"{sign}{number.strip()}", known)):
                return Reading("stable" if state == "S" else "motion", net, at)
    raise DeviceGarbled(problem="no weight", frame=frame.hex())


def render(reading: Reading) -> bytes:
    """Write a frame as the scale does."""
    net = reading.net or Weight(0, 3, "kg")
    number = str(Weight(abs(net.count), net.decimals, net.unit)).split()[0].zfill(6)
    sign = OVERFLOW if reading.status == "over" else "-" if net.count < 0 else " "
    body = f"{'S' if reading.is_stable else 'U'}{sign}{number}{net.unit:>2}".encode()
    return BEGIN + body + bytes([reduce(xor, body)]) + END


@dataclass(slots=True)
class CasScale:
    """A scale at the other end of a port."""

    port: Port
    clock: Clock = field(default_factory=SystemClock)
    timeout_s: float = TIMEOUT_S
    exchange: Exchange = field(init=False)

    def __post_init__(self) -> None:
        self.exchange = Exchange(self.port, self.timeout_s)

    async def read(self) -> Reading:
        async with self.exchange.turn():
            for _ in range(READY_ASKS_MAX):
                if await self.exchange.ask(ENQ, ready):
                    frame = await self.exchange.ask(DC1, take)
                    return parse(frame, self.clock.now())
                await asyncio.sleep(READY_PAUSE_S)
            raise DeviceSilent(address=self.port.address, problem="never ready")

    async def close(self) -> None:
        await self.exchange.close()


def open_cas_scale(settings: CasScaleSettings) -> CasScale:
    return CasScale(port_of(settings))
