"""What an ESC/POS printer says: several kinds of answers on one line, told apart by their fixed bits.

Source: Epson ESC/POS command reference, "Transmission status identification" and `GS ( H` function 48.
"""

from dataclasses import dataclass, field

PROCESS_HEADER = b"\x37\x22"
PROCESS_REPLY_BYTES = 7  # header 2, process id 4, NUL
AUTO_STATUS_BYTES = 4


@dataclass(frozen=True, slots=True)
class RealTimeStatus:
    """Answer to DLE EOT n: one byte whose bits say different things for each n."""

    value: int


@dataclass(frozen=True, slots=True)
class RequestedStatus:
    """Answer to GS r n, given in order."""

    value: int


@dataclass(frozen=True, slots=True)
class AutoStatus:
    """A change of state that the printer tells by itself (ASB)."""

    value: bytes


@dataclass(frozen=True, slots=True)
class ProcessDone:
    """Answer to GS ( H: all before it is on paper."""

    process_id: bytes


Reply = RealTimeStatus | RequestedStatus | AutoStatus | ProcessDone


@dataclass(slots=True)
class Replies:
    """Cuts the printer's bytes into replies. Holds less than one reply beyond what was fed last."""

    _bytes: bytes = b""
    _read: list[Reply] = field(default_factory=list, init=False)

    def feed(self, data: bytes) -> None:
        rest = self._bytes + data
        while rest:
            length = reply_length(rest)
            if length > len(rest):
                break
            if reply := read_reply(rest[:length]):
                self._read.append(reply)
            rest = rest[length:]
        self._bytes = rest

    def take(self) -> list[Reply]:
        """Hand over what has been read, oldest first."""
        read, self._read = self._read, []
        return read


def reply_length(data: bytes) -> int:
    """Return how many bytes the reply at the front has."""
    if data[0] == PROCESS_HEADER[0]:
        return PROCESS_REPLY_BYTES
    if data[0] & 0x93 == 0x10:
        return AUTO_STATUS_BYTES
    return 1


def read_reply(data: bytes) -> Reply | None:
    """Read one whole reply; None for a byte that is no reply, such as XON and XOFF."""
    if data.startswith(PROCESS_HEADER):
        return ProcessDone(data[2:6])
    if data[0] & 0x93 == 0x10:
        return AutoStatus(data)
    if data[0] & 0x93 == 0x12:
        return RealTimeStatus(data[0])
    if data[0] & 0x90 == 0x00:
        return RequestedStatus(data[0])
    return None
