"""A virtual printer on the table and the driver that speaks to it, with waits short enough for a test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.ports.port import Port
from devices.ports.serial import SerialPort
from devices.ports.tcp import TcpPort
from devices.ports.usb_printer import UsbPrinterPort
from devices.printers.escpos import EscposPrinter, Patience
from devices.printers.simulated import VirtualPrinter
from devices.printers.simulated_cable import SimulatedCable

SHORT = Patience(status_s=0.6, progress_s=0.4, confirm_s=0.6)


@pytest.fixture(params=["confirms by process id", "confirms in order"])
async def table(request: pytest.FixtureRequest) -> AsyncIterator[VirtualPrinter]:
    async with VirtualPrinter(answers_process_ids=request.param == "confirms by process id") as printer:
        yield printer


@pytest.fixture(params=["network", "serial", "usb"])
async def cable(
    request: pytest.FixtureRequest, table: VirtualPrinter, tmp_path: Path
) -> AsyncIterator[SimulatedCable | None]:
    """The device file that the printer is plugged into; None on the network."""
    if request.param == "network":
        yield None
        return
    async with SimulatedCable(table, tmp_path, "lp0" if request.param == "usb" else "ttyUSB0") as cable:
        yield cable


@pytest.fixture
async def printer(table: VirtualPrinter, cable: SimulatedCable | None) -> AsyncIterator[EscposPrinter]:
    port: Port = TcpPort(table.host, table.port)
    if cable:
        make = UsbPrinterPort if cable.name == "lp0" else SerialPort
        port = make(str(cable.path))
    driver = EscposPrinter(port, confirms=table.answers_process_ids, patience=SHORT)
    yield driver
    await driver.close()
