"""A copy of the parts of /sys that tell which USB device a file belongs to, as Linux 6.1 lays them out."""

from dataclasses import dataclass
from pathlib import Path

KEYBOARD_BITS = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"  # of a scanner in wedge mode
BUTTON_BITS = "10000000000000 0"  # of a power button


@dataclass(slots=True)
class Machine:
    """A machine without devices; each is plugged in by itself."""

    folder: Path

    @property
    def sys(self) -> Path:
        return self.folder / "sys"

    @property
    def dev(self) -> Path:
        return self.folder / "dev"

    def plug(
        self,
        node_class: str,
        name: str,
        socket: str,
        ids: str = "0c2e:0b61",
        serial: str = "",
        product: str = "Scanner",
        line: str = "1.0",
    ) -> Path:
        """Plug a USB device in; returns its folder. line: which of its interfaces the file belongs to."""
        usb = self.sys / "devices" / "pci0000:00" / "0000:00:14.0" / "usb1" / socket
        node = usb / f"{socket}:{line}" / node_class / name
        node.mkdir(parents=True)
        vendor, model = ids.split(":")
        told = {"idVendor": vendor, "idProduct": model, "serial": serial, "manufacturer": "Acme", "product": product}
        for file, text in told.items():
            if text:
                (usb / file).write_text(f"{text}\n")
        self.link(node_class, node)
        return node

    def solder(self, name: str, uart: str) -> None:
        """Put a serial line of the board's own in place. uart: the kind of chip; "0" is none."""
        node = self.sys / "devices" / "platform" / "serial8250" / "tty" / name
        node.mkdir(parents=True)
        (node / "type").write_text(f"{uart}\n")
        self.link("tty", node)

    def link(self, node_class: str, node: Path) -> None:
        links = self.sys / "class" / node_class
        links.mkdir(parents=True, exist_ok=True)
        (links / node.name).symlink_to(node)

    def unplug(self, node_class: str, name: str) -> None:
        (self.sys / "class" / node_class / name).unlink()

    def keyboard(self, number: int, socket: str, bits: str = KEYBOARD_BITS, **told: str) -> None:
        """Plug a keyboard in, which the kernel lists as an input and as a file of its events."""
        device = self.plug("input", f"input{number}", socket, **told)
        (device / "capabilities").mkdir()
        (device / "capabilities" / "key").write_text(f"{bits}\n")
        events = device / f"event{number}"
        events.mkdir()
        (events / "device").symlink_to(device)
        self.link("input", events)
