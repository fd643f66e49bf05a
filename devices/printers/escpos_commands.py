"""Cuts the bytes that a virtual printer receives into whole ESC/POS commands.

Source: Epson ESC/POS command reference; lengths only, the meaning is `paper.py`'s and `simulated.py`'s.
"""

import re
from collections.abc import Callable

TEXT = re.compile(rb"[\x20-\x7e\x80-\xff]+|\x00+")  # or what printers pass over
# Command and how many bytes follow its two.
FIXED = {
    b"\x10\x04": 1,
    b"\x10\x05": 1,
    b"\x10\x14": 3,
    b"\x1b@": 0,
    b"\x1b2": 0,
    b"\x1b!": 1,
    b"\x1b-": 1,
    b"\x1b3": 1,
    b"\x1bE": 1,
    b"\x1bM": 1,
    b"\x1bR": 1,
    b"\x1ba": 1,
    b"\x1bd": 1,
    b"\x1bp": 3,
    b"\x1bt": 1,
    b"\x1b{": 1,
    b"\x1c.": 0,
    b"\x1d!": 1,
    b"\x1dB": 1,
    b"\x1dH": 1,
    b"\x1dL": 2,
    b"\x1dW": 2,
    b"\x1da": 1,
    b"\x1db": 1,
    b"\x1df": 1,
    b"\x1dh": 1,
    b"\x1dr": 1,
    b"\x1dw": 1,
}
PREFIXES = (0x10, 0x1B, 0x1C, 0x1D)


def take_command(buffer: bytearray) -> bytes | None:
    """Cut the first whole command, or run of text, off the buffer; None when more bytes must come first."""
    length = command_length(bytes(buffer[:8]), buffer)
    if length is None or length > len(buffer):
        return None
    command = bytes(buffer[:length])
    del buffer[:length]
    return command


def command_length(head: bytes, buffer: bytearray) -> int | None:
    """Return the length of the first command, or None when `head`, its first 8 bytes, does not tell yet."""
    if not head:
        return None
    if text := TEXT.match(buffer):
        return text.end()
    if head[0] not in PREFIXES:
        return 1
    if len(head) < 2:
        return None
    if head[0] == 0x1D and (tells := TELLING.get(head[1])):
        return tells(head, buffer)
    return 2 + FIXED.get(head[:2], 0)


def function_length(head: bytes, _buffer: bytearray) -> int | None:
    """GS ( tells its own length."""
    return 5 + int.from_bytes(head[3:5], "little") if len(head) >= 5 else None


def image_length(head: bytes, _buffer: bytearray) -> int | None:
    """GS v 0 tells bytes in a row and rows."""
    if len(head) < 8:
        return None
    return 8 + int.from_bytes(head[4:6], "little") * int.from_bytes(head[6:8], "little")


def cut_length(head: bytes, _buffer: bytearray) -> int | None:
    """GS V feeds before it cuts if its function says so."""
    if len(head) < 3:
        return None
    return 4 if head[2] in (65, 66) else 3


def barcode_length(head: bytes, buffer: bytearray) -> int | None:
    """GS k comes in two functions: the older ends with NUL, the newer tells its length."""
    if len(head) < 4:
        return None
    if head[2] > 6:
        return 4 + head[3]
    end = buffer.find(0, 3)
    return end + 1 if end >= 0 else None


TELLING: dict[int, Callable[[bytes, bytearray], int | None]] = {
    ord("("): function_length,
    ord("v"): image_length,
    ord("V"): cut_length,
    ord("k"): barcode_length,
}
