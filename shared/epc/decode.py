"""From the bytes of a tag's EPC memory to what they say."""

import re
from dataclasses import dataclass
from functools import lru_cache

from shared.barcodes.characters import BLANKS, CSET_82
from shared.epc.schemes import (
    CHARACTER_BITS,
    FILTER_BITS,
    GID_BITS,
    HEADER_BITS,
    PARTITION_BITS,
    PREFIXES,
    SCHEMES,
    SHORTEST_WORDS,
    Scheme,
)
from shared.epc.tag import Tag, with_check_digit

TAGS_KEPT_MAX = 16_384  # more than stand before a gate at once; about 10 MB
HEX = re.compile("(?:0[xX])?([0-9A-Fa-f]+)")
UNPROGRAMMED = b"\xe2"  # chips leave the factory with their maker's number, E280… usually
TEXT_BYTES_MAX = 64  # the EPC bank of a tag is shorter

WORD_BYTES = 2
PC_LENGTH_SHIFT = 11  # the upper five bits of the PC word: words of EPC behind it
PC_IS_ISO = 0x0100  # the toggle bit: what follows is numbered by ISO/IEC 15962, not by GS1


class _Unreadable(Exception):
    """Why an EPC cannot be read."""


@lru_cache(TAGS_KEPT_MAX)
def decode(epc: bytes) -> Tag:
    """Read an EPC as readers report it, without the words in front of it. Each distinct EPC is worked out once."""
    if not any(epc):
        return Tag("the tag is not programmed: its memory is empty")
    if epc[:1] == UNPROGRAMMED:
        return Tag("the tag is not programmed: its memory holds the maker's number")
    scheme = SCHEMES.get(epc[0])
    if scheme is None:
        return Tag(f"its header {epc[0]:02X} is of no scheme that we read")
    value, unused = int.from_bytes(epc, "big"), 8 * len(epc) - scheme.bits
    if unused < 0:
        return Tag(f"it is too short for {scheme.name}", scheme.name)
    if value & (1 << unused) - 1:
        return Tag(f"it is longer than {scheme.name}", scheme.name)
    bits = _Bits(value >> unused, scheme.bits - HEADER_BITS)
    if scheme.family == "gid":
        manager, kind, serial = (bits.take(width) for width in GID_BITS)
        return Tag(None, scheme.name, reference=f"{manager}.{kind}", serial=str(serial))
    return _gs1(scheme, bits)


def decode_memory(text: str) -> Tag:
    """Read tag memory in hexadecimal digits: an EPC, or the EPC bank from its PC word or its checksum (CRC) on."""
    bare = text.strip(BLANKS)
    match = HEX.fullmatch(bare)
    if match is None:
        return Tag("it is not hexadecimal" if bare else "it is empty")
    digits = match[1]
    if len(digits) > 2 * TEXT_BYTES_MAX:
        return Tag("it is longer than a tag's memory")
    if len(digits) % 2:
        return Tag("a digit is missing: hexadecimal digits come in pairs")
    memory = bytes.fromhex(digits)
    pc_at = _pc_place(memory)
    if pc_at is None:
        return decode(memory)
    pc = _word(memory, pc_at)
    if pc & PC_IS_ISO:
        return Tag("its PC word says that it holds no EPC but a number of ISO/IEC 15962")
    begin = pc_at + WORD_BYTES
    return decode(memory[begin : begin + WORD_BYTES * (pc >> PC_LENGTH_SHIFT)])


def _pc_place(memory: bytes) -> int | None:
    """Return where the PC word stands: behind a right checksum, or in front of just as many words as it says."""
    if len(memory) >= 2 * WORD_BYTES:
        words = _word(memory, WORD_BYTES) >> PC_LENGTH_SHIFT
        covered = memory[WORD_BYTES : WORD_BYTES * (2 + words)]
        # One in 65,536 EPCs begins like a right checksum; those of our schemes have no room for one of theirs behind.
        is_room = words >= SHORTEST_WORDS or memory[0] not in SCHEMES
        if words and is_room and len(covered) == WORD_BYTES * (1 + words) and crc16(covered) == _word(memory, 0):
            return WORD_BYTES
    words = _word(memory, 0) >> PC_LENGTH_SHIFT
    if words >= SHORTEST_WORDS and len(memory) == WORD_BYTES * (1 + words):
        header = memory[WORD_BYTES]
        if header in SCHEMES or header in UNPROGRAMMED:
            return 0
    return None


def _word(memory: bytes, place: int) -> int:
    return int.from_bytes(memory[place : place + WORD_BYTES], "big")


def crc16(data: bytes) -> int:
    """Return the checksum in front of an EPC bank's content (ISO/IEC 18000-63, annex F; CRC-16/GENIBUS)."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1
    return crc ^ 0xFFFF


@dataclass(slots=True)
class _Bits:
    """Bits that are taken from the front."""

    value: int
    left: int

    def take(self, bits: int) -> int:
        self.left -= bits
        return self.value >> self.left & (1 << bits) - 1


def _gs1(scheme: Scheme, bits: _Bits) -> Tag:
    filter_value, partition = bits.take(FILTER_BITS), bits.take(PARTITION_BITS)
    if partition >= len(PREFIXES):
        return Tag(f"partition {partition} does not exist", scheme.name, filter_value)
    prefix_bits, prefix_digits = PREFIXES[partition]
    try:
        prefix = _number(bits.take(prefix_bits), prefix_digits)
        reference = ""
        if scheme.shared_bits:
            reference = _number(bits.take(scheme.shared_bits - prefix_bits), scheme.shared_digits - prefix_digits)
        serial = _rest(scheme, bits, scheme.rest_max(prefix_digits))
    except _Unreadable as unreadable:
        return Tag(str(unreadable), scheme.name, filter_value, partition)
    gtin14 = with_check_digit(f"{reference[0]}{prefix}{reference[1:]}") if scheme.family == "sgtin" else None
    return Tag(None, scheme.name, filter_value, partition, prefix, reference, serial, gtin14)


def _number(value: int, digits: int) -> str:
    """Return a number with its leading zeros; more bits fit into a field than digits."""
    if value >= 10**digits:
        raise _Unreadable(f"a field of {digits} digits holds {value}")
    return str(value).zfill(digits) if digits else ""


def _rest(scheme: Scheme, bits: _Bits, longest: int) -> str | None:
    if scheme.rest == "text":
        return _text(bits, longest)
    value = bits.take(bits.left)
    if scheme.rest == "number":
        return str(value)
    if value:
        raise _Unreadable("the bits behind its number are not zero")
    return None


def _text(bits: _Bits, longest: int) -> str:
    text = ""
    while bits.left >= CHARACTER_BITS and (code := bits.take(CHARACTER_BITS)):
        text += chr(code)
    if not text or len(text) > longest or bits.take(bits.left):
        raise _Unreadable("its serial is empty, too long, or goes on behind its end")
    if wrong := set(text) - set(CSET_82):
        raise _Unreadable(f"its serial holds {min(wrong)!r}")
    return text
