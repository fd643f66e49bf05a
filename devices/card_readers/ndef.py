"""What is written on NFC tags: NDEF messages and the texts and addresses in them.

Source: NFC Forum NDEF 1.0, Text RTD 1.0, URI RTD 1.0, Type 2 Tag 1.1 (TLV blocks).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from devices.errors import DeviceGarbled

RECORDS_MAX = 64  # of a message; the tags that shops use hold one to three

# Record header bits.
SHORT, HAS_ID, CHUNKED = 0x10, 0x08, 0x20
TNF, WELL_KNOWN = 0x07, 0x01
UTF_16, LANGUAGE_LENGTH = 0x80, 0x3F  # of a text's status byte

NULL_TLV, NDEF_TLV, END_TLV, LONG_LENGTH = 0x00, 0x03, 0xFE, 0xFF

# Abbreviations of URI RTD, by number.
URI_PREFIXES = (
    "", "http://www.", "https://www.", "http://", "https://", "tel:", "mailto:", "ftp://anonymous:anonymous@",
    "ftp://ftp.", "ftps://", "sftp://", "smb://", "nfs://", "ftp://", "dav://", "news:", "telnet://", "imap:", "rtsp://",
    "urn:", "pop:", "sip:", "sips:", "tftp:", "btspp://", "btl2cap://", "btgoep://", "tcpobex://", "irdaobex://",
    "file://", "urn:epc:id:", "urn:epc:tag:", "urn:epc:pat:", "urn:epc:raw:", "urn:epc:", "urn:nfc:",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A text and its language."""

    text: str
    language: str  # "en", "he"


@dataclass(frozen=True, slots=True)
class UriRecord:
    """An address, written out."""

    uri: str


Record = TextRecord | UriRecord


def parse(message: bytes) -> tuple[Record, ...]:
    """Return the texts and addresses of a message; other records are passed over. Raises DeviceGarbled."""
    try:
        return tuple(record for kind, payload in _records(message) if (record := _record(kind, payload)))
    except (IndexError, UnicodeDecodeError) as problem:
        raise DeviceGarbled(problem="no NDEF message", frame=message[:64].hex()) from problem


def _records(message: bytes) -> Iterator[tuple[tuple[int, bytes], bytes]]:
    """Yield ((name format, type), payload)."""
    at = 0
    for _ in range(RECORDS_MAX):
        if at >= len(message):
            return
        header, type_length = message[at], message[at + 1]
        size = 1 if header & SHORT else 4
        payload_length = int.from_bytes(_taken(message, at + 2, size), "big")
        at += 2 + size
        id_length = message[at] if header & HAS_ID else 0
        at += 1 if header & HAS_ID else 0
        name = _taken(message, at, type_length)
        payload = _taken(message, at + type_length + id_length, payload_length)
        at += type_length + id_length + payload_length
        if not header & CHUNKED:  # nobody writes shop tags in chunks
            yield (header & TNF, name), payload


def _taken(message: bytes, start: int, length: int) -> bytes:
    if start + length > len(message):
        raise IndexError
    return message[start : start + length]


def _record(kind: tuple[int, bytes], payload: bytes) -> Record | None:
    match kind:
        case (0x01, b"T"):
            status = payload[0]
            split = 1 + (status & LANGUAGE_LENGTH)
            encoding = "utf-16" if status & UTF_16 else "utf-8"
            return TextRecord(payload[split:].decode(encoding), payload[1:split].decode("ascii"))
        case (0x01, b"U"):
            prefix = URI_PREFIXES[payload[0]]
            return UriRecord(prefix + payload[1:].decode())
        case (0x03, uri):  # the type itself is the address
            return UriRecord(uri.decode())
    return None


def message_in(memory: bytes) -> bytes | None:
    """Find the NDEF message among the TLV blocks of a Type 2 tag's data area; None when there is none.

    Raises DeviceGarbled when a block reaches beyond the memory.
    """
    try:
        return _search(memory) or None
    except IndexError as problem:
        raise DeviceGarbled(problem="a block beyond the memory", frame=memory[:64].hex()) from problem


def is_found(beginning: bytes) -> bool:
    """Tell whether the beginning of a memory has the message, or an end before any. Its bytes alone tell neither: what
    marks the end may as well be a length.
    """
    try:
        return _search(beginning) is not None
    except IndexError:
        return False


def _search(memory: bytes) -> bytes | None:
    """Return the message, b"" at the end mark, None where the memory is over. Raises IndexError in a block."""
    at = 0
    while at < len(memory):
        kind = memory[at]
        at += 1
        if kind == END_TLV:
            return b""
        if kind == NULL_TLV:
            continue
        length = memory[at]
        at += 1
        if length == LONG_LENGTH:
            length = int.from_bytes(_taken(memory, at, 2), "big")
            at += 2
        value = _taken(memory, at, length)
        if kind == NDEF_TLV:
            return value
        at += length
    return None


def render(records: tuple[Record, ...]) -> bytes:
    """Write a message of short and long records."""
    parts = []
    for number, record in enumerate(records):
        if isinstance(record, TextRecord):
            name = b"T"
            payload = bytes([len(record.language)]) + record.language.encode("ascii") + record.text.encode()
        else:
            code = max(range(len(URI_PREFIXES)), key=lambda code: _saved(URI_PREFIXES[code], record.uri))
            name, payload = b"U", bytes([code]) + record.uri[len(URI_PREFIXES[code]) :].encode()
        is_short = len(payload) < 256
        header = WELL_KNOWN | (SHORT if is_short else 0)
        header |= (0x80 if number == 0 else 0) | (0x40 if number == len(records) - 1 else 0)  # begin and end of message
        parts.append(bytes([header, len(name)]) + len(payload).to_bytes(1 if is_short else 4, "big") + name + payload)
    return b"".join(parts)


def _saved(prefix: str, uri: str) -> int:
    return len(prefix) if uri.startswith(prefix) else -1
