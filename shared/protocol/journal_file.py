"""A journal as a file that anyone can verify: who wrote it, the entries as written, one a line, and the signed head.

The signature is the one that batches carry, so a file says no less than what head office was sent. A span needs the
hash before its first entry; a whole journal begins with the node's genesis.
"""

import base64
import binascii
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError

from shared.errors import Invalid
from shared.model.strict import Code, Count, Id, Strict
from shared.protocol import entry
from shared.protocol.batch import HexDigest, message
from shared.protocol.enrolment import PublicKey


class DamagedFile(Invalid):
    """The file is no whole journal: line {line}: {problem}"""

    hint = "Export it again from the box. If it is damaged there too, keep the box switched on and call support."


class Opening(Strict):
    """The first line."""

    format: Literal["shopwright-journal-1"] = "shopwright-journal-1"
    node_id: Id
    series: Code
    public_key: PublicKey
    after_seq: Count  # the entries behind this one are here
    after_hash: HexDigest


class Ending(Strict):
    """The last line."""

    last_seq: Count
    head: HexDigest
    signature: str


@dataclass(slots=True)
class Verified:
    """What a file holds, once every byte of it was checked."""

    opening: Opening
    last_seq: int = 0
    names: Counter[str] = field(default_factory=Counter)  # of the entries


@dataclass(slots=True)
class Writer:
    """Writes a file, line by line."""

    opening: Opening
    _seq: int = field(init=False)
    _head: bytes = field(init=False)

    def __post_init__(self) -> None:
        self._seq, self._head = self.opening.after_seq, bytes.fromhex(self.opening.after_hash)

    def begin(self) -> bytes:
        return self.opening.model_dump_json().encode() + b"\n"

    def line(self, written: bytes) -> bytes:
        """Return the line of the entry that follows."""
        self._seq, self._head = self._seq + 1, entry.chained(self._head, written)
        return written + b"\n"

    def end(self, key: Ed25519PrivateKey) -> bytes:
        """Return the last line, signed by the node."""
        head = self._head.hex()
        signature = base64.b64encode(key.sign(message(self.opening.node_id, self._seq, head))).decode()
        return Ending(last_seq=self._seq, head=head, signature=signature).model_dump_json().encode() + b"\n"


def verify(file: Iterable[bytes]) -> Verified:
    """Check a file line by line: numbers, chain, signature. Raises DamagedFile with the first line that is wrong."""
    ahead = iter(file)
    try:
        verified = Verified(Opening.model_validate_json(next(ahead)))
    except (StopIteration, ValidationError) as error:
        raise DamagedFile(line=1, problem="it does not begin as an exported journal does") from error
    opening = verified.opening
    verified.last_seq = opening.after_seq
    head = bytes.fromhex(opening.after_hash)
    if opening.after_seq == 0 and head != entry.genesis(opening.node_id):
        raise DamagedFile(line=1, problem="it begins with another node's journal")
    before, number = b"", 1
    for number, line in enumerate(ahead, start=2):
        if before:
            head = entry.chained(head, before)
            _count(verified, before, number - 1)
        before = line.removesuffix(b"\n")
    _demand_ending(opening, before, number, verified.last_seq, head.hex())
    return verified


def _count(verified: Verified, written: bytes, number: int) -> None:
    try:
        read = entry.read(written)
    except entry.BadEntry as error:
        raise DamagedFile(line=number, problem=str(error.facts["problem"])) from error
    verified.last_seq += 1
    if read.seq != verified.last_seq:
        raise DamagedFile(line=number, problem=f"entry {read.seq} stands where {verified.last_seq} should be")
    verified.names[read.name] += 1


def _demand_ending(opening: Opening, line: bytes, number: int, last_seq: int, head: str) -> None:
    try:
        ending = Ending.model_validate_json(line)
        signature = base64.b64decode(ending.signature, validate=True)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(opening.public_key))
        key.verify(signature, message(opening.node_id, ending.last_seq, ending.head))
    except ValidationError as error:
        raise DamagedFile(line=number, problem="the end of the file is missing") from error
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise DamagedFile(line=number, problem="the signature is not the node's") from error
    if (ending.last_seq, ending.head) != (last_seq, head):
        raise DamagedFile(line=number, problem="the entries are not those that were signed")
