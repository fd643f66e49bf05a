"""What every scanner promises: over a real serial line (a pseudo-terminal), and as a keyboard (events in a pipe)."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from devices.errors import BadFrame, DeviceDisconnected, DeviceError
from devices.ports.scripted import ScriptedPort
from devices.ports.serial import SerialPort
from devices.scanners.interface import Scan, Scanner
from devices.scanners.serial_scanner import SerialScanner, SerialScannerSettings
from devices.scanners.serial_scanner import open_scanner as open_serial
from devices.scanners.simulated import SimulatedScanner
from devices.scanners.simulated_wedge import SimulatedWedge
from devices.scanners.wedge_scanner import WedgeScannerSettings
from devices.scanners.wedge_scanner import open_scanner as open_wedge

Hand = SimulatedScanner | SimulatedWedge


def driver_for(hand: Hand) -> Scanner:
    path = str(hand.path)
    if isinstance(hand, SimulatedWedge):
        return open_wedge(WedgeScannerSettings(kind="scanner", make="wedge", name="wedge0", path=path))
    return open_serial(SerialScannerSettings(kind="scanner", make="serial", name="scanner0", path=path))


@pytest.fixture(params=[SimulatedScanner, SimulatedWedge])
async def hand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hand]:
    scanner: Hand = request.param(tmp_path)
    yield scanner
    scanner.unplug()


@pytest.fixture
async def scanner(hand: Hand) -> AsyncIterator[Scanner]:
    driver = driver_for(hand)
    await driver.open()
    yield driver
    await driver.close()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[SimulatedScanner]:
    scanner = SimulatedScanner(tmp_path, "line0", listener_wait_s=0.2)
    yield scanner
    scanner.unplug()


async def test_a_scan_arrives_with_its_text_and_symbology(hand: Hand, scanner: Scanner) -> None:
    await hand.scan("4006381333931")
    await hand.scan("https://example.test/01/09521234543213", symbology="QR")

    assert await scanner.read() == Scan("4006381333931", None)
    assert await scanner.read() == Scan("https://example.test/01/09521234543213", "QR")


async def test_every_character_arrives_as_it_was_sent(hand: Hand, scanner: Scanner) -> None:
    await hand.send(b"a\x1dB~\\ (10)%/\n")

    assert await scanner.read() == Scan("a\x1dB~\\ (10)%/", None)


async def test_a_line_carries_every_byte(line: SimulatedScanner) -> None:
    driver = driver_for(line)
    await driver.open()

    await line.send(b"a\x1db~\\ \xc3\xa9\n")

    assert await driver.read() == Scan("a\x1db~\\ é", None)
    await driver.close()


async def test_a_bad_frame_is_told_and_reading_goes_on(hand: Hand, scanner: Scanner) -> None:
    await hand.send(b"\x00garbage\r4006381333931\r")

    assert isinstance(await scanner.read(), BadFrame)
    assert await scanner.read() == Scan("4006381333931", None)


async def test_a_scanner_without_suffix_is_read_after_a_pause(hand: Hand, scanner: Scanner) -> None:
    await hand.send(b"40063813")
    reading = asyncio.create_task(scanner.read())
    await asyncio.sleep(0.01)
    await hand.send(b"33931")

    assert await reading == Scan("4006381333931", None)


async def test_a_frame_is_whole_though_the_daemon_was_busy_while_it_came(hand: Hand, scanner: Scanner) -> None:
    await hand.send(b"40063813")
    reading = asyncio.create_task(scanner.read())
    await asyncio.sleep(0.01)
    await hand.send(b"33931\r")
    time.sleep(0.1)  # noqa: ASYNC251, the loop stands still for longer than a pause

    assert await reading == Scan("4006381333931", None)


async def test_the_beginning_of_a_frame_is_no_scan_where_the_scanner_ends_its_frames(
    hand: Hand, scanner: Scanner
) -> None:
    await hand.scan("4006381333931")
    assert await scanner.read() == Scan("4006381333931", None)

    await hand.send(b"40063813")

    assert isinstance(await scanner.read(), BadFrame)
    await hand.scan("4006381333931")
    assert await scanner.read() == Scan("4006381333931", None)


async def test_a_scanner_that_pauses_in_the_middle_and_ends_its_frames_is_waited_for(
    hand: Hand, scanner: Scanner
) -> None:
    await hand.scan("next")
    await scanner.read()
    reading = asyncio.create_task(scanner.read())
    await hand.send(b"40063813")
    await asyncio.sleep(0.1)

    await hand.send(b"33931\r")

    assert await reading == Scan("4006381333931", None)


async def test_a_scanner_whose_suffix_is_switched_off_is_read_again(hand: Hand, scanner: Scanner) -> None:
    await hand.scan("next")
    await scanner.read()
    await hand.send(b"4006381333931")
    assert isinstance(await scanner.read(), BadFrame)

    await hand.send(b"4006381333931")

    assert await scanner.read() == Scan("4006381333931", None)


async def test_a_cancelled_read_loses_nothing(hand: Hand, scanner: Scanner) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(scanner.read(), timeout=0.02)
    await hand.send(b"400638133")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(scanner.read(), timeout=0.02)
    await hand.send(b"3931\r")

    assert await scanner.read() == Scan("4006381333931", None)


async def test_unplugging_ends_the_read_and_plugging_in_works_at_the_same_path(hand: Hand, scanner: Scanner) -> None:
    reading = asyncio.create_task(scanner.read())
    await asyncio.sleep(0.01)

    hand.unplug()
    with pytest.raises(DeviceDisconnected):
        await asyncio.wait_for(reading, timeout=1)
    with pytest.raises(DeviceDisconnected):
        await scanner.open()
    hand.plug()
    await scanner.open()
    await hand.scan("4006381333931")

    assert await scanner.read() == Scan("4006381333931", None)


async def test_a_torn_frame_is_not_joined_to_the_first_after_reconnecting(hand: Hand, scanner: Scanner) -> None:
    await hand.send(b"12345")
    reading = asyncio.create_task(scanner.read())
    await asyncio.sleep(0.01)
    hand.unplug()
    with pytest.raises(DeviceDisconnected):
        await reading

    hand.plug()
    await scanner.open()
    await hand.scan("678")

    assert await scanner.read() == Scan("678", None)


async def test_closing_wakes_whoever_reads(scanner: Scanner) -> None:
    reading = asyncio.create_task(scanner.read())
    await asyncio.sleep(0.01)

    await scanner.close()

    with pytest.raises(DeviceDisconnected):
        await asyncio.wait_for(reading, timeout=1)


async def test_a_second_program_cannot_take_the_line(line: SimulatedScanner) -> None:
    driver = driver_for(line)
    await driver.open()

    with pytest.raises(DeviceDisconnected):
        await SerialPort(str(line.path)).open()
    await driver.close()


async def test_a_missing_scanner_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="scanner7"):
        await SerialPort(str(tmp_path / "scanner7")).open()


async def test_a_simulated_scan_that_nobody_hears_is_an_error(line: SimulatedScanner) -> None:
    with pytest.raises(DeviceDisconnected, match="nobody listens"):
        await line.scan("4006381333931")


async def test_a_simulated_scan_waits_for_a_listener(hand: Hand) -> None:
    driver = driver_for(hand)
    scanning = asyncio.create_task(hand.scan("4006381333931"))
    await asyncio.sleep(0.03)

    await driver.open()

    assert await asyncio.wait_for(driver.read(), timeout=1) == Scan("4006381333931", None)
    await scanning
    await driver.close()


async def test_a_recorded_script_is_read_like_a_line() -> None:
    scanner = SerialScanner(ScriptedPort([b"]E040063", b"81333931", 0.1, b"next\r"]))

    assert await scanner.read() == Scan("4006381333931", "EAN-13/UPC")
    assert await scanner.read() == Scan("next", None)
    with pytest.raises(DeviceDisconnected):
        await scanner.read()
