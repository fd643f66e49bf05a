"""A virtual printer on the table and the driver that speaks to it, with waits short enough for a test."""

from collections.abc import AsyncIterator

import pytest

from devices.ports.tcp import TcpPort
from devices.printers.escpos import EscposPrinter, Patience
from devices.printers.simulated import VirtualPrinter

SHORT = Patience(status_s=0.2, progress_s=0.2, confirm_s=0.3)


@pytest.fixture(params=["confirms by process id", "confirms in order"])
async def table(request: pytest.FixtureRequest) -> AsyncIterator[VirtualPrinter]:
    async with VirtualPrinter(answers_process_ids=request.param == "confirms by process id") as printer:
        yield printer


@pytest.fixture
async def printer(table: VirtualPrinter) -> AsyncIterator[EscposPrinter]:
    driver = EscposPrinter(TcpPort(table.host, table.port), confirms=table.answers_process_ids, patience=SHORT)
    yield driver
    await driver.close()
