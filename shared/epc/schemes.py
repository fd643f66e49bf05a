"""How the schemes of the EPC lay their fields out in a tag's memory.

Source: GS1 EPC Tag Data Standard 1.13, section 14 (binary encodings) and annex A (characters of texts).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

HEADER_BITS, FILTER_BITS, PARTITION_BITS = 8, 3, 3
CHARACTER_BITS = 7

# By partition: bits and digits of the company prefix. There is no partition 7.
PREFIXES = ((40, 12), (37, 11), (34, 10), (30, 9), (27, 8), (24, 7), (20, 6))

# What stands behind prefix and reference: a number, characters up to a zero, or zeros that mean nothing.
Rest = Literal["number", "text", "zeros"]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme. Prefix and reference share a field: the longer the one, the shorter the other."""

    name: str
    bits: int
    shared_bits: int  # of prefix and reference; 0 when the reference is all the rest
    shared_digits: int
    rest: Rest
    rest_digits: int = 0  # the most characters or digits of the rest; 0 where bits are the only bound

    @property
    def family(self) -> str:
        """The scheme's name in identities, which say nothing of bits."""
        return self.name.partition("-")[0]

    def rest_max(self, prefix_digits: int) -> int:
        """Return the most characters of the rest; where it is the whole reference, a longer prefix leaves less."""
        return self.rest_digits if self.shared_bits else self.rest_digits - prefix_digits


SCHEMES: Mapping[int, Scheme] = {
    0x2C: Scheme("gdti-96", 96, 41, 12, "number"),
    0x2D: Scheme("gsrn-96", 96, 58, 17, "zeros"),
    0x2E: Scheme("gsrnp-96", 96, 58, 17, "zeros"),
    0x30: Scheme("sgtin-96", 96, 44, 13, "number"),
    0x31: Scheme("sscc-96", 96, 58, 17, "zeros"),
    0x32: Scheme("sgln-96", 96, 41, 12, "number"),
    0x33: Scheme("grai-96", 96, 44, 12, "number"),
    0x34: Scheme("giai-96", 96, 0, 0, "number", 25),
    0x35: Scheme("gid-96", 96, 0, 0, "number"),
    0x36: Scheme("sgtin-198", 198, 44, 13, "text", 20),
    0x37: Scheme("grai-170", 170, 44, 12, "text", 16),
    0x38: Scheme("giai-202", 202, 0, 0, "text", 30),
    0x39: Scheme("sgln-195", 195, 41, 12, "text", 20),
    0x3E: Scheme("gdti-174", 174, 41, 12, "text", 17),
}
SHORTEST_WORDS = min(scheme.bits for scheme in SCHEMES.values()) // 16
HEADERS = {scheme.name: header for header, scheme in SCHEMES.items()}
GID_BITS = (28, 24, 36)  # manager, class, serial
