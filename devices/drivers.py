"""The closed list of drivers, and what a node's configuration may say about each."""

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field

from devices.drawers.interface import Drawer
from devices.drawers.printer_drawer import PrinterDrawerSettings, open_drawer
from devices.printers.escpos import EscposPrinterSettings, open_printer
from devices.printers.interface import Printer
from devices.rfid.impinj import ImpinjSettings, open_impinj
from devices.rfid.interface import TagReader
from devices.rfid.llrp import LlrpSettings, open_llrp
from devices.rfid.mqtt_reader import MqttSettings, open_mqtt
from devices.scanners.interface import Scanner
from devices.scanners.serial_scanner import SerialScannerSettings, open_scanner
from shared.errors import Misconfigured

Device = Scanner | Printer | Drawer | TagReader
RfidSettings = Annotated[LlrpSettings | ImpinjSettings | MqttSettings, Field(discriminator="make")]
DeviceSettings = Annotated[
    SerialScannerSettings | EscposPrinterSettings | PrinterDrawerSettings | RfidSettings,
    Field(discriminator="kind"),
]

# A new make is a new row. A drawer's factory also takes `printer`, the one it is plugged into. No factory touches
# hardware: a device that is away is found out when it is used.
DRIVERS: Mapping[tuple[str, str], Callable[..., Device]] = {
    ("scanner", "serial"): open_scanner,
    ("printer", "escpos"): open_printer,
    ("drawer", "printer"): open_drawer,
    ("rfid", "llrp"): open_llrp,
    ("rfid", "impinj"): open_impinj,
    ("rfid", "mqtt"): open_mqtt,
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
