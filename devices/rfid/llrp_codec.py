"""LLRP's envelopes: messages in a stream of bytes, and parameters in a message. No port and no clock.

Source: EPCglobal Low Level Reader Protocol 1.0.1, section 16 (binary encoding); 1.1 keeps it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct
from typing import NamedTuple

from devices.errors import DeviceGarbled

HEADER = Struct(">HII")  # version and type, length with the header, id
TLV = Struct(">HH")  # type, length with these four bytes
VERSION = 1 << 10  # of LLRP 1.0.1, which readers of 1.1 speak too unless they are asked for more
TYPE_BITS = 0x3FF
# A full report of the fastest readers has some tens of kilobytes. More is a lie about the length, and would keep the
# event loop busy for longer than anybody should wait.
MESSAGE_BYTES_MAX = 128 * 1024


class MessageType(IntEnum):
    """Those that we send or understand."""

    GET_READER_CAPABILITIES = 1
    GET_READER_CONFIG = 2
    SET_READER_CONFIG = 3
    CLOSE_CONNECTION_RESPONSE = 4
    GET_READER_CAPABILITIES_RESPONSE = 11
    GET_READER_CONFIG_RESPONSE = 12
    SET_READER_CONFIG_RESPONSE = 13
    CLOSE_CONNECTION = 14
    ADD_ROSPEC = 20
    DELETE_ROSPEC = 21
    START_ROSPEC = 22
    STOP_ROSPEC = 23
    ENABLE_ROSPEC = 24
    ADD_ROSPEC_RESPONSE = 30
    DELETE_ROSPEC_RESPONSE = 31
    START_ROSPEC_RESPONSE = 32
    STOP_ROSPEC_RESPONSE = 33
    ENABLE_ROSPEC_RESPONSE = 34
    ADD_ACCESSSPEC = 40
    DELETE_ACCESSSPEC = 41
    ENABLE_ACCESSSPEC = 42
    ADD_ACCESSSPEC_RESPONSE = 50
    DELETE_ACCESSSPEC_RESPONSE = 51
    ENABLE_ACCESSSPEC_RESPONSE = 52
    RO_ACCESS_REPORT = 61
    KEEPALIVE = 62
    READER_EVENT_NOTIFICATION = 63
    KEEPALIVE_ACK = 72
    ERROR_MESSAGE = 100


# Parameters of one byte's type carry no length of their own: bytes after the type, by type.
TV_BYTES = {
    1: 2,  # AntennaID
    2: 8,  # FirstSeenTimestampUTC
    3: 8,  # FirstSeenTimestampUptime
    4: 8,  # LastSeenTimestampUTC
    5: 8,  # LastSeenTimestampUptime
    6: 1,  # PeakRSSI
    7: 2,  # ChannelIndex
    8: 2,  # TagSeenCount
    9: 4,  # ROSpecID
    10: 2,  # InventoryParameterSpecID
    11: 2,  # C1G2_CRC
    12: 2,  # C1G2_PC
    13: 12,  # EPC_96
    14: 2,  # SpecIndex
    15: 2,  # ClientRequestOpSpecResult
    16: 4,  # AccessSpecID
    17: 2,  # OpSpecID
    18: 4,  # C1G2SingulationDetails
    19: 2,  # C1G2XPCW1, as the next since LLRP 1.1
    20: 2,  # C1G2XPCW2
}
CUSTOM = 1023  # a vendor's own: four bytes of vendor, four of subtype


class Message(NamedTuple):
    type: int  # a MessageType, or one that we do not know
    id: int  # an answer has its request's
    body: bytes


class Parameter(NamedTuple):
    type: int
    body: bytes  # without type and length


def encode(message: Message) -> bytes:
    return HEADER.pack(VERSION | message.type, HEADER.size + len(message.body), message.id) + message.body


def tlv(type_: int, *body: bytes) -> bytes:
    """Return a parameter with its fields and parameters in it."""
    whole = b"".join(body)
    return TLV.pack(type_, TLV.size + len(whole)) + whole


@dataclass(slots=True)
class MessageReader:
    """Cuts a stream of bytes into messages, however it was split or joined."""

    _unfinished: bytearray = field(default_factory=bytearray, init=False)

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take the next bytes and yield the messages they finish; to be gone through to the end.

        Raises DeviceGarbled for a length that cannot be: where the next message begins is not known then.
        """
        self._unfinished += data
        start = 0
        try:
            while len(self._unfinished) - start >= HEADER.size:
                version_and_type, length, id_ = HEADER.unpack_from(self._unfinished, start)
                if not HEADER.size <= length <= MESSAGE_BYTES_MAX:
                    raise DeviceGarbled(problem=f"a message of {length} bytes")
                if len(self._unfinished) - start < length:
                    return
                body = bytes(self._unfinished[start + HEADER.size : start + length])
                start += length
                yield Message(version_and_type & TYPE_BITS, id_, body)
        finally:
            del self._unfinished[:start]


def parameters(body: bytes, start: int = 0) -> Iterator[Parameter]:
    """Yield the parameters from `start` on, a vendor's own and unknown ones too.

    It ends where it cannot go on: at a length that lies, or at an unknown type that has none.
    """
    end = len(body)
    while start < end:
        if body[start] & 0x80:
            type_, begins = body[start] & 0x7F, start + 1
            if type_ not in TV_BYTES:
                return
            ends = begins + TV_BYTES[type_]
        else:
            if end - start < TLV.size:
                return
            type_, length = TLV.unpack_from(body, start)
            begins, ends = start + TLV.size, start + length
        if not begins <= ends <= end:
            return
        yield Parameter(type_ & TYPE_BITS, body[begins:ends])
        start = ends
