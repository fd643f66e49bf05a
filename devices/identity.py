"""What stays the same of a device that is plugged in again: its serial number, or else the socket it is plugged into.

The kernel numbers device files in the order in which they appear, so `/dev/ttyACM0` is another scanner tomorrow. An
identity is written `usb:0c2e:0b61:SERIAL` where the device has a serial number of its own, and `usb:0c2e:0b61@1-1.4`,
with the path of its socket, where it has none or shares it with its twin.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SYS = Path("/sys")
DEV = Path("/dev")
IDENTITY = re.compile(
    r"usb:(?P<vendor>[0-9a-f]{4}):(?P<product>[0-9a-f]{4})(?::(?P<serial>[!-~]+)|@(?P<socket>\d+-[\d.]+))"
)
SERIAL = re.compile(r"[!-?A-~]+")  # no "@": it marks a socket

NodeClass = Literal["tty", "usbmisc", "input"]  # of sysfs: serial lines, printers, keyboards


@dataclass(frozen=True, slots=True)
class Identity:
    """A USB device. socket: where it is plugged in; 1-1.4 is the fourth socket of the hub in the first one of bus 1."""

    vendor: str  # four hex digits
    product: str
    serial: str | None
    socket: str

    def text(self, *, by_socket: bool = False) -> str:
        """Return the identity as settings name it. by_socket: another device has the same serial number."""
        model = f"usb:{self.vendor}:{self.product}"
        return f"{model}@{self.socket}" if by_socket or self.serial is None else f"{model}:{self.serial}"


@dataclass(frozen=True, slots=True)
class Node:
    """A device file, and the USB device behind it; None for what is soldered to the board."""

    path: str
    sysfs: Path
    identity: Identity | None
    title: str  # what the device calls itself


def nodes(node_class: NodeClass, sys: Path = SYS, dev: Path = DEV) -> Iterator[Node]:
    """Yield the device files of a class that exist now, in order of name."""
    for entry in sorted((sys / "class" / node_class).glob("*")):
        usb = usb_device(entry.resolve())
        folder = {"input": "input", "usbmisc": "usb", "tty": ""}[node_class]
        path = str(dev / folder / entry.name)
        if usb is None:
            yield Node(path, entry, None, entry.name)
            continue
        serial = text_of(usb / "serial")
        identity = Identity(
            vendor=text_of(usb / "idVendor"),
            product=text_of(usb / "idProduct"),
            serial=serial if SERIAL.fullmatch(serial) else None,
            socket=usb.name,
        )
        title = " ".join(part for part in (text_of(usb / "manufacturer"), text_of(usb / "product")) if part)
        yield Node(path, entry, identity, title or entry.name)


def usb_device(entry: Path) -> Path | None:
    """Return the USB device that an entry of sysfs belongs to."""
    return next((folder for folder in entry.parents if (folder / "idVendor").is_file()), None)


def text_of(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""


def locate(path: str, node_class: NodeClass, sys: Path = SYS, dev: Path = DEV) -> str:
    """Return where a device is now. path: an identity, or a path that is returned as it is.

    Raises FileNotFoundError when no such device is plugged in, or when two are that the identity does not tell apart.
    """
    wanted = IDENTITY.fullmatch(path)
    if wanted is None:
        return path
    found = [node.path for node in nodes(node_class, sys, dev) if node.identity and is_meant(node.identity, wanted)]
    if len(found) == 1:
        return found[0]
    problem = f"{len(found)} devices are {path}: name the socket" if found else f"no {path} is plugged in"
    raise FileNotFoundError(problem)


def is_meant(identity: Identity, wanted: re.Match[str]) -> bool:
    if (identity.vendor, identity.product) != (wanted["vendor"], wanted["product"]):
        return False
    return identity.socket == wanted["socket"] if wanted["socket"] else identity.serial == wanted["serial"]
