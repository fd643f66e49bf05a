"""What every port promises, on a TCP connection whose other side reads nothing."""

import asyncio
import os
import termios
import tty
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest

from devices.errors import DeviceDisconnected, DeviceSilent
from devices.ports.serial import Flow, SerialPort
from devices.ports.tcp import TcpPort
from devices.printers.simulated import VirtualPrinter

CHUNK = b"x" * 4096
RECEIVED_BYTES_MAX = 4096  # what a line of the kernel's holds for its reader
CHUNKS_MAX = 100  # 400 KB: more than the kernel may hold for a device that does not read


@pytest.fixture
async def deaf() -> AsyncIterator[VirtualPrinter]:
    async with VirtualPrinter() as printer:
        printer.freeze()
        yield printer


@pytest.fixture
async def port(deaf: VirtualPrinter) -> AsyncIterator[TcpPort]:
    port = TcpPort(deaf.host, deaf.port)
    await port.open()
    yield port
    await port.close()


async def test_a_write_waits_for_the_kernel_and_gives_up_in_time(port: TcpPort) -> None:
    writer = port._writer
    assert writer is not None
    waiting_bytes: list[int] = []

    async def write_on() -> None:
        for _ in range(CHUNKS_MAX):
            await port.write(CHUNK, timeout_s=0.1)
            waiting_bytes.append(writer.transport.get_write_buffer_size())

    with pytest.raises(DeviceSilent):
        await write_on()
    assert set(waiting_bytes) == {0}
    assert len(waiting_bytes) < CHUNKS_MAX


async def test_a_link_the_other_side_drops_ends_the_read(deaf: VirtualPrinter, port: TcpPort) -> None:
    reading = asyncio.create_task(port.read())
    await asyncio.sleep(0.01)

    deaf.cut_link()

    with pytest.raises(DeviceDisconnected):
        await asyncio.wait_for(reading, timeout=1)


async def test_a_closed_port_says_so_and_opens_again(port: TcpPort) -> None:
    await port.close()
    await port.close()

    with pytest.raises(DeviceDisconnected):
        await port.read()
    with pytest.raises(DeviceDisconnected):
        await port.write(b"x", timeout_s=0.1)
    await port.open()
    await port.write(b"x", timeout_s=0.1)


async def test_a_device_that_is_not_there_says_where_it_was_looked_for(deaf: VirtualPrinter) -> None:
    await deaf.power_off()

    with pytest.raises(DeviceDisconnected, match=f"127.0.0.1:{deaf.port}"):
        await TcpPort(deaf.host, deaf.port).open()


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    """A serial line: the device's end, and the path of ours."""
    device, ours = os.openpty()
    tty.setraw(ours)
    yield device, os.ttyname(ours)
    os.close(ours)
    os.close(device)


async def test_a_line_that_is_given_up_keeps_nothing_for_a_device_that_took_no_more(line: tuple[int, str]) -> None:
    device, path = line
    port = SerialPort(path)
    await port.open()
    with suppress(DeviceSilent):
        await port.write(CHUNK * CHUNKS_MAX, timeout_s=0.1)

    await port.close()

    # What the device's side has received is there; for the rest, a real line would have kept us waiting.
    os.set_blocking(device, False)
    received = 0
    with suppress(BlockingIOError):
        while True:
            received += len(os.read(device, 65_536))
    assert received <= RECEIVED_BYTES_MAX


async def test_a_device_whose_buffer_is_full_stops_the_line_and_nothing_is_lost(line: tuple[int, str]) -> None:
    device, path = line
    port = SerialPort(path, flow="xon_xoff")
    await port.open()
    os.write(device, b"\x13")  # XOFF
    await asyncio.sleep(0.02)
    writing = asyncio.create_task(port.write(b"receipt", timeout_s=5.0))
    await asyncio.sleep(0.1)
    is_waiting = not writing.done()

    os.write(device, b"\x11")  # XON
    await writing

    assert is_waiting
    assert os.read(device, 100) == b"receipt"
    await port.close()


@pytest.mark.parametrize(("flow", "is_watched"), [("none", False), ("rts_cts", True)])
async def test_a_line_watches_cts_where_it_is_told_to(line: tuple[int, str], flow: Flow, is_watched: bool) -> None:
    _, path = line
    port = SerialPort(path, flow=flow)
    await port.open()

    looking = os.open(path, os.O_RDWR | os.O_NOCTTY)
    modes = termios.tcgetattr(looking)[2]
    os.close(looking)

    assert bool(modes & termios.CRTSCTS) is is_watched
    await port.close()
