"""Texts that head office signed: `<text>.<signature>`, both base64url. A purpose stands before each, so that what was
signed for one is worth nothing for another.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class NotProven(Exception):
    """Told with the reason; whoever reads the proof makes it an error of theirs."""


def sign(purpose: bytes, text: bytes, key: bytes) -> str:
    """Return the proof of a text. key: the private half."""
    signature = Ed25519PrivateKey.from_private_bytes(key).sign(purpose + text)
    return f"{base64.urlsafe_b64encode(text).decode()}.{base64.urlsafe_b64encode(signature).decode()}"


def read(purpose: bytes, proof: str, public_key: str) -> bytes:
    """Return the text that a proof is of. public_key: hex. Raises NotProven."""
    try:
        text, signature = (base64.b64decode(part, altchars=b"-_", validate=True) for part in proof.split("."))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, purpose + text)
    except InvalidSignature as error:
        raise NotProven("the signature is wrong") from error
    except (binascii.Error, ValueError) as error:
        raise NotProven("it cannot be read") from error
    return text
