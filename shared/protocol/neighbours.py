"""Between the nodes of one store: finding each other, and keeping copies of each other's unsent entries.

Everything that counts is signed by the node that says it, with the key that head office knows it by and tells the
others through the feed. So nothing here needs a secret, and what is repeated or forged changes nothing.
"""

import base64
import binascii
import hashlib
import json
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, StringConstraints, ValidationError

from shared.errors import Denied, Invalid
from shared.model.strict import Code, Count, Id, Strict, Tolerant
from shared.protocol import batch as batches
from shared.protocol import entry
from shared.protocol.batch import Batch, BrokenChain, HexDigest
from shared.protocol.enrolment import PublicKey

BEACON_BYTES_MAX = 1_000  # one packet
PROOF_HEADER = "Shopwright-Proof"

Signature = Annotated[str, StringConstraints(max_length=100)]  # base64 of 64 bytes


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
    signature: Signature


class Delivery(Strict):
    """Entries of a node that its neighbour brings to head office, signed by the node itself."""

    node_id: Id
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
    """Check that a node wrote and signed every byte of a copy. Raises BadSignature, BrokenChain."""
    batches.verify(copy.batch, bytes.fromhex(public_key), copy.node_id)
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


def make_held(key: Ed25519PrivateKey, node_id: str, by: str, seq: int) -> Held:
    """Answer a node how far its entries are held here."""
    return Held(node_id=node_id, by=by, seq=seq, signature=sign(key, _held_text(node_id, by, seq)))


def verify_held(held: Held, public_key: str) -> None:
    """Raises NotANeighbour unless the neighbour that it names said it."""
    verify(public_key, _held_text(held.node_id, held.by, held.seq), held.signature)


def _beacon_text(node_id: str, port: int, turn: Turn | None) -> bytes:
    if turn is None:
        return f"shopwright beacon 1\n{node_id}\n{port}".encode()
    return f"shopwright beacon 2\n{node_id}\n{port}\n{turn[0]}\n{turn[1]}".encode()


def _proof_text(node_id: str, to: str, digest: str) -> bytes:
    return f"shopwright proof 1\n{node_id}\n{to}\n{digest}".encode()


def _held_text(node_id: str, by: str, seq: int) -> bytes:
    return f"shopwright copy 1\n{node_id}\n{by}\n{seq}".encode()


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
