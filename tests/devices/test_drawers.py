"""What every drawer promises."""

import pytest

from devices.drawers.printer_drawer import PrinterDrawer, Switch
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
    assert await drawer.state() == "open"
    drawer.is_open = False
    assert await drawer.state() == "closed"


@pytest.mark.parametrize(
    ("switch", "states"),
    [
        ("high_is_open", ["closed", "open", "closed"]),
        ("low_is_open", ["open", "closed", "open"]),
        ("not_wired", ["unknown"] * 3),
    ],
)
async def test_the_switch_says_what_the_drawer_does_by_its_polarity(
    table: VirtualPrinter, printer: EscposPrinter, switch: Switch, states: list[str]
) -> None:
    drawer = PrinterDrawer(printer, switch)

    seen = [await drawer.state()]
    await drawer.open("cash sale")
    seen.append(await drawer.state())
    table.close_drawer()
    seen.append(await drawer.state())

    assert seen == states


async def test_the_state_of_a_drawer_whose_printer_is_off_is_not_guessed(
    table: VirtualPrinter, printer: EscposPrinter
) -> None:
    await table.power_off()

    with pytest.raises(DeviceDisconnected):
        await PrinterDrawer(printer, "high_is_open").state()
