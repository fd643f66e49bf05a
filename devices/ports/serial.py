"""A serial line: RS-232, or the virtual one that a USB device offers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from devices.identity import NodeClass
from devices.ports.character_device import CharacterDevice

if TYPE_CHECKING:
    from serial import Serial


@dataclass(slots=True)
class SerialPort(CharacterDevice):
    """A serial line at 8N1, opened exclusively: a second program on the same line would steal bytes.

    Unread bytes wait in the kernel, which holds 4 KiB of them. `path` should be an identity or a stable name
    (`/dev/store/scanner0`), so that a device that was unplugged is found again.
    """

    node_class: ClassVar[NodeClass] = "tty"

    baud: int = 9600

    def open_file(self, path: str) -> "Serial":
        import termios

        from serial import Serial

        try:
            # pyserial opens the line non-blocking, sets raw mode and empties the input.
            line = Serial(path, self.baud, timeout=0, write_timeout=0, exclusive=True)
            # It also has a read of an empty line return nothing, which looks like the end of input. One byte at
            # least makes such a read say "would block".
            modes = termios.tcgetattr(line.fileno())
            modes[6][termios.VMIN] = 1
            termios.tcsetattr(line.fileno(), termios.TCSANOW, modes)
        except (termios.error, ValueError) as problem:  # neither is an OSError
            raise OSError(str(problem)) from problem
        return line
