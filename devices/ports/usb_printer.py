"""A printer on USB, as the kernel's `usblp` driver offers it: `/dev/usb/lp0`."""

import io
import os
from dataclasses import dataclass
from typing import ClassVar

from devices.identity import NodeClass
from devices.ports.character_device import OPEN_FLAGS, CharacterDevice


@dataclass(slots=True)
class UsbPrinterPort(CharacterDevice):
    """Both ways. The driver lets one program in at a time; with the paper out, a write finds no room."""

    node_class: ClassVar[NodeClass] = "usbmisc"
    ends_empty: ClassVar[bool] = False  # a USB packet without bytes is no end

    def open_file(self, path: str) -> io.FileIO:
        return io.FileIO(os.open(path, os.O_RDWR | OPEN_FLAGS), "r+")
