"""LLRP's tag reports, read and rendered. No port and no clock.

Source: EPCglobal Low Level Reader Protocol 1.0.1, sections 14.2.3 (TagReportData) and 16.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from struct import Struct, calcsize
from typing import Any, NamedTuple

from devices.rfid.interface import TagRead
from devices.rfid.llrp_codec import TLV, TV_BYTES, TYPE_BITS, tlv

TAG_REPORT_DATA, EPC_DATA, READ_RESULT = 240, 241, 349
ANTENNA, FIRST_UTC, FIRST_UPTIME, LAST_UTC, LAST_UPTIME, RSSI, COUNT, PC, EPC_96 = 1, 2, 3, 4, 5, 6, 8, 12, 13
U16, U64, S8 = Struct(">H"), Struct(">Q"), Struct(">b")
READ_RESULT_HEAD = Struct(">BHH")  # result (0: success), number of the operation, words read

# What of a report goes where in a TagRead, and how it is unpacked.
PLACES: dict[int, tuple[int, str]] = {
    EPC_96: (0, "12s"),
    ANTENNA: (1, "H"),
    RSSI: (2, "b"),
    FIRST_UTC: (3, "Q"),
    FIRST_UPTIME: (3, "Q"),
    LAST_UTC: (4, "Q"),
    LAST_UPTIME: (4, "Q"),
    COUNT: (5, "H"),
    PC: (6, "H"),
}
UNTOLD = (None, 0, None, None, None, 1, None, None)  # a TagRead of which nothing was told
PIECES_MAX = 40  # parameters of a report that are looked at; readers send some ten
SHAPES_MAX = 64  # a reader's reports differ in the length of EPC and TID; more shapes than this are noise


@dataclass(frozen=True, slots=True)
class Shape:
    """Where in a report what stands, so that reports that look alike are unpacked in one go."""

    struct: Struct
    heads: Any  # what must be the same in all of them: types, lengths, and whatever could not be read
    pick_heads: Callable[[tuple[Any, ...]], Any]
    pick_values: Callable[[tuple[Any, ...]], Any]

    def read(self, body: bytes, start: int) -> TagRead | None:
        """Return the read, or None when the report at `start` is of another shape or names no tag."""
        fields = self.struct.unpack_from(body, start)
        if self.pick_heads(fields) != self.heads:
            return None
        epc, antenna, rssi_dbm, first_us, last_us, count, pc, tid = self.pick_values(fields + UNTOLD)
        if epc is None:
            return None
        rssi_cdbm = None if rssi_dbm is None else 100 * rssi_dbm
        return TagRead(epc, antenna, rssi_cdbm, first_us, last_us, count or 1, pc, tid)


class Piece(NamedTuple):
    """One parameter of a report."""

    head: int  # bytes that are the same in every report of the shape: type, length, and what tells the value's length
    size: int  # bytes of it all
    place: int | None = None  # of its value in a TagRead
    value: str = ""  # how that is unpacked


def learn(report: bytes) -> Shape:
    """Return the shape of the parameters of one TagReportData. What is unknown is passed over; a length that lies
    ends it, for where the next parameter begins is not known.
    """
    form, start, fields = ">", 0, 0
    heads: list[int] = []
    places: dict[int, int] = {}
    while len(heads) < PIECES_MAX and (piece := _next(report, start)):
        form += f"{piece.head}s{piece.value}{piece.size - piece.head - calcsize(f'>{piece.value}')}x"
        heads.append(fields)
        fields += 1
        if piece.place is not None:
            places[piece.place] = fields
            fields += 1
        start += piece.size
    heads.append(fields)
    fields += 1
    struct = Struct(f"{form}{len(report) - start}s")
    pick_heads = itemgetter(*heads)
    pick_values = itemgetter(*(places.get(place, fields + place) for place in range(len(UNTOLD))))
    return Shape(struct, pick_heads(struct.unpack(report)), pick_heads, pick_values)


def _next(report: bytes, start: int) -> Piece | None:
    """Return the parameter at `start`, None when there is none that can be read."""
    rest = len(report) - start
    if rest and report[start] & 0x80:
        type_ = report[start] & 0x7F
        size = 1 + TV_BYTES.get(type_, rest)  # one byte too many when its length is not known
        return Piece(1, size, *PLACES.get(type_, ())) if size <= rest else None
    if rest < TLV.size:
        return None
    type_, size = TLV.unpack_from(report, start)
    if not TLV.size <= size <= rest:
        return None
    body = start + TLV.size
    if type_ == EPC_DATA and size >= TLV.size + U16.size:
        bytes_ = (U16.unpack_from(report, body)[0] + 7) // 8  # its length is told in bits
        if TLV.size + U16.size + bytes_ <= size:
            return Piece(TLV.size + U16.size, size, 0, f"{bytes_}s")
    if type_ == READ_RESULT and size >= TLV.size + READ_RESULT_HEAD.size:
        result, _, words = READ_RESULT_HEAD.unpack_from(report, body)
        if result == 0 and size == TLV.size + READ_RESULT_HEAD.size + 2 * words:
            return Piece(TLV.size + READ_RESULT_HEAD.size, size, 7, f"{2 * words}s")
    return Piece(TLV.size, size)


@dataclass(slots=True)
class ReportReader:
    """Reads a reader's reports, and remembers what they look like."""

    _shapes: dict[int, Shape] = field(default_factory=dict, init=False)  # by length

    def parse(self, body: bytes) -> tuple[list[TagRead], int]:
        """Return the reads of one RO_ACCESS_REPORT, and how many of its reports could not be read."""
        reads: list[TagRead] = []
        unreadable = 0
        start, end = 0, len(body)
        while start < end:
            type_, length = TLV.unpack_from(body, start) if end - start >= TLV.size else (0, 0)
            if not TLV.size <= length <= end - start:
                return reads, unreadable + 1
            if type_ & TYPE_BITS == TAG_REPORT_DATA:
                if read := self._parse_one(body, start, length):
                    reads.append(read)
                else:
                    unreadable += 1
            start += length
        return reads, unreadable

    def _parse_one(self, body: bytes, start: int, length: int) -> TagRead | None:
        """Read one TagReportData, None when it names no tag."""
        if (shape := self._shapes.get(length)) and (read := shape.read(body, start + TLV.size)):
            return read
        if len(self._shapes) >= SHAPES_MAX:
            self._shapes.clear()
        shape = self._shapes[length] = learn(body[start + TLV.size : start + length])
        return shape.read(body, start + TLV.size)


def render_reports(reads: Iterable[TagRead], more: bytes = b"") -> bytes:
    """Return the body of an RO_ACCESS_REPORT. more: parameters that are added to each report, a vendor's own."""
    return b"".join(tlv(TAG_REPORT_DATA, *_fields(read), more) for read in reads)


def _fields(read: TagRead) -> Iterable[bytes]:
    if len(read.epc) == TV_BYTES[EPC_96]:
        yield _tv(EPC_96, read.epc)
    else:
        yield tlv(EPC_DATA, U16.pack(8 * len(read.epc)), read.epc)
    yield _tv(ANTENNA, U16.pack(read.antenna))
    if read.rssi_cdbm is not None:
        yield _tv(RSSI, S8.pack(read.rssi_cdbm // 100))
    if read.first_seen_us is not None:
        yield _tv(FIRST_UTC, U64.pack(read.first_seen_us))
    if read.last_seen_us is not None:
        yield _tv(LAST_UTC, U64.pack(read.last_seen_us))
    yield _tv(COUNT, U16.pack(min(read.seen_count, 0xFFFF)))
    if read.pc is not None:
        yield _tv(PC, U16.pack(read.pc))
    if read.tid is not None:
        yield tlv(READ_RESULT, READ_RESULT_HEAD.pack(0, 1, len(read.tid) // 2), read.tid)


def _tv(type_: int, value: bytes) -> bytes:
    return bytes([0x80 | type_]) + value
