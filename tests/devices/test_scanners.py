"""What every scanner promises, over a real serial line (a pseudo-terminal)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.errors import BadFrame, DeviceDisconnected, DeviceError
from devices.ports.scripted import ScriptedPort
from devices.ports.serial import SerialPort
from devices.scanners.interface import Scan
from devices.scanners.serial_scanner import SerialScanner
from devices.scanners.simulated import SimulatedScanner


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[SimulatedScanner]:
    scanner = SimulatedScanner(tmp_path, listener_wait_s=0.2)
    yield scanner
    scanner.unplug()


@pytest.fixture
async def scanner(hand: SimulatedScanner) -> AsyncIterator[SerialScanner]:
    driver = SerialScanner(SerialPort(str(hand.path)))
    await driver.open()
    yield driver
    await driver.close()


async def test_a_scan_arrives_with_its_text_and_symbology(hand: SimulatedScanner, scanner: SerialScanner) -> None:
    await hand.scan("4006381333931")
    await hand.scan("https://example.test/01/09521234543213", symbology="QR")

    assert await scanner.read() == Scan("4006381333931", None)
    assert await scanner.read() == Scan("https://example.test/01/09521234543213", "QR")


async def test_every_byte_arrives_as_it_was_sent(hand: SimulatedScanner, scanner: SerialScanner) -> None:
    await hand.send(b"a\x1db~\\ \xc3\xa9\n")

    assert await scanner.read() == Scan("a\x1db~\\ é", None)


async def test_a_bad_frame_is_told_and_reading_goes_on(hand: SimulatedScanner, scanner: SerialScanner) -> None:
    await hand.send(b"\x00garbage\r4006381333931\r")

    assert isinstance(await scanner.read(), BadFrame)
    assert await scanner.read() == Scan("4006381333931", None)


async def test_a_scanner_without_suffix_is_read_after_a_pause(hand: SimulatedScanner, scanner: SerialScanner) -> None:
    await hand.send(b"40063813")
    reading = asyncio.create_task(scanner.read())
    await asyncio.sleep(0.01)
    await hand.send(b"33931")

    assert await reading == Scan("4006381333931", None)


async def test_a_cancelled_read_loses_nothing(hand: SimulatedScanner, scanner: SerialScanner) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(scanner.read(), timeout=0.02)
    await hand.send(b"400638133")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(scanner.read(), timeout=0.02)
    await hand.send(b"3931\r")

    assert await scanner.read() == Scan("4006381333931", None)


async def test_unplugging_ends_the_read_and_plugging_in_works_at_the_same_path(
    hand: SimulatedScanner, scanner: SerialScanner
) -> None:
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


async def test_a_torn_frame_is_not_joined_to_the_first_after_reconnecting(
    hand: SimulatedScanner, scanner: SerialScanner
) -> None:
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


async def test_closing_wakes_whoever_reads(scanner: SerialScanner) -> None:
    reading = asyncio.create_task(scanner.read())
    await asyncio.sleep(0.01)

    await scanner.close()

    with pytest.raises(DeviceDisconnected):
        await asyncio.wait_for(reading, timeout=1)


async def test_a_second_program_cannot_take_the_line(hand: SimulatedScanner, scanner: SerialScanner) -> None:
    with pytest.raises(DeviceDisconnected):
        await SerialPort(str(hand.path)).open()


async def test_a_missing_scanner_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="scanner7"):
        await SerialPort(str(tmp_path / "scanner7")).open()


async def test_a_simulated_scan_that_nobody_hears_is_an_error(hand: SimulatedScanner) -> None:
    with pytest.raises(DeviceDisconnected, match="nobody listens"):
        await hand.scan("4006381333931")


async def test_a_simulated_scan_waits_for_a_listener(hand: SimulatedScanner) -> None:
    driver = SerialScanner(SerialPort(str(hand.path)))
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
