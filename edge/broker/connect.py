"""The first packet of an MQTT connection, read before anything else of it is believed.

Source: MQTT 3.1.1, sections 3.1 and 3.2; MQTT 5.0, section 3.2.
"""

from dataclasses import dataclass
from struct import Struct

CONNECT = 0x10
LENGTH = Struct("!H")
LEVEL = 4  # MQTT 3.1.1
LEVEL_5 = 5

RESERVED, CLEAN, WILL, WILL_QOS, PASSWORD, USER = 0x01, 0x02, 0x04, 0x18, 0x40, 0x80

OTHER_VERSION = b"\x20\x02\x00\x01"
NOT_AUTHORISED = b"\x20\x02\x00\x05"
OTHER_VERSION_5 = b"\x20\x03\x00\x84\x00"  # in the words of MQTT 5, or its clients would wait for ever


@dataclass(frozen=True, slots=True)
class Will:
    """What is said in a client's name when its connection ends without a word."""

    topic: str
    message: bytes
    qos: int


@dataclass(frozen=True, slots=True)
class Connect:
    """Who wants to connect, and how."""

    client_id: str
    user: str | None = None
    secret: bytes | None = None
    keep_alive_s: int = 0  # 0: the client promises nothing
    will: Will | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody cannot enter, and the packet that tells them so."""

    reason: str
    answer: bytes = b""


def parse(body: memoryview) -> Connect | Refusal:
    """Read what follows a CONNECT's fixed header."""
    try:
        return _parse(Fields(body))
    except (ValueError, IndexError):
        return Refusal("malformed")


def _parse(fields: "Fields") -> Connect | Refusal:
    name, level = fields.text(), fields.byte()
    if level != LEVEL or name != "MQTT":
        return Refusal("other_version", OTHER_VERSION_5 if level == LEVEL_5 else OTHER_VERSION)
    flags, keep_alive_s = fields.byte(), fields.number()
    if flags & RESERVED or flags & WILL_QOS == WILL_QOS:
        raise ValueError("flags that have no meaning")
    client_id = fields.text()
    will = Will(fields.text(), fields.field(), (flags & WILL_QOS) >> 3) if flags & WILL else None
    user = fields.text() if flags & USER else None
    secret = fields.field() if flags & PASSWORD else None
    return Connect(client_id, user, secret, keep_alive_s, will)


@dataclass(slots=True)
class Fields:
    """A packet's body, from front to back. Raises ValueError or IndexError where it is too short or no text."""

    rest: memoryview

    def byte(self) -> int:
        first, self.rest = self.rest[0], self.rest[1:]
        return first

    def number(self) -> int:
        return self.byte() << 8 | self.byte()

    def field(self) -> bytes:
        length = self.number()
        if length > len(self.rest):
            raise ValueError("a field is longer than its packet")
        value, self.rest = self.rest[:length], self.rest[length:]
        return bytes(value)

    def text(self) -> str:
        text = self.field().decode()
        if "\0" in text:
            raise ValueError("a text has no NUL")
        return text


def render(connect: Connect) -> bytes:
    """Return a whole CONNECT packet. Its session is clean, whatever was asked for: a session that outlives its
    connection would gather messages without end, and what must not be lost is in the outbox.
    """
    flags = CLEAN
    payload = _field(connect.client_id.encode())
    if connect.will:
        flags |= WILL | connect.will.qos << 3
        payload += _field(connect.will.topic.encode()) + _field(connect.will.message)
    if connect.user is not None:
        flags |= USER
        payload += _field(connect.user.encode())
    body = _field(b"MQTT") + bytes((LEVEL, flags)) + LENGTH.pack(connect.keep_alive_s) + payload
    return bytes((CONNECT,)) + _remaining_length(len(body)) + body


def _field(value: bytes) -> bytes:
    return LENGTH.pack(len(value)) + value


def _remaining_length(length: int) -> bytes:
    encoded = bytearray()
    while True:
        length, low = divmod(length, 128)
        encoded.append(low | 128 if length else low)
        if not length:
            return bytes(encoded)
