"""What every scale promises: recorded frames first, then each make against its simulator over real lines."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from devices.errors import DeviceDisconnected, DeviceGarbled, DeviceSilent
from devices.ports.port import Port
from devices.ports.serial import SerialPort
from devices.ports.simulated import LOOPBACK, PtyLine, SimulatedLine, TcpLine
from devices.ports.tcp import TcpPort
from devices.scales import cas, mt_sics, toledo
from devices.scales.cas import CasScale
from devices.scales.interface import Reading, Scale, Weight
from devices.scales.mt_sics import MtSicsScale
from devices.scales.parity import without_parity
from devices.scales.simulated import Make, SimulatedScale
from devices.scales.toledo import ToledoScale
from tests.devices.recorded import frames

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SHORT_S = 0.3
MAKES: tuple[Make, ...] = get_args(Make)


class StoppedClock:
    def now(self) -> datetime:
        return AT

    def monotonic_s(self) -> float:
        return 0.0


def read_toledo(recorded: dict[str, Any]) -> Reading:
    answer = toledo.take(without_parity(bytes.fromhex(recorded["wire"]), recorded["parity"]))
    assert answer is not None
    return toledo.parse(answer, recorded["unit"], AT)


def read_cas(recorded: dict[str, Any]) -> Reading:
    frame = cas.take(bytes.fromhex(recorded["wire"]))
    assert frame is not None
    return cas.parse(frame, AT)


def read_mt_sics(recorded: dict[str, Any]) -> Reading:
    line = mt_sics.take(bytes.fromhex(recorded["wire"]))
    assert line is not None
    return mt_sics.parse(line, AT)


READS: dict[Make, Callable[[dict[str, Any]], Reading]] = {
    "toledo": read_toledo,
    "cas": read_cas,
    "mt_sics": read_mt_sics,
}


@pytest.mark.parametrize(("make", "recorded"), [(make, frame) for make in MAKES for frame in frames("scales", make)])
def test_a_recorded_frame_is_read_or_refused(make: Make, recorded: dict[str, Any]) -> None:
    if recorded["reading"] is None:
        with pytest.raises(DeviceGarbled):
            READS[make](recorded)
        return

    reading = READS[make](recorded)

    assert [reading.status, str(reading.net) if reading.net else None] == recorded["reading"]
    assert reading.at == AT


@pytest.mark.parametrize(
    ("shown", "unit", "text", "grams"),
    [
        ("01.234", "kg", "1.234 kg", 1234),
        ("- 0.05", "kg", "-0.05 kg", -50),
        ("0.000", "kg", "0.000 kg", 0),
        ("1250", "g", "1250 g", 1250),
        ("0.5", "g", "0.5 g", None),  # half a gram is not rounded
        ("2.72", "lb", "2.72 lb", None),
    ],
)
def test_a_weight_is_kept_as_it_was_shown(shown: str, unit: Any, text: str, grams: int | None) -> None:
    weight = Weight.of(shown, unit)

    assert weight is not None
    assert (str(weight), weight.grams) == (text, grams)


@dataclass
class Counter:
    """A scale on the counter and the driver that reads it."""

    on_it: SimulatedScale
    scale: Scale


def driver(make: Make, port: Port) -> Scale:
    match make:
        case "toledo":
            return ToledoScale(port, clock=StoppedClock(), timeout_s=SHORT_S)
        case "cas":
            return CasScale(port, clock=StoppedClock(), timeout_s=SHORT_S)
        case "mt_sics":
            return MtSicsScale(port, clock=StoppedClock(), timeout_s=SHORT_S)


@pytest.fixture(params=[(make, kind) for make in MAKES for kind in ("serial", "tcp")], ids="-".join)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    make, kind = request.param
    line: SimulatedLine = PtyLine(tmp_path / "scale0") if kind == "serial" else TcpLine()
    simulated = SimulatedScale(line, make)
    await simulated.plug()
    port = SerialPort(str(line.path)) if isinstance(line, PtyLine) else TcpPort(LOOPBACK, port_number(line))
    scale = driver(make, port)
    yield Counter(simulated, scale)
    await scale.close()
    await simulated.unplug()


def port_number(line: SimulatedLine) -> int:
    assert isinstance(line, TcpLine)
    return line.port


async def test_a_settled_load_is_read_to_the_gram_with_its_moment(counter: Counter) -> None:
    counter.on_it.gross_g = 1_234

    reading = await counter.scale.read()

    assert (reading.status, str(reading.net), reading.at) == ("stable", "1.234 kg", AT)


async def test_a_tare_is_taken_off_by_the_scale_alone(counter: Counter) -> None:
    counter.on_it.gross_g, counter.on_it.tare_g = 40, 100

    reading = await counter.scale.read()

    assert str(reading.net) == "-0.060 kg"
    assert reading.tare in {None, Weight(100, 3, "kg")}


async def test_a_moving_load_and_one_too_heavy_are_told_and_never_stable(counter: Counter) -> None:
    counter.on_it.gross_g, counter.on_it.is_moving = 500, True
    moving = await counter.scale.read()
    counter.on_it.gross_g = 15_001
    over = await counter.scale.read()

    assert (moving.status, moving.is_stable) == ("motion", False)
    assert (over.status, over.net) == ("over", None)


async def test_an_answer_in_single_bytes_is_put_together(counter: Counter) -> None:
    counter.on_it.gross_g, counter.on_it.fault = 1_234, "drip"

    assert str((await counter.scale.read()).net) == "1.234 kg"


async def test_an_answer_that_came_twice_does_not_answer_the_next_question(counter: Counter) -> None:
    counter.on_it.gross_g, counter.on_it.fault = 1_234, "twice"
    await counter.scale.read()
    await asyncio.sleep(0.05)  # the repeated answer arrives
    counter.on_it.gross_g = 2_000

    assert str((await counter.scale.read()).net) == "2.000 kg"


@pytest.mark.parametrize("fault", ["mute", "torn"])
async def test_half_an_answer_or_none_is_silence_and_the_next_question_starts_afresh(
    counter: Counter, fault: Any
) -> None:
    counter.on_it.gross_g, counter.on_it.fault = 1_234, fault
    with pytest.raises((DeviceSilent, DeviceGarbled)):
        await counter.scale.read()

    counter.on_it.fault = None

    assert str((await counter.scale.read()).net) == "1.234 kg"


async def test_noise_without_end_is_refused_and_not_collected(counter: Counter) -> None:
    counter.on_it.fault = "garbage"
    with pytest.raises((DeviceGarbled, DeviceSilent)):
        await counter.scale.read()

    counter.on_it.fault = None
    counter.on_it.gross_g = 7

    assert str((await counter.scale.read()).net) == "0.007 kg"


async def test_a_cancelled_question_leaves_nothing_behind(counter: Counter) -> None:
    counter.on_it.gross_g, counter.on_it.fault = 1_111, "drip"
    asking = asyncio.create_task(counter.scale.read())
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    counter.on_it.gross_g = 2_222

    assert str((await counter.scale.read()).net) == "2.222 kg"


async def test_two_who_ask_at_once_get_an_answer_each(counter: Counter) -> None:
    counter.on_it.gross_g = 1_234

    readings = await asyncio.gather(*(counter.scale.read() for _ in range(5)))

    assert {str(reading.net) for reading in readings} == {"1.234 kg"}


async def test_unplugging_is_told_at_once_and_plugging_in_works_again(counter: Counter) -> None:
    await counter.scale.read()
    counter.on_it.fault = "mute"
    asking = asyncio.create_task(counter.scale.read())
    await asyncio.sleep(0.02)

    await counter.on_it.unplug()
    with pytest.raises(DeviceDisconnected):
        await asking
    with pytest.raises(DeviceDisconnected):
        await counter.scale.read()
    counter.on_it.fault = None
    await counter.on_it.plug()

    assert (await counter.scale.read()).is_stable


async def test_a_cas_scale_that_is_never_ready_is_silent(tmp_path: Path) -> None:
    line = PtyLine(tmp_path / "scale0")
    await line.plug(lambda _: line.say(cas.NAK))

    with pytest.raises(DeviceSilent):
        await CasScale(SerialPort(str(line.path)), timeout_s=SHORT_S).read()
    await line.unplug()
