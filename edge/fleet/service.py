"""Becoming a node, and knowing which one."""

from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge import journal
from edge.database import Transaction
from edge.fleet import storage
from edge.fleet.models import Identity
from edge.store_clock import TOLERANCE, LastTrust, StoreClock
from shared.clock import Clock
from shared.errors import Conflict, Misconfigured
from shared.protocol.enrolment import Enrolled

KEPT_FOR = timedelta(minutes=10)  # a box without a battery starts at most this far in the past


class NotEnrolled(Misconfigured):
    """This box does not belong to a store yet."""

    hint = "Get a one-time code from head office and run: shopwright-edge enrol --config FILE CODE"


class AlreadyEnrolled(Conflict):
    """This box is already node {node} of a store."""

    hint = "To use it elsewhere, give it an empty data folder once everything was sent to head office."


def key_for_enrolment(tx: Transaction) -> Ed25519PrivateKey:
    """Return the key to enrol with. Raises AlreadyEnrolled."""
    known = storage.identity(tx)
    if known:
        raise AlreadyEnrolled(node=known.enrolled.node_name)
    return storage.key(tx)


def enrol(tx: Transaction, enrolled: Enrolled) -> None:
    storage.keep(tx, enrolled)


def trust(tx: Transaction, signing_key: str) -> Identity:
    """Believe from now on what this key signs, unless another one is believed already. Returns the identity."""
    storage.trust(tx, signing_key)
    return who_am_i(tx)


def keep_certificate(tx: Transaction, certificate: str) -> Identity:
    """Keep what head office says of this node, for the day when it has forgotten. Returns the identity."""
    storage.keep_certificate(tx, certificate)
    return who_am_i(tx)


def who_am_i(tx: Transaction) -> Identity:
    """Return the node's identity. Raises NotEnrolled."""
    known = storage.identity(tx)
    if known is None:
        raise NotEnrolled
    return known


def store_clock(tx: Transaction, device: Clock) -> StoreClock:
    """Return the store's time, going on from what this box knew when it was stopped."""
    return StoreClock.opened(device, storage.last_trust(tx), journal.newest_at(tx))


def keep_trust(tx: Transaction, trust: LastTrust) -> None:
    """Keep head office's time for the next start, unless much the same is kept."""
    kept = storage.last_trust(tx)
    if kept is None or abs(trust.heard_at - kept.heard_at) > KEPT_FOR or abs(trust.skew - kept.skew) > TOLERANCE:
        storage.keep_trust(tx, trust)
