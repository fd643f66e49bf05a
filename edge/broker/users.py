"""Proving who connects. Secrets are made by us, 256 bits long, and kept as hashes: nobody guesses them, so a fast hash
does, and checking one costs an attacker's victim nothing.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.broker.settings import BrokerUser
from edge.broker.topics import Caller
from shared import ids

ADDRESSES_MAX = 1_000  # of which failures are remembered; the one that failed longest ago is forgotten first
SLOW_FIRST_S = 0.25  # what a typing error costs
SLOW_MAX_S = 8.0


def issue() -> tuple[str, str]:
    """Return a new secret, to be told once, and its hash, to be kept."""
    secret = ids.new_key("sw_broker")
    return secret, hashed(secret.encode())


def hashed(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()


@dataclass(slots=True)
class Users:
    """Those who may connect."""

    known: Sequence[BrokerUser]
    anonymous: bool

    def caller(self, name: str | None, secret: bytes | None) -> Caller | None:
        """Return who this is; None when they are nobody, or do not prove it."""
        if name is None:
            return Caller("", "listener") if self.anonymous else None
        user = next((user for user in self.known if user.name == name), None)
        # An unknown name takes the same way, so that the time tells nothing about names.
        kept = (user and user.secret_sha256) or hashed(b"")
        is_proven = hmac.compare_digest(hashed(secret or b""), kept)
        return Caller(user.name, user.role) if user and user.secret_sha256 and is_proven else None


@dataclass(slots=True)
class Slowing:
    """How long each address waits for its next refusal: twice as long as for the one before."""

    failures: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def failed(self, address: str) -> float:
        """Count a failure; returns the seconds that its answer has to wait."""
        times = self.failures.pop(address, 0)
        self.failures[address] = times + 1
        if len(self.failures) > ADDRESSES_MAX:
            self.failures.popitem(last=False)
        return min(SLOW_FIRST_S * 2.0 ** min(times, 10), SLOW_MAX_S)

    def proved(self, address: str) -> None:
        self.failures.pop(address, None)
