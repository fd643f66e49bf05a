"""Seven data bits with parity on a line of eight bits without.

Both have ten bits on the wire, so the line stays at 8N1 and the eighth bit is ours to check: the operating system would
only drop it, and a weight with a flipped bit would pass.
"""

from typing import Literal

from devices.errors import DeviceGarbled

Parity = Literal["even", "odd", "none"]
SEVEN_BITS = 0x7F
EIGHTH_BIT = 0x80


def with_parity(data: bytes, parity: Parity) -> bytes:
    """Return bytes of seven bits with their parity as eighth."""
    if parity == "none":
        return data
    return bytes(byte if byte.bit_count() % 2 == (parity == "odd") else byte | EIGHTH_BIT for byte in data)


def without_parity(data: bytes, parity: Parity) -> bytes:
    """Return the seven bits of each byte. Raises DeviceGarbled when a parity bit is wrong."""
    bare = bytes(byte & SEVEN_BITS for byte in data)
    if parity != "none" and with_parity(bare, parity) != data:
        raise DeviceGarbled(problem="wrong parity", frame=data.hex())
    return bare
