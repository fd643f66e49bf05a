"""From a scanner's bytes to frames, and from a frame to a scan. No port and no clock."""

import re
from dataclasses import dataclass, field

from devices.errors import BadFrame
from devices.scanners.interface import Scan
from shared.barcodes.symbology import GS1_SYMBOLOGIES, without_identifier

FRAME_BYTES_MAX = 8 * 1024  # the largest QR code holds 4,296 characters
SHOWN_BYTES_MAX = 64  # how much of a bad frame an error quotes
IDLE_GAP_S = 0.05  # a scanner without a suffix sends its bytes closer together than this
TORN_GAP_S = 0.25  # one with a suffix may pause in the middle, as over a poor radio; who scans again takes longer

STX = b"\x02"
GS = "\x1d"
END = re.compile(rb"[\r\n\x03]")  # CR, LF, ETX; the empty frame inside CR LF is dropped
# GS (0x1D) separates the fields of a GS1 code and belongs to the text.
CONTROL = re.compile(r"[\x00-\x1c\x1e\x1f\x7f-\x9f]")


@dataclass(slots=True)
class Framer:
    """Cuts a stream of bytes into frames, holding at most FRAME_BYTES_MAX of an unfinished one.

    has_suffix: whether the scanner ended its last frame itself. Then what a pause ends is torn: the beginning of a
    number may be another number. One that is set up anew, without a suffix, is believed from its second frame on.
    """

    has_suffix: bool = False
    _unfinished: bytes = b""
    _is_skipping: bool = field(default=False, init=False)

    @property
    def gap_s(self) -> float | None:
        """How long a pause ends what has begun; None while nothing has."""
        if not self._unfinished and not self._is_skipping:
            return None
        return TORN_GAP_S if self.has_suffix else IDLE_GAP_S

    def feed(self, data: bytes) -> list[bytes | BadFrame]:
        """Take the next bytes and return the frames they finish.

        A frame that grows beyond FRAME_BYTES_MAX is given up as one BadFrame; the next end of frame starts afresh.
        """
        *ended, self._unfinished = END.split(self._unfinished + data)
        self.has_suffix |= bool(ended)
        frames: list[bytes | BadFrame] = []
        for part in ended:
            frames += self._finished(part)
        if len(self._unfinished) > FRAME_BYTES_MAX and not self._is_skipping:
            frames.append(bad(self._unfinished, "too long"))
            self._is_skipping = True
        if self._is_skipping:
            self._unfinished = b""
        return frames

    def flush(self) -> list[bytes | BadFrame]:
        """Return what a pause ends."""
        rest, self._unfinished = self._unfinished, b""
        is_torn, self.has_suffix = self.has_suffix, False
        return [bad(rest, "torn")] if rest and is_torn else self._finished(rest)

    def _finished(self, part: bytes) -> list[bytes | BadFrame]:
        if self._is_skipping:
            self._is_skipping = False
            return []
        if len(part) > FRAME_BYTES_MAX:
            return [bad(part, "too long")]
        frame = part.removeprefix(STX)
        return [frame] if frame else []


def parse(frame: bytes, separator: str = "") -> Scan:
    """Read one frame. Raises BadFrame for what cannot be a code: no text, broken UTF-8, control bytes.

    separator: what this scanner sends for GS, the end of a field in a GS1 code; read as GS where the code may be one.
    """
    try:
        text = frame.decode()
    except UnicodeDecodeError as problem:
        raise bad(frame, "not UTF-8") from problem
    text, symbology = without_identifier(text)
    if not text:
        raise bad(frame, "empty")
    if CONTROL.search(text):
        raise bad(frame, "control bytes")
    if separator and (symbology is None or symbology in GS1_SYMBOLOGIES):
        text = text.replace(separator, GS)
    return Scan(text, symbology)


def bad(frame: bytes, problem: str) -> BadFrame:
    return BadFrame(device="scanner", problem=problem, frame=frame[:SHOWN_BYTES_MAX].hex())
