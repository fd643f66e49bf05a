"""The only source of randomness: ids, codes and keys.

Ids are UUID version 7 (RFC 9562, section 5.7): they sort by the time at which they were made, so they stay close
together in an index, and any node makes them without asking anybody.
"""

import random
import secrets
import time
from uuid import UUID

# No vowels and no look-alikes (0 O 1 I L): people read these aloud to each other.
READABLE = "23456789BCDFGHJKMNPQRSTVWXZ"


def new_id() -> str:
    """Return a fresh UUIDv7 as text; its 12 bits behind the milliseconds are their fraction (section 6.2, method 3)."""
    unix_ms, rest_ns = divmod(time.time_ns(), 1_000_000)
    fraction = rest_ns * 4096 // 1_000_000
    return str(UUID(int=unix_ms << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)))


def new_enrolment_code() -> str:
    """Return a one-time code that an installer types: three groups of four, 57 bits."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(3))


def new_key(prefix: str) -> str:
    """Return a secret key, 256 bits; the prefix says what it opens and lets scanners for leaked keys find it."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def jitter() -> float:
    """Return a factor from 0.5 to 1.0 that keeps many waiting nodes from returning in the same instant."""
    return 0.5 + secrets.randbelow(1001) / 2000


def seeded(seed: int) -> random.Random:
    """Return a source of choices that one seed repeats exactly: for simulations, never for keys or ids."""
    return random.Random(seed)  # noqa: S311
