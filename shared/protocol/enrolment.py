"""How a node and head office come to know each other, and do so again when head office forgot.

An enrolled node gets a certificate: who it is, signed by head office. A head office that was restored from a copy of
before the enrolment does not know the node any more, but knows its own signature.
"""

from typing import Annotated

from pydantic import StringConstraints, ValidationError

from shared.errors import Denied
from shared.model.strict import Code, Id, Strict, Tolerant
from shared.protocol import proofs
from shared.protocol.proofs import NotProven

CODE_LENGTH_MIN, CODE_LENGTH_MAX = 4, 40
CERTIFICATE_LENGTH_MAX = 4_000
PURPOSE = b"shopwright-certificate-1\n"

SignedCertificate = Annotated[str, StringConstraints(max_length=CERTIFICATE_LENGTH_MAX)]
PublicKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]  # Ed25519, hex


class BadCertificate(Denied):
    """This certificate was not made by this head office: {problem}"""

    hint = "Enrol the box with a new code."


class EnrolmentRequest(Strict):
    """The installer's one-time code and the public half of the key that the node has just made for itself."""

    code: Annotated[str, StringConstraints(min_length=CODE_LENGTH_MIN, max_length=CODE_LENGTH_MAX)]
    public_key: PublicKey


class Enrolled(Tolerant):
    """Who the node is from now on, and whom it belongs to."""

    node_id: Id
    node_name: Code
    tenant_id: Id
    store_id: Id
    series: Code  # prefix of its receipt numbers
    # Head office's, for what it ships, and what the node shows when it is forgotten; boxes of before have to ask.
    signing_key: PublicKey | None = None
    certificate: SignedCertificate | None = None


class Certificate(Tolerant):
    """Who a node is, as head office enrolled it."""

    node_id: Id
    node_name: Code
    tenant_id: Id
    store_id: Id
    series: Code
    public_key: PublicKey


class ReturnRequest(Strict):
    """A node that head office does not know shows its certificate."""

    certificate: SignedCertificate


def certify(certificate: Certificate, key: bytes) -> str:
    """Sign a certificate with head office's key."""
    return proofs.sign(PURPOSE, certificate.model_dump_json().encode(), key)


def read_certificate(text: str, public_key: str) -> Certificate:
    """Return what a certificate says. Raises BadCertificate unless the owner of the public key signed it."""
    try:
        return Certificate.model_validate_json(proofs.read(PURPOSE, text, public_key))
    except NotProven as error:
        raise BadCertificate(problem=str(error)) from error
    except ValidationError as error:
        raise BadCertificate(problem="it cannot be read") from error
