"""A store's whole catalogue on its way to a box: what is shipped, said and signed by head office.

The file travels as a zstd frame. Its manifest, in a header of the answer, names the one representation that the bytes
belong to, so that a download that was cut goes on where it stopped and is believed only as a whole.
"""

from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, ValidationError

from shared.errors import Denied
from shared.model.strict import Count, Id, Moment, Tolerant
from shared.protocol import proofs
from shared.protocol.batch import HexDigest
from shared.protocol.proofs import NotProven

HEADER = "Snapshot-Manifest"  # its proof
CODING = "zstd"
LEVEL = 3  # the catalogue of a million products has 38 MB then; gzip would make 48 of it
SNAPSHOT_BYTES_MAX = 200_000_000  # compressed: five million products
FILE_BYTES_MAX = 4_000_000_000  # a box has that much, or it says that it has not
WINDOW_BYTES_MAX = 8_388_608  # what a reader of zstd must be able to hold (RFC 8878); level 3 needs 2 MB
PURPOSE = b"shopwright-snapshot-1\n"  # a signature over a manifest is none over anything else


class BadManifest(Denied):
    """The catalogue was not signed by this box's head office: {problem}"""

    hint = "Selling goes on with the prices of before. If head office got a new key, enrol the box again."


class Manifest(Tolerant):
    """What one file is. Only the whole of it makes sense: nothing is used before size and digest fit."""

    tenant_id: Id
    store_id: Id
    version: Count  # of the feed that the file holds
    at: Moment  # when that was the newest, by head office's clock
    size: Annotated[int, Field(ge=1, le=SNAPSHOT_BYTES_MAX)]  # bytes on the way
    sha256: HexDigest  # of these
    file_size: Annotated[int, Field(ge=1, le=FILE_BYTES_MAX)]  # bytes of the SQLite file
    file_sha256: HexDigest

    @property
    def etag(self) -> str:
        """A strong one: the same tag means the same bytes, whichever service sends them."""
        return f'"{self.sha256}"'


def new_key() -> bytes:
    """Return the private half of a new signing key."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_half(key: bytes) -> str:
    """Return what boxes know a private key by, as hex."""
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw().hex()


def sign(manifest: Manifest, key: bytes) -> str:
    """Return the header that proves a manifest."""
    return proofs.sign(PURPOSE, manifest.model_dump_json().encode(), key)


def read(header: str, public_key: str, tenant_id: str, store_id: str) -> Manifest:
    """Return the manifest that a header proves. Raises BadManifest when it is not this store's, or not signed by
    the owner of the public key.
    """
    try:
        manifest = Manifest.model_validate_json(proofs.read(PURPOSE, header, public_key))
    except NotProven as error:
        raise BadManifest(problem=str(error)) from error
    except ValidationError as error:
        raise BadManifest(problem="it cannot be read") from error
    if (manifest.tenant_id, manifest.store_id) != (tenant_id, store_id):
        raise BadManifest(problem="it is another store's")
    return manifest
