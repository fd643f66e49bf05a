"""Reading one card by APDUs: its UID, and the NDEF message of a Type 2 or Type 4 tag.

Source: PC/SC part 3 (pseudo-APDUs FF CA, FF B0); NFC Forum Type 2 Tag 1.1, Type 4 Tag 2.0.
"""

from collections.abc import Callable

from devices.card_readers import ndef
from devices.card_readers.interface import Card
from devices.errors import DeviceGarbled

Transmit = Callable[[bytes], bytes]  # sends an APDU, returns the response with its two status bytes

GET_UID = bytes.fromhex("FFCA000000")
SELECT_NDEF_APPLICATION = bytes.fromhex("00A4040007D276000085010100")
SELECT_FILE = bytes.fromhex("00A4000C02")
CAPABILITY_FILE = bytes.fromhex("E103")
CAPABILITY_BYTES = 15
NDEF_FILE_TLV = b"\x04\x06"
OK = b"\x90\x00"

NDEF_MAGIC = 0xE1  # begins the capability container of a Type 2 tag
PAGE_BYTES, CAPABILITY_PAGE = 4, 3
READ_BYTES = 16  # a Type 2 tag gives four pages at once
NDEF_BYTES_MAX = 8 * 1024  # the largest tags hold less


def read_card(atr: bytes, transmit: Transmit) -> Card:
    """Ask a card for its UID and for what is written on it.

    Raises what `transmit` raises, and DeviceGarbled when the tag contradicts itself.
    """
    uid = body(transmit(GET_UID))
    message = _type_4(transmit) if body(transmit(SELECT_NDEF_APPLICATION)) is not None else _type_2(transmit)
    records = ndef.parse(message) if message else ()
    return Card(uid.hex().upper() if uid else None, atr.hex().upper(), records)


def body(response: bytes) -> bytes | None:
    """Return a response without its status, or None when the status is an error."""
    return response[:-2] if response[-2:] == OK else None


def _type_2(transmit: Transmit) -> bytes | None:
    """Read a tag that is a small memory; None when it is none, or holds no message."""
    head = body(transmit(_read_pages(CAPABILITY_PAGE)))
    if not head or len(head) < READ_BYTES or head[0] != NDEF_MAGIC:
        return None
    size = min(head[2] * 8, NDEF_BYTES_MAX)
    memory = head[PAGE_BYTES:]
    while len(memory) < size and not ndef.is_found(memory):
        pages = body(transmit(_read_pages(CAPABILITY_PAGE + 1 + len(memory) // PAGE_BYTES)))
        if not pages:
            break
        memory += pages
    return ndef.message_in(memory[:size])


def _read_pages(page: int) -> bytes:
    return bytes([0xFF, 0xB0, page >> 8, page & 0xFF, READ_BYTES])


def _type_4(transmit: Transmit) -> bytes | None:
    """Read a tag that is a small file system; None when it holds no message."""
    capability = _file(transmit, CAPABILITY_FILE, 0, CAPABILITY_BYTES, CAPABILITY_BYTES)
    if capability[7:9] != NDEF_FILE_TLV:
        raise DeviceGarbled(problem="no NDEF file", frame=capability.hex())
    chunk = max(1, min(int.from_bytes(capability[3:5], "big"), 255))
    file_id, size = capability[9:11], int.from_bytes(capability[11:13], "big")
    length = int.from_bytes(_file(transmit, file_id, 0, 2, chunk), "big")
    if length > min(size, NDEF_BYTES_MAX) - 2:
        raise DeviceGarbled(problem="longer than its file", frame=capability.hex())
    return _file(transmit, file_id, 2, length, chunk) or None


def _file(transmit: Transmit, file_id: bytes, start: int, length: int, chunk: int) -> bytes:
    """Read `length` bytes of a file in pieces of `chunk`."""
    if body(transmit(SELECT_FILE + file_id)) is None:
        raise DeviceGarbled(problem="no file", frame=file_id.hex())
    data = b""
    while len(data) < length:
        at = start + len(data)
        piece = body(transmit(bytes([0x00, 0xB0, at >> 8, at & 0xFF, min(chunk, length - len(data))])))
        if not piece:
            raise DeviceGarbled(problem="the file ended early", frame=file_id.hex())
        data += piece
    return data[:length]
