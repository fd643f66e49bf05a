"""What every drawer promises."""

import pytest

from devices.drawers.printer_drawer import PrinterDrawer
from devices.drawers.simulated import SimulatedDrawer
from devices.errors import DeviceDisconnected
from devices.printers.escpos import EscposPrinter
from devices.printers.simulated import VirtualPrinter


async def test_opening_the_drawer_kicks_it_once(table: VirtualPrinter, printer: EscposPrinter) -> None:
    await PrinterDrawer(printer).open("cash sale")

    assert table.drawer_kicks == 1


async def test_a_drawer_whose_printer_is_off_says_so(table: VirtualPrinter, printer: EscposPrinter) -> None:
    await table.power_off()

    with pytest.raises(DeviceDisconnected):
        await PrinterDrawer(printer).open("cash sale")


async def test_a_simulated_drawer_remembers_why_it_was_opened() -> None:
    drawer = SimulatedDrawer()

    await drawer.open("cash sale")
    await drawer.open("count")

    assert drawer.reasons == ["cash sale", "count"]
