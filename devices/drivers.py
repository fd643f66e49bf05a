"""The closed list of drivers, and what a node's configuration may say about each."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, cast

from pydantic import Discriminator, Tag

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
from devices.rfid.impinj import ImpinjSettings, open_impinj
from devices.rfid.interface import TagReader
from devices.rfid.llrp import LlrpSettings, open_llrp
from devices.rfid.mqtt_reader import MqttSettings, open_mqtt
from devices.scales.cas import CasScaleSettings, open_cas_scale
from devices.scales.interface import Scale
from devices.scales.mt_sics import MtSicsScaleSettings, open_mt_sics_scale
from devices.scales.toledo import ToledoScaleSettings, open_toledo_scale
from devices.scanners.interface import Scanner
from devices.scanners.serial_scanner import SerialScannerSettings, open_scanner
from devices.scanners.wedge_scanner import WedgeScannerSettings
from devices.scanners.wedge_scanner import open_scanner as open_wedge_scanner
from shared.errors import Misconfigured

Device = Scanner | Printer | Drawer | Scale | CardReader | Display | CardTerminal | TagReader


def make_of(settings: Any) -> str:
    """Return which driver an entry of the configuration asks for, such as "scanner serial"."""
    if isinstance(settings, Mapping):
        return f"{settings.get('kind')} {settings.get('make')}"
    return f"{settings.kind} {settings.make}"


DeviceSettings = Annotated[
    Annotated[SerialScannerSettings, Tag("scanner serial")]
    | Annotated[WedgeScannerSettings, Tag("scanner wedge")]
    | Annotated[EscposPrinterSettings, Tag("printer escpos")]
    | Annotated[PrinterDrawerSettings, Tag("drawer printer")]
    | Annotated[ToledoScaleSettings, Tag("scale toledo")]
    | Annotated[CasScaleSettings, Tag("scale cas")]
    | Annotated[MtSicsScaleSettings, Tag("scale mt_sics")]
    | Annotated[PcscReaderSettings, Tag("card_reader pcsc")]
    | Annotated[EscposDisplaySettings, Tag("display escpos")]
    | Annotated[SimulatedTerminalSettings, Tag("card_terminal simulated")]
    | Annotated[LlrpSettings, Tag("rfid llrp")]
    | Annotated[ImpinjSettings, Tag("rfid impinj")]
    | Annotated[MqttSettings, Tag("rfid mqtt")],
    Discriminator(make_of),
]

# A new make is a new row. A drawer's factory also takes `printer`, the one it is plugged into. No factory touches
# hardware: a device that is away is found out when it is used.
DRIVERS: Mapping[tuple[str, str], Callable[..., Device]] = {
    ("scanner", "serial"): open_scanner,
    ("scanner", "wedge"): open_wedge_scanner,
    ("printer", "escpos"): open_printer,
    ("drawer", "printer"): open_drawer,
    ("scale", "toledo"): open_toledo_scale,
    ("scale", "cas"): open_cas_scale,
    ("scale", "mt_sics"): open_mt_sics_scale,
    ("card_reader", "pcsc"): open_pcsc_reader,
    ("display", "escpos"): open_display,
    ("card_terminal", "simulated"): open_simulated_terminal,
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


def build_all(entries: Sequence[DeviceSettings]) -> dict[str, Device]:
    """Return every device of a configuration by its name. Raises Misconfigured as `build` does."""
    devices: dict[str, Device] = {}
    printers: dict[str, Printer] = {}
    for settings in sorted(entries, key=lambda entry: entry.kind != "printer"):  # drawers hang on them
        device = devices[settings.name] = build(settings, printers)
        if settings.kind == "printer":
            printers[settings.name] = cast("Printer", device)
    return devices


def address_of(settings: DeviceSettings) -> str:
    """Return where a person finds the device: a path or identity, host:port, or the printer that it hangs on."""
    told = settings.model_dump()
    if path := told.get("path") or told.get("printer"):
        return str(path)
    return f"{told['host']}:{told['port']}" if "host" in told else ""
