"""A serial line: RS-232, or the virtual one that a USB device offers."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from devices.identity import NodeClass
from devices.ports.character_device import CharacterDevice, OpenFile

if TYPE_CHECKING:
    from serial import Serial


# How a device says that its buffer is full: it lets CTS fall, or sends XOFF. A printer without either loses what does
# not fit, in the middle of a receipt.
Flow = Literal["none", "rts_cts", "xon_xoff"]


@dataclass(slots=True)
class SerialPort(CharacterDevice):
    """A serial line at 8N1, opened exclusively: a second program on the same line would steal bytes.

    Unread bytes wait in the kernel, which holds 4 KiB of them. `path` should be an identity or a stable name
    (`/dev/store/scanner0`), so that a device that was unplugged is found again.
    """

    node_class: ClassVar[NodeClass] = "tty"

    baud: int = 9600
    flow: Flow = "none"

    def open_file(self, path: str) -> "Serial":
        import termios

        from serial import Serial

        try:
            # pyserial opens the line non-blocking, sets raw mode and empties the input.
            line = Serial(
                path,
                self.baud,
                timeout=0,
                write_timeout=0,
                rtscts=self.flow == "rts_cts",
                xonxoff=self.flow == "xon_xoff",
                exclusive=True,
            )
            # It also has a read of an empty line return nothing, which looks like the end of input. One byte at
            # least makes such a read say "would block".
            modes = termios.tcgetattr(line.fileno())
            modes[6][termios.VMIN] = 1
            termios.tcsetattr(line.fileno(), termios.TCSANOW, modes)
        except (termios.error, ValueError) as problem:  # neither is an OSError
            raise OSError(str(problem)) from problem
        return line

    def close_file(self, file: OpenFile) -> None:
        """Drop what was not sent: the kernel would wait up to 30 s for a device that takes no more."""
        import termios

        with suppress(termios.error):  # it is unplugged
            termios.tcflush(file.fileno(), termios.TCOFLUSH)
        file.close()
