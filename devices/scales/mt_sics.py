"""Scales that speak Mettler Toledo's MT-SICS, levels 0 and 1: lines of text that end with CR LF.

`SI` asks for what is shown now: "S S" and a weight when settled, "S D" when not, "S +", "S -", "S I" otherwise.
`TA` asks for the tare.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from devices.errors import DeviceGarbled
from devices.ports.exchange import Exchange
from devices.ports.line import LineSettings, port_of
from devices.ports.port import Port
from devices.scales.interface import Reading, Status, Unit, Weight
from shared.clock import Clock, SystemClock
from shared.model.strict import Code

ASK_WEIGHT, ASK_TARE = b"SI\r\n", b"TA\r\n"
END = b"\r\n"
WEIGHT = re.compile(r"(S S|S D|TA A) +(-? *[\d.]+) +(\w+)")
WITHOUT_WEIGHT: dict[str, Status] = {"S +": "over", "S -": "under", "S I": "motion"}
NO_TARE = {"TA I", "ES", "EL"}  # not now; a command that it does not know

TIMEOUT_S = 1.0


class MtSicsScaleSettings(LineSettings):
    """One MT-SICS scale of a node."""

    kind: Literal["scale"]
    make: Literal["mt_sics"]
    name: Code


def take(heard: bytes) -> bytes | None:
    """Cut the first line out of what was heard; None while it has no end."""
    line, end, _ = heard.partition(END)
    return line if end else None


def parse(line: bytes, at: datetime, tare: Weight | None = None) -> Reading:
    """Read the answer to `SI`. Raises DeviceGarbled.

    Source: MT-SICS reference manual, commands S and SI (level 0) and TA (level 1).
    """
    text = line.decode("ascii", "replace").strip()
    if text in WITHOUT_WEIGHT:
        return Reading(WITHOUT_WEIGHT[text], None, at, tare)
    answer, net = _weight(text)
    if net and answer in {"S S", "S D"}:
        return Reading("stable" if answer == "S S" else "motion", net, at, tare)
    raise DeviceGarbled(problem="no weight", frame=line.hex())


def parse_tare(line: bytes) -> Weight | None:
    """Read the answer to `TA`; None when the scale has none to tell. Raises DeviceGarbled."""
    text = line.decode("ascii", "replace").strip()
    if text in NO_TARE:
        return None
    answer, tare = _weight(text)
    if tare and answer == "TA A":
        return tare
    raise DeviceGarbled(problem="no tare", frame=line.hex())


def _weight(text: str) -> tuple[str, Weight | None]:
    if found := WEIGHT.fullmatch(text):
        for unit in get_args(Unit):
            if found[3] == unit:
                return found[1], Weight.of(found[2], unit)
    return text, None


def render(reading: Reading) -> bytes:
    """Write the answer to `SI` as the scale does."""
    if reading.net:
        return _rendered("S S" if reading.is_stable else "S D", reading.net)
    return next(text for text, status in WITHOUT_WEIGHT.items() if status == reading.status).encode() + END


def render_tare(tare: Weight | None) -> bytes:
    """Write the answer to `TA` as the scale does."""
    return _rendered("TA A", tare) if tare else b"TA I" + END


def _rendered(answer: str, weight: Weight) -> bytes:
    number, unit = str(weight).split()
    return f"{answer} {number:>10} {unit}".encode() + END


@dataclass(slots=True)
class MtSicsScale:
    """A scale at the other end of a port."""

    port: Port
    clock: Clock = field(default_factory=SystemClock)
    timeout_s: float = TIMEOUT_S
    exchange: Exchange = field(init=False)

    def __post_init__(self) -> None:
        self.exchange = Exchange(self.port, self.timeout_s)

    async def read(self) -> Reading:
        async with self.exchange.turn():
            tare = parse_tare(await self.exchange.ask(ASK_TARE, take))
            line = await self.exchange.ask(ASK_WEIGHT, take)
            return parse(line, self.clock.now(), tare)

    async def close(self) -> None:
        await self.exchange.close()


def open_mt_sics_scale(settings: MtSicsScaleSettings) -> MtSicsScale:
    return MtSicsScale(port_of(settings))
