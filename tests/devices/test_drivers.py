"""The closed list of drivers and its settings."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from devices.drawers.printer_drawer import PrinterDrawer
from devices.drivers import DRIVERS, DeviceSettings, build
from devices.ports.port import Port
from devices.ports.serial import SerialPort
from devices.ports.tcp import TcpPort
from devices.ports.usb_printer import UsbPrinterPort
from devices.printers.escpos import EscposPrinter
from devices.rfid.llrp import LlrpReader
from devices.rfid.mqtt_reader import MqttReader
from devices.scales.cas import CasScale
from devices.scanners.serial_scanner import SerialScanner
from shared.errors import Misconfigured

SETTINGS: TypeAdapter[DeviceSettings] = TypeAdapter(DeviceSettings)
SCANNER = {"kind": "scanner", "make": "serial", "name": "scanner0", "path": "/dev/store/scanner0"}
PRINTER = {"kind": "printer", "make": "escpos", "name": "till", "host": "10.0.0.9", "port": 9100}
SCALE = {"kind": "scale", "make": "cas", "name": "scale0"}
GATE = {"kind": "rfid", "make": "llrp", "name": "gate", "host": "10.0.0.7"}
HEARD = {"kind": "rfid", "make": "mqtt", "name": "door", "dialect": "zebra", "topic": "store/door"}
DRAWER = {"kind": "drawer", "make": "printer", "name": "cash", "printer": "till"}


def test_each_entry_of_a_configuration_becomes_its_device() -> None:
    printer = build(SETTINGS.validate_python(PRINTER), {})
    assert isinstance(printer, EscposPrinter)
    assert printer.port.address == "10.0.0.9:9100"

    drawer = build(SETTINGS.validate_python(DRAWER), {"till": printer})
    assert drawer == PrinterDrawer(printer)

    scanner = build(SETTINGS.validate_python(SCANNER), {})
    assert isinstance(scanner, SerialScanner)
    assert scanner.port.address == "/dev/store/scanner0"

    for place, address in (({"path": "/dev/store/scale0"}, "/dev/store/scale0"), ({"host": "a", "port": 1}, "a:1")):
        scale = build(SETTINGS.validate_python({**SCALE, **place}), {})
        assert isinstance(scale, CasScale)
        assert scale.port.address == address

    assert isinstance(build(SETTINGS.validate_python(GATE), {}), LlrpReader)
    assert isinstance(build(SETTINGS.validate_python(HEARD), {}), MqttReader)


@pytest.mark.parametrize(
    ("where", "port"),
    [
        ({}, TcpPort("127.0.0.1", 9100)),
        ({"path": "usb:04b8:0e15:P9"}, UsbPrinterPort("usb:04b8:0e15:P9")),
        ({"path": "/dev/ttyS0", "baud": 19_200}, SerialPort("/dev/ttyS0", 19_200, "rts_cts")),
        ({"path": "/dev/ttyS0", "baud": 9_600, "flow": "none"}, SerialPort("/dev/ttyS0", 9_600)),
    ],
)
def test_a_printer_hangs_on_the_network_on_usb_or_on_a_line(where: dict[str, Any], port: Port) -> None:
    printer = build(SETTINGS.validate_python({"kind": "printer", "make": "escpos", "name": "till", **where}), {})

    assert isinstance(printer, EscposPrinter)
    assert printer.port == port


def test_a_wedge_is_a_scanner_too() -> None:
    entry = {"kind": "scanner", "make": "wedge", "name": "hand", "path": "usb:05e0:1200:K1", "layout": "de"}

    assert isinstance(build(SETTINGS.validate_python(entry), {}), SerialScanner)


def models_in(union: Any) -> Iterator[Any]:
    """Yield the models of a union, of those inside it too."""
    if hasattr(union, "model_fields"):
        yield union
    for member in get_args(union):
        yield from models_in(member)


def test_every_settings_model_has_a_driver_and_every_driver_its_settings() -> None:
    models = list(models_in(DeviceSettings))
    named = {
        (get_args(model.model_fields["kind"].annotation)[0], get_args(model.model_fields["make"].annotation)[0])
        for model in models
    }

    assert named == DRIVERS.keys()


@pytest.mark.parametrize(
    "entry",
    [
        {**SCANNER, "baud": 0},
        {**SCANNER, "colour": "red"},
        {**PRINTER, "port": "9100"},
        {**PRINTER, "columns": 40},
        {**PRINTER, "make": "star"},
        {**DRAWER, "kind": "door"},
        {**SCALE, "make": "kitchen", "path": "/dev/store/scale0"},
        SCALE,  # nowhere
        {**SCALE, "path": "/dev/store/scale0", "host": "10.0.0.9", "port": 4001},
        {**SCALE, "host": "10.0.0.9"},
        {**GATE, "inventory": {"power_cdbm": 30.5}},
        {**GATE, "identity": "no hex"},
        {**GATE, "make": "impinj"},  # without a certificate and a password
        {**HEARD, "topic": "store/#"},
        {**HEARD, "silence_s": 15.0},  # of what?
    ],
)
def test_a_mistake_in_an_entry_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SETTINGS.validate_python(entry)


def test_a_drawer_on_a_printer_that_is_not_there_is_refused() -> None:
    with pytest.raises(Misconfigured, match="till"):
        build(SETTINGS.validate_python(DRAWER), {})


def test_the_list_of_drivers_loads_without_the_libraries_that_are_slow_to_load() -> None:
    slow = {"escpos", "PIL", "serial", "aiohttp", "aiomqtt"}
    check = f"import sys, devices.drivers; print({slow} & sys.modules.keys())"

    loaded = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "set()"
