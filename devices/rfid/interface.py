"""What any RFID reader promises."""

from dataclasses import dataclass
from typing import Annotated, NamedTuple, Protocol

from pydantic import Field

from shared.model.strict import Strict

ANTENNAS_MAX = 32  # multiplexers make 32 of a reader's four
Antenna = Annotated[int, Field(ge=1, le=255)]


class TagRead(NamedTuple):
    """One tag before one antenna, read once or several times.

    A tuple and no dataclass: a storm makes a hundred thousand of them in a second.
    """

    epc: bytes  # as the tag sent it, at the length that its PC word tells; empty, or E280…, when nobody programmed it
    antenna: int  # the reader's number, from 1; 0 when it does not tell
    rssi_cdbm: int | None  # the strongest, in hundredths of a dBm: -5250 is -52.5 dBm
    # Microseconds since 1970, or since the reader was switched on when it has no clock: to compare with one another,
    # not with our time. None when the reader does not tell.
    first_seen_us: int | None
    last_seen_us: int | None
    seen_count: int = 1  # reads that were merged into this one
    pc: int | None = None  # the tag's protocol control word
    tid: bytes | None = None  # the chip's own number, where the reader reads it


@dataclass(frozen=True, slots=True)
class TagReads:
    """What there is to tell since the last call."""

    reads: tuple[TagRead, ...]  # as they were first seen; empty when there are only losses to tell
    dropped: int = 0  # reads that were lost since nobody took them in time: this many, or more
    unreadable: int = 0  # reports that made no sense


class Inventory(Strict):
    """How a reader looks for tags."""

    antennas: Annotated[tuple[Antenna, ...], Field(max_length=ANTENNAS_MAX)] = ()  # none: all it has
    # Transmit power in hundredths of a dBm, never more than this: the reader takes its next lower step. None: its own.
    power_cdbm: Annotated[int, Field(ge=0, le=3_600)] | None = None
    session: Annotated[int, Field(ge=0, le=3)] = 1  # how long a tag keeps quiet after a read (Gen2 session S0 to S3)
    tag_population: Annotated[int, Field(ge=1, le=65_535)] = 32  # tags expected before the antennas at once
    # The chip's own number too, which tells copies of a tag apart. It costs most readers half of their speed.
    reads_tid: bool = False
    # A tag is handed over when it is first seen, and after that once in this many seconds while it stays.
    window_s: Annotated[float, Field(ge=0.01, le=3_600)] = 1.0


class TagReader(Protocol):
    """An RFID reader. Each driver and its simulator pass tests/devices/test_rfid_readers.py."""

    async def open(self) -> None:
        """Make the link and set the reader up; it reads no tags yet. What was read before is forgotten.

        Raises DeviceDisconnected, DeviceSilent, DeviceBusy when another program has the reader, DeviceRefused when
        it cannot do what its settings say, DeviceUntrusted, DeviceGarbled.
        """

    async def start(self) -> None:
        """Look for tags from now on. Raises like `open`."""

    async def stop(self) -> None:
        """Look for no more tags; what was read before may still be taken. Raises like `open`."""

    async def read(self) -> TagReads:
        """Wait for the next reads, for as long as it takes.

        Reads of the same tag, antenna and TID within the window come as one. However slow the caller is, the link
        stays served and memory bounded: the newest are kept, and what was lost is told. A cancelled read loses
        nothing. Once all is taken it raises what ended the link: DeviceDisconnected, DeviceSilent within 15 s when
        the reader is dead or the line half open, DeviceGarbled; then open again.
        """

    async def close(self) -> None:
        """Give the link up. Closing twice does nothing. A reader that was not stopped may go on by itself."""
