"""What every customer display promises."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.displays.escpos import COLUMNS, EscposDisplay, render
from devices.displays.interface import Display, Row
from devices.displays.simulated import SimulatedDisplay
from devices.displays.text import CODE_PAGES, Profile, encoded, fitted
from devices.errors import DeviceDisconnected, DeviceSilent
from devices.ports.port import Port
from devices.ports.serial import SerialPort
from devices.ports.simulated import LOOPBACK, PtyLine, TcpLine
from devices.ports.tcp import TcpPort
from tests.devices.recorded import frames
from tests.world import until

NOTHING = Row("")


@pytest.mark.parametrize("recorded", frames("displays", "escpos"), ids=lambda recorded: recorded["source"])
def test_rows_become_the_recorded_bytes(recorded: dict[str, Any]) -> None:
    upper, lower = (Row(*row) for row in recorded["rows"])

    assert render(upper, lower, recorded["profile"]).hex() == recorded["wire"]


@pytest.mark.parametrize(
    ("row", "profile", "shown"),
    [
        (Row("Milk 1 l", "1.15"), "epson", "Milk 1 l        1.15"),
        (Row("A very long name of a product", "12.50"), "epson", "A very long na 12.50"),
        (Row("12345678901234567890"), "epson", "12345678901234567890"),
        (Row("left", "right that is longer than all"), "epson", "right that is longer"),
        (Row("Café"), "plain", "Cafe".ljust(20)),
        (Row("Cafe\u0301"), "epson", "Café".ljust(20)),  # e and a mark of its own
        (Row("5 €", "x"), "plain", "5 EUR              x"),
        (Row("Σύνολο"), "epson", "Synolo".ljust(20)),
        (Row("Σύνολο"), "epson_wide", "Σύνολο".ljust(20)),
        (Row("сыр"), "epson", "сыр".ljust(20)),
        (Row("שָׁלוֹם"), "epson", "slvm".ljust(20)),  # the vowel points are left out
        (Row("茶"), "epson", "Cha".ljust(20)),
        (Row("\ue000"), "epson", "?".ljust(20)),
        (Row("a\x1b@\x0cb\x9bc"), "epson", "a @ b c".ljust(20)),
    ],
)
def test_a_row_is_exactly_as_wide_as_the_display(row: Row, profile: Profile, shown: str) -> None:
    assert fitted(row, CODE_PAGES[profile], COLUMNS) == shown


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(list(CODE_PAGES)))
def test_no_text_at_all_leaves_its_row_or_commands_the_display(left: str, right: str, profile: Profile) -> None:
    pages = CODE_PAGES[profile]

    text = fitted(Row(left, right), pages, COLUMNS)
    display = SimulatedDisplay(PtyLine(Path("unused")), profile)
    display._hear(encoded(text, pages))

    assert len(text) == COLUMNS
    assert (display.rows[0], display.rows[1].strip(), display.unknown) == (text, "", [])


@dataclass
class Pole:
    """A display on its pole and the driver that writes to it."""

    on_it: SimulatedDisplay
    display: Display

    async def shows(self, upper: str, lower: str) -> None:
        async def holds() -> bool:
            return [row.rstrip() for row in self.on_it.rows] == [upper, lower]

        await until(holds)


@pytest.fixture(params=["serial", "tcp"])
async def pole(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pole]:
    line = PtyLine(tmp_path / "display0") if request.param == "serial" else TcpLine()
    simulated = SimulatedDisplay(line)
    await simulated.plug()
    port: Port = SerialPort(str(line.path)) if isinstance(line, PtyLine) else TcpPort(LOOPBACK, line.port)
    display = EscposDisplay(port, timeout_s=0.3)
    yield Pole(simulated, display)
    await display.close()
    await simulated.unplug()


async def test_rows_are_shown_and_replaced(pole: Pole) -> None:
    await pole.display.show(Row("Crème brûlée", "4.50"), Row("TOTAL", "12.00"))
    await pole.shows("Crème brûlée    4.50", "TOTAL          12.00")

    await pole.display.show(Row("Bye"), NOTHING)

    await pole.shows("Bye", "")
    assert pole.on_it.unknown == []


async def test_the_last_of_many_that_show_at_once_stays(pole: Pole) -> None:
    await asyncio.gather(*(pole.display.show(Row(f"Number {number}"), NOTHING) for number in range(20)))

    await pole.shows("Number 19", "")


async def show_often(display: Display, times: int) -> None:
    """A network notices late that nobody is there any more."""
    for _ in range(times):
        await display.show(Row("x" * COLUMNS), Row("y" * COLUMNS))
        await asyncio.sleep(0)


async def test_a_display_that_comes_back_shows_the_next_rows(pole: Pole) -> None:
    await pole.display.show(Row("before"), NOTHING)
    await pole.on_it.unplug()
    with pytest.raises(DeviceDisconnected):
        await show_often(pole.display, 100)

    await pole.on_it.plug()
    await pole.display.show(Row("after"), NOTHING)

    await pole.shows("after", "")


async def test_a_display_that_takes_no_bytes_is_silent_and_blocks_nobody() -> None:
    seen = asyncio.Event()

    async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await seen.wait()
        writer.transport.abort()

    server = await asyncio.start_server(deaf, LOOPBACK, 0, limit=1)
    display = EscposDisplay(TcpPort(LOOPBACK, server.sockets[0].getsockname()[1]), timeout_s=0.1)

    with pytest.raises(DeviceSilent):
        await show_often(display, 100_000)

    seen.set()
    await display.close()
    await asyncio.sleep(0.02)
    server.close()


async def test_a_cancelled_row_leaves_no_half_command_behind(pole: Pole) -> None:
    showing = asyncio.create_task(pole.display.show(Row("half"), NOTHING))
    await asyncio.sleep(0)
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)

    await pole.display.show(Row("whole"), NOTHING)

    await pole.shows("whole", "")
