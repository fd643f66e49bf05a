"""Entries on their way up, signed by the node that wrote them, and head office's answer."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, StringConstraints

from shared.errors import Conflict, Denied
from shared.model.strict import Count, Moment, Strict
from shared.protocol.entry import ENTRY_BYTES_MAX

BATCH_ENTRIES_MAX = 100  # a hundred orders of 20 lines are about 1 MB
BATCH_BYTES_MAX = 4_000_000

HexDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class BadSignature(Denied):
    """The batch was not signed by the node that sends it."""

    hint = "Enrol the node again; its key has changed."


class BrokenChain(Conflict):
    """The node's journal does not continue what head office holds of it."""

    hint = "The box was restored from an older copy, or its journal was damaged. Enrol it as a new node."


class Backlog(Strict):
    """What a node has not yet delivered; sent with every contact so that head office can worry in time."""

    unsent: Count
    oldest_unsent_at: Moment | None = None


class Batch(Strict):
    """Consecutive entries as written, the chain's hash after the last of them, and the node's signature."""

    first_seq: Annotated[int, Field(ge=1, le=2**53)]
    entries: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=ENTRY_BYTES_MAX)], ...],
        Field(min_length=1, max_length=BATCH_ENTRIES_MAX),
    ]
    head: HexDigest
    signature: Annotated[str, StringConstraints(max_length=100)]  # base64 of 64 bytes
    backlog: Backlog  # before this batch

    @property
    def last_seq(self) -> int:
        return self.first_seq + len(self.entries) - 1


class Acknowledged(Strict):
    """Head office holds every entry up to `seq`; `head` is the chain's hash there."""

    seq: Count
    head: HexDigest


def message(node_id: str, last_seq: int, head: str) -> bytes:
    return f"shopwright journal 1\n{node_id}\n{last_seq}\n{head}".encode()


def sign(
    key: Ed25519PrivateKey, node_id: str, first_seq: int, entries: Sequence[bytes], head: bytes, backlog: Backlog
) -> Batch:
    """Make a batch of entries `first_seq`, `first_seq` + 1 …; head: the chain's hash after the last."""
    signature = key.sign(message(node_id, first_seq + len(entries) - 1, head.hex()))
    return Batch(
        first_seq=first_seq,
        entries=tuple(entry.decode() for entry in entries),
        head=head.hex(),
        signature=base64.b64encode(signature).decode(),
        backlog=backlog,
    )


def verify(batch: Batch, public_key: bytes, node_id: str) -> None:
    """Check that the node signed the batch. Raises BadSignature."""
    try:
        signature = base64.b64decode(batch.signature, validate=True)
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(signature, message(node_id, batch.last_seq, batch.head))
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise BadSignature(node_id=node_id) from error
