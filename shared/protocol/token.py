"""A node proves who it is with a short-lived token that it signs itself (JWT, EdDSA; RFC 7519, RFC 8037).

Its clock may be wrong, so it dates the token by what head office's `Date` header told it; see edge/sync/client.py.
"""

import base64
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import extract_compact
from pydantic import TypeAdapter

from shared.errors import Unauthenticated
from shared.model.strict import Id

NODE_ID: TypeAdapter[str] = TypeAdapter(Id)
ALGORITHM = "Ed25519"  # RFC 9864's name for EdDSA over Curve25519
AUDIENCE = "shopwright-head-office"
LIFETIME_S = 300
SKEW_S = 60
TOKEN_BYTES_MAX = 2_000


class BadToken(Unauthenticated):
    """The node's token is not valid: {problem}"""

    hint = "Check the box's clock, or enrol the node again."


def issue(key: Ed25519PrivateKey, node_id: str, now: datetime) -> str:
    """Return a token that says "I am node `node_id`", valid for five minutes from `now`."""
    issued_s = int(now.timestamp())
    claims = {"sub": node_id, "aud": AUDIENCE, "iat": issued_s, "exp": issued_s + LIFETIME_S}
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return jwt.encode({"alg": ALGORITHM, "kid": node_id}, claims, OKPKey.import_key(pem), algorithms=[ALGORITHM])


def claimed_node(token: str) -> str:
    """Return the node that a token claims to come from; nothing is proven yet. Raises BadToken."""
    if len(token) > TOKEN_BYTES_MAX:
        raise BadToken(problem="it is too long")
    try:
        return NODE_ID.validate_python(extract_compact(token.encode(errors="surrogateescape")).headers()["kid"])
    except (JoseError, ValueError, KeyError, RecursionError) as error:
        raise BadToken(problem="it cannot be read") from error


def verify(token: str, public_key: bytes, now: datetime) -> str:
    """Return the node that signed the token. Raises BadToken when signature, audience or times are wrong."""
    x = base64.urlsafe_b64encode(public_key).rstrip(b"=").decode()
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})
    try:
        token_read = jwt.decode(token, key, algorithms=[ALGORITHM])
    except (JoseError, ValueError, RecursionError) as error:
        raise BadToken(problem="its signature is wrong") from error
    claims = token_read.claims
    now_s = now.timestamp()
    if claims.get("aud") != AUDIENCE or claims.get("sub") != token_read.header.get("kid"):
        raise BadToken(problem="it was made for another purpose")
    issued_s, expires_s = claims.get("iat"), claims.get("exp")
    if not (isinstance(issued_s, int) and isinstance(expires_s, int)):
        raise BadToken(problem="it has no dates")
    if not issued_s - SKEW_S <= now_s <= min(expires_s, issued_s + LIFETIME_S) + SKEW_S:
        raise BadToken(problem="its dates do not fit head office's clock")
    return str(claims["sub"])
