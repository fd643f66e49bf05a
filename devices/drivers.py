"""The closed list of drivers, and what a node's configuration may say about each."""

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field

from devices.card_readers.interface import CardReader
from devices.card_readers.pcsc import PcscReaderSettings, open_pcsc_reader
from devices.card_terminals.interface import CardTerminal
from devices.card_terminals.json_lines import SimulatedTerminalSettings, open_simulated_terminal
from devices.displays.escpos import EscposDisplaySettings, open_display
from devices.displays.interface import Display
from devices.drawers.interface import Drawer
from devices.drawers.printer_drawer import PrinterDrawerSettings, open_drawer
from devices.printers.escpos import EscposPrinterSettings, open_printer
from devices.printers.interface import Printer
from devices.scales.cas import CasScaleSettings, open_cas_scale
from devices.scales.interface import Scale
from devices.scales.mt_sics import MtSicsScaleSettings, open_mt_sics_scale
from devices.scales.toledo import ToledoScaleSettings, open_toledo_scale
from devices.scanners.interface import Scanner
from devices.scanners.serial_scanner import SerialScannerSettings, open_scanner
from shared.errors import Misconfigured

Device = Scanner | Printer | Drawer | Scale | CardReader | Display | CardTerminal
ScaleSettings = Annotated[ToledoScaleSettings | CasScaleSettings | MtSicsScaleSettings, Field(discriminator="make")]
DeviceSettings = Annotated[
    SerialScannerSettings
    | EscposPrinterSettings
    | PrinterDrawerSettings
    | ScaleSettings
    | PcscReaderSettings
    | EscposDisplaySettings
    | SimulatedTerminalSettings,
    Field(discriminator="kind"),
]

# A new make is a new row. A drawer's factory also takes `printer`, the one it is plugged into. No factory touches
# hardware: a device that is away is found out when it is used.
DRIVERS: Mapping[tuple[str, str], Callable[..., Device]] = {
    ("scanner", "serial"): open_scanner,
    ("printer", "escpos"): open_printer,
    ("drawer", "printer"): open_drawer,
    ("scale", "toledo"): open_toledo_scale,
    ("scale", "cas"): open_cas_scale,
    ("scale", "mt_sics"): open_mt_sics_scale,
    ("card_reader", "pcsc"): open_pcsc_reader,
    ("display", "escpos"): open_display,
    ("card_terminal", "simulated"): open_simulated_terminal,
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
