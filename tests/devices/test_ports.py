"""What every port promises, on a TCP connection whose other side reads nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from devices.errors import DeviceDisconnected, DeviceSilent
from devices.ports.tcp import TcpPort
from devices.printers.simulated import VirtualPrinter

CHUNK = b"x" * 4096
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
