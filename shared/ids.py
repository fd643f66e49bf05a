"""The only source of randomness: ids, codes and keys.

Ids are UUID version 7 (RFC 9562, section 5.7): they sort by the time at which they were made, so they stay close
together in an index, and any node makes them without asking anybody.
"""

import base64
import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol
from uuid import UUID

# No vowels and no look-alikes (0 O 1 I L): people read these aloud to each other.
READABLE = "23456789BCDFGHJKMNPQRSTVWXZ"


class Source(Protocol):
    """Where time and chance come from."""

    def time_ns(self) -> int:
        """Return nanoseconds since 1970."""

    def randbits(self, bits: int) -> int:
        """Return a number with up to so many bits."""


class _System:
    """The machine's own, which nobody can foretell."""

    def time_ns(self) -> int:
        return time.time_ns()

    def randbits(self, bits: int) -> int:
        return secrets.randbits(bits)


_SYSTEM = _System()
_source: ContextVar[Source] = ContextVar("source", default=_SYSTEM)


@contextmanager
def drawn_from(source: Source) -> Iterator[None]:
    """Draw from another source in here, and in tasks begun in here: for simulations, which one seed repeats."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def new_id() -> str:
    """Return a fresh UUIDv7 as text; its 12 bits behind the milliseconds are their fraction (section 6.2, method 3)."""
    source = _source.get()
    unix_ms, rest_ns = divmod(source.time_ns(), 1_000_000)
    fraction = rest_ns * 4096 // 1_000_000
    return str(UUID(int=unix_ms << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | source.randbits(62)))


def new_enrolment_code() -> str:
    """Return a one-time code that an installer types: three groups of four, 57 bits."""
    return "-".join("".join(READABLE[_below(len(READABLE))] for _ in range(4)) for _ in range(3))


def new_basket_code() -> str:
    """Return a short code under which a basket waits for a while; people read it off one screen and type it at another.

    28 bits: it is good at the store's own boxes only, which bound how often somebody may guess.
    """
    return "".join(READABLE[_below(len(READABLE))] for _ in range(6))


def new_key(prefix: str) -> str:
    """Return a secret key, 256 bits; the prefix says what it opens and lets scanners for leaked keys find it."""
    return f"{prefix}_{base64.urlsafe_b64encode(new_secret()).rstrip(b'=').decode()}"


def new_secret() -> bytes:
    """Return 32 bytes that nobody can guess: the private half of a key."""
    return _source.get().randbits(256).to_bytes(32, "big")


def jitter() -> float:
    """Return a factor from 0.5 to 1.0 that keeps many waiting nodes from returning in the same instant."""
    return 0.5 + _below(1001) / 2000


def _below(limit: int) -> int:
    """Return a number from 0 to `limit` - 1, each as likely as the others."""
    while (drawn := _source.get().randbits(limit.bit_length())) >= limit:
        pass
    return drawn


def seeded(seed: int) -> random.Random:
    """Return a source of choices that one seed repeats exactly: for simulations, never for keys or ids."""
    return random.Random(seed)  # noqa: S311
