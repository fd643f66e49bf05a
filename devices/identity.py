"""What stays the same of a device that is plugged in again: its serial number, or else the socket it is plugged into.

The kernel numbers device files in the order in which they appear, so `/dev/ttyACM0` is another scanner tomorrow. An
identity is written `usb:0c2e:0b61:SERIAL` where the device has a serial number of its own, and `usb:0c2e:0b61@1-1.4`,
with the path of its socket, where it has none or shares it with its twin. Adapters with several lines in one socket
write the line's number behind it: `usb:0403:6011@1-1.4:1.2`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SYS = Path("/sys")
DEV = Path("/dev")
IDENTITY = re.compile(
    r"usb:(?P<vendor>[0-9a-f]{4}):(?P<product>[0-9a-f]{4})(?::(?P<serial>[!-~]+)|@(?P<socket>\d+-[\d.]+)(?::(?P<line>\d+\.\d+))?)"
)
SERIAL = re.compile(r"[!-?A-~]+")  # no "@": it marks a socket
LETTER_KEYS = range(16, 26)  # Q to P: a keyboard has them, a power button has not

NodeClass = Literal["tty", "usbmisc", "input"]  # of sysfs: serial lines, printers, keyboards


@dataclass(frozen=True, slots=True)
class Identity:
    """A USB device. socket: where it is plugged in; 1-1.4 is the fourth socket of the hub in the first one of bus 1."""

    vendor: str  # four hex digits
    product: str
    serial: str | None
    socket: str
    line: str  # which of the device's interfaces, "1.2"

    def texts(self) -> tuple[str, ...]:
        """Return how settings may name it: by the first of these that means no other device."""
        model = f"usb:{self.vendor}:{self.product}"
        by_serial = (f"{model}:{self.serial}",) if self.serial else ()
        return (*by_serial, f"{model}@{self.socket}", f"{model}@{self.socket}:{self.line}")


@dataclass(frozen=True, slots=True)
class Node:
    """A device file, and the USB device behind it; None for what is soldered to the board."""

    path: str
    sysfs: Path
    identity: Identity | None
    title: str  # what the device calls itself


def nodes(node_class: NodeClass, sys: Path = SYS, dev: Path = DEV) -> list[Node]:
    """Return the device files of a class that can be used, in order of name."""
    return [node for node in all_nodes(node_class, sys, dev) if is_usable(node_class, node)]


def all_nodes(node_class: NodeClass, sys: Path, dev: Path) -> Iterator[Node]:
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
            line=line_of(entry.resolve(), usb),
        )
        title = " ".join(part for part in (text_of(usb / "manufacturer"), text_of(usb / "product")) if part)
        yield Node(path, entry, identity, title or entry.name)


def usb_device(entry: Path) -> Path | None:
    """Return the USB device that an entry of sysfs belongs to."""
    return next((folder for folder in entry.parents if (folder / "idVendor").is_file()), None)


def line_of(entry: Path, usb: Path) -> str:
    """Return the number of the interface between a USB device and one of its files: "1.2" of "1-1.4:1.2"."""
    return entry.relative_to(usb).parts[0].partition(":")[2]


def is_usable(node_class: NodeClass, node: Node) -> bool:
    """Tell whether a file is what its class is wanted for. Of the same scanner the kernel lists its keyboard twice, as
    `input3` and as `event3`, and its media keys besides.
    """
    match node_class:
        case "tty":  # of the board's own lines, those with a chip behind them
            return node.identity is not None or text_of(node.sysfs / "type") not in ("", "0")
        case "usbmisc":
            return Path(node.path).name.startswith("lp")
        case "input":
            return Path(node.path).name.startswith("event") and node.identity is not None and types_letters(node)


def types_letters(node: Node) -> bool:
    """Tell whether an input device has letter keys. Its bitmap of keys is hexadecimal words, the lowest last."""
    words = text_of(node.sysfs / "device" / "capabilities" / "key").split()
    lowest = int(words[-1], 16) if words else 0
    return all(lowest >> key & 1 for key in LETTER_KEYS)


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
    problem = f"{len(found)} devices are {path}: name the socket, or its line" if found else f"no {path} is plugged in"
    raise FileNotFoundError(problem)


def is_meant(identity: Identity, wanted: re.Match[str]) -> bool:
    if (identity.vendor, identity.product) != (wanted["vendor"], wanted["product"]):
        return False
    if wanted["serial"]:
        return identity.serial == wanted["serial"]
    return identity.socket == wanted["socket"] and wanted["line"] in {None, identity.line}
