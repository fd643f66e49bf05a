"""Between the nodes of one store: finding each other, and keeping copies of each other's unsent entries.

Everything that counts is signed by the node that says it, with the key that head office knows it by and tells the
others through the feed. So nothing here needs a secret, and whoever forges or repeats a packet makes no box forget a
copy, nor believe that one is kept:

- How far head office holds a journal is signed together with the entries that the word comes with. A copy that brings
  nothing new is a repeat, and its word counts for nothing.
- An answer repeats the nonce of its question, so it is of now.

Boxes of the first version know neither. Their copies are kept, and make nobody forget any; their answers count until
they have once answered with a nonce, and what lacks one is a repeat from then on.
"""

import base64
import binascii
import hashlib
import json
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, StringConstraints, ValidationError

from shared import ids
from shared.errors import Denied, Invalid
from shared.model.strict import Code, Count, Id, Strict, Tolerant
from shared.protocol import batch as batches
from shared.protocol import entry
from shared.protocol.batch import Batch, BrokenChain, HexDigest
from shared.protocol.enrolment import PublicKey, SignedCertificate

BEACON_BYTES_MAX = 1_000  # one packet
PROOF_HEADER = "Shopwright-Proof"
NONCE_BYTES = 16

Signature = Annotated[str, StringConstraints(max_length=100)]  # base64 of 64 bytes
Nonce = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]  # of a question, never used again


def _is_none(value: object) -> bool:
    """Tell what is not sent at all: boxes of the first version refuse fields that they do not know."""
    return value is None


class NotANeighbour(Denied):
    """That is no node of this store."""

    hint = "A new node is known as soon as this box has heard from head office."


class BadBeacon(Invalid):
    """What was heard is no node that says where it is."""

    hint = "Somebody else uses this port; choose another for all boxes of the store."


class Neighbour(Tolerant):
    """A node of a store, as the feed tells the others."""

    id: Id
    name: Code
    public_key: PublicKey


Turn = tuple[Count, Count]  # how long the node's journal was at its start, and how many beacons it sent since


class Beacon(Strict):
    """A node of a store says where it listens; its host is where this comes from."""

    node_id: Id
    port: Annotated[int, Field(ge=1, le=65_535)]
    turn: Annotated[Turn, Field(strict=False)] | None = None  # None: of the first version, so it may be a repeat
    signature: Signature


class Copy(Strict):
    """Entries of a node that head office does not hold yet, for a neighbour to keep."""

    node_id: Id
    after_hash: HexDigest  # the chain's hash before the first of them
    acknowledged_seq: Count  # copies up to here are needed no more: head office holds them
    batch: Batch
    # By the node, of `acknowledged_seq` and the batch's head. None, as the next: to or from a box of the first version.
    acknowledged_signature: Annotated[Signature | None, Field(exclude_if=_is_none)] = None
    nonce: Annotated[Nonce | None, Field(exclude_if=_is_none)] = None  # for the answer
    # What head office said of the node, for the case that it forgets it and the node is no more.
    certificate: Annotated[SignedCertificate | None, Field(exclude_if=_is_none)] = None


class Proof(Strict):
    """Who brings a copy, told before the copy itself, and for no other content and no other neighbour."""

    node_id: Id
    sha256: HexDigest  # of the body as it is sent
    signature: Signature


class Held(Strict):
    """How far a neighbour holds a node's entries, from somewhere behind what head office acknowledged."""

    node_id: Id
    by: Id
    seq: Count
    nonce: Annotated[Nonce | None, Field(exclude_if=_is_none)] = None  # of the question
    signature: Signature


class HeldQuery(Strict):
    """What comes with the question how far entries are held."""

    nonce: Nonce | None = None


class Delivery(Strict):
    """Entries of a node that its neighbour brings to head office, signed by the node itself."""

    node_id: Id
    batch: Batch


class NeighbourReturn(Strict):
    """A neighbour shows what head office once said of a node that it does not know, and what that node signed."""

    certificate: SignedCertificate
    batch: Batch


def make_beacon(key: Ed25519PrivateKey, node_id: str, port: int, turn: Turn | None = None) -> bytes:
    """Return the packet that says where a node listens. turn: none where boxes of the first version shall read it."""
    signature = sign(key, _beacon_text(node_id, port, turn))
    beacon = Beacon(node_id=node_id, port=port, turn=turn, signature=signature)
    return beacon.model_dump_json(exclude_none=True).encode()


def read_beacon(packet: bytes) -> Beacon:
    """Read a packet; who sent it is not proven yet. Raises BadBeacon."""
    if len(packet) > BEACON_BYTES_MAX:
        raise BadBeacon
    try:
        return Beacon.model_validate(json.loads(packet))
    except (ValidationError, ValueError, RecursionError) as error:
        raise BadBeacon from error


def verify_beacon(beacon: Beacon, public_key: str) -> None:
    """Raises NotANeighbour unless the node itself said it."""
    verify(public_key, _beacon_text(beacon.node_id, beacon.port, beacon.turn), beacon.signature)


def verify_copy(copy: Copy, public_key: str) -> None:
    """Check that a node wrote and signed every byte of a copy. Raises BadSignature, BrokenChain, NotANeighbour."""
    batches.verify(copy.batch, bytes.fromhex(public_key), copy.node_id)
    if copy.acknowledged_signature is not None:
        text = _acknowledged_text(copy.node_id, copy.acknowledged_seq, copy.batch.head)
        verify(public_key, text, copy.acknowledged_signature)
    head = bytes.fromhex(copy.after_hash)
    for written in copy.batch.entries:
        head = entry.chained(head, written.encode())
    if head.hex() != copy.batch.head:
        raise BrokenChain(node=copy.node_id, seq=copy.batch.last_seq)


def make_proof(key: Ed25519PrivateKey, node_id: str, to: str, content: bytes) -> str:
    """Return the header that comes before a copy. to: the neighbour that is to keep it."""
    digest = hashlib.sha256(content).hexdigest()
    return f"{node_id} {digest} {sign(key, _proof_text(node_id, to, digest))}"


def read_proof(header: str) -> Proof:
    """Read the header; nothing is proven yet. Raises NotANeighbour."""
    try:
        return Proof.model_validate(dict(zip(Proof.model_fields, header.split(" "), strict=True)))
    except ValueError as error:
        raise NotANeighbour from error


def verify_proof(proof: Proof, to: str, public_key: str) -> None:
    """Raises NotANeighbour unless the node itself brings that content to this neighbour."""
    verify(public_key, _proof_text(proof.node_id, to, proof.sha256), proof.signature)


def sign_acknowledged(key: Ed25519PrivateKey, node_id: str, seq: int, head: str) -> str:
    """Say how far head office holds a node's journal. head: of the batch that comes with it."""
    return sign(key, _acknowledged_text(node_id, seq, head))


def make_nonce() -> str:
    """Return what no earlier answer can know."""
    return ids.new_secret()[:NONCE_BYTES].hex()


def make_held(key: Ed25519PrivateKey, node_id: str, by: str, seq: int, nonce: str | None) -> Held:
    """Answer a node how far its entries are held here. nonce: of its question, if there is one."""
    signature = sign(key, _held_text(node_id, by, seq, nonce))
    return Held(node_id=node_id, by=by, seq=seq, nonce=nonce, signature=signature)


def verify_held(held: Held, public_key: str) -> None:
    """Raises NotANeighbour unless the neighbour that it names said it."""
    verify(public_key, _held_text(held.node_id, held.by, held.seq, held.nonce), held.signature)


def _beacon_text(node_id: str, port: int, turn: Turn | None) -> bytes:
    if turn is None:
        return f"shopwright beacon 1\n{node_id}\n{port}".encode()
    return f"shopwright beacon 2\n{node_id}\n{port}\n{turn[0]}\n{turn[1]}".encode()


def _proof_text(node_id: str, to: str, digest: str) -> bytes:
    return f"shopwright proof 1\n{node_id}\n{to}\n{digest}".encode()


def _held_text(node_id: str, by: str, seq: int, nonce: str | None) -> bytes:
    if nonce is None:
        return f"shopwright copy 1\n{node_id}\n{by}\n{seq}".encode()
    return f"shopwright copy 2\n{node_id}\n{by}\n{seq}\n{nonce}".encode()


def _acknowledged_text(node_id: str, seq: int, head: str) -> bytes:
    return f"shopwright acknowledged 1\n{node_id}\n{seq}\n{head}".encode()


def sign(key: Ed25519PrivateKey, text: bytes) -> str:
    """Return a node's signature of a text, which begins with what it is about."""
    return base64.b64encode(key.sign(text)).decode()


def verify(public_key: str, text: bytes, signature: str) -> None:
    """Raises NotANeighbour unless the node with this key signed this text."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(base64.b64decode(signature, validate=True), text)
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise NotANeighbour from error
