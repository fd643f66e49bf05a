"""Scanners that act as a keyboard. A serial line is safer: a keyboard checks nothing, and may lose GS1 separators."""

from dataclasses import dataclass, field
from typing import Literal

from devices.ports.port import Port
from devices.ports.usb_hid import KeyboardPort
from devices.scanners.key_events import Keys, Layout
from devices.scanners.serial_scanner import Separator, SerialScanner
from shared.model.strict import Code, Name, Strict


class WedgeScannerSettings(Strict):
    """One keyboard-wedge scanner of a node."""

    kind: Literal["scanner"]
    make: Literal["wedge"]
    name: Code
    path: Name  # an identity, or a stable name: "/dev/input/by-id/…-event-kbd"
    layout: Layout = "us"  # the country that the scanner is set to
    separator: Separator = ""
    lane: Code = "kiosk"  # whose basket the scans go to


@dataclass(slots=True)
class TypedPort:
    """A keyboard's port, as if what it typed had come over a line."""

    keyboard: Port
    layout: Layout
    _keys: Keys = field(init=False)

    def __post_init__(self) -> None:
        self._keys = Keys(self.layout)

    @property
    def address(self) -> str:
        return self.keyboard.address

    async def open(self) -> None:
        self._keys = Keys(self.layout)
        await self.keyboard.open()

    async def read(self) -> bytes:
        while not (text := self._keys.feed(await self.keyboard.read())):
            pass
        return text

    async def write(self, data: bytes, timeout_s: float) -> None:
        await self.keyboard.write(data, timeout_s)

    async def close(self) -> None:
        await self.keyboard.close()


def open_scanner(settings: WedgeScannerSettings) -> SerialScanner:
    return SerialScanner(TypedPort(KeyboardPort(settings.path), settings.layout), settings.separator)
