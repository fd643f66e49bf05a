"""The closed list of drivers, and what a node's configuration may say about each."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from devices.drawers.interface import Drawer
from devices.drawers.printer_drawer import PrinterDrawerSettings, open_drawer
from devices.printers.escpos import EscposPrinterSettings, open_printer
from devices.printers.interface import Printer
from devices.scanners.interface import Scanner
from devices.scanners.serial_scanner import SerialScannerSettings, open_scanner
from devices.scanners.wedge_scanner import WedgeScannerSettings
from devices.scanners.wedge_scanner import open_scanner as open_wedge_scanner
from shared.errors import Misconfigured

Device = Scanner | Printer | Drawer


def make_of(settings: Any) -> str:
    """Return which driver an entry of the configuration asks for, such as "scanner serial"."""
    if isinstance(settings, Mapping):
        return f"{settings.get('kind')} {settings.get('make')}"
    return f"{settings.kind} {settings.make}"


DeviceSettings = Annotated[
    Annotated[SerialScannerSettings, Tag("scanner serial")]
    | Annotated[WedgeScannerSettings, Tag("scanner wedge")]
    | Annotated[EscposPrinterSettings, Tag("printer escpos")]
    | Annotated[PrinterDrawerSettings, Tag("drawer printer")],
    Discriminator(make_of),
]

# A new make is a new row. A drawer's factory also takes `printer`, the one it is plugged into. No factory touches
# hardware: a device that is away is found out when it is used.
DRIVERS: Mapping[tuple[str, str], Callable[..., Device]] = {
    ("scanner", "serial"): open_scanner,
    ("scanner", "wedge"): open_wedge_scanner,
    ("printer", "escpos"): open_printer,
    ("drawer", "printer"): open_drawer,
}


def build(settings: DeviceSettings, printers: Mapping[str, Printer]) -> Device:
    """Return the device that one entry of the configuration describes.

    printers: those built before, by name. Raises Misconfigured when a drawer hangs on a printer that is not there.
    """
    factory = DRIVERS[settings.kind, settings.make]
    if not isinstance(settings, PrinterDrawerSettings):
        return factory(settings)
    if settings.printer not in printers:
        raise Misconfigured(problem=f"drawer {settings.name!r} names the unknown printer {settings.printer!r}")
    return factory(settings, printer=printers[settings.printer])
