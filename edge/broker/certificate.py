"""TLS on our own broker's port, with the certificate that is configured or one that the box makes itself."""

import ipaddress
import os
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from edge.broker.settings import Tls

CERTIFICATE_FILE, KEY_FILE = "broker.crt", "broker.key"
# Clients trust exactly this file, so a day on which it ends would only be a day on which the store stands still; and a
# box whose clock is wrong could not make one that is valid. 9999 means that there is no such day (RFC 5280, 4.1.2.5).
VALID_FROM, VALID_TO = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def tls_context(settings: Tls, folder: Path, host: str) -> ssl.SSLContext:
    """Return how our port is encrypted.

    folder: where a certificate of our own is kept, and made when it is not there. Raises OSError (ssl.SSLError is one)
    when the files cannot be read or do not belong together.
    """
    certificate, key = folder / CERTIFICATE_FILE, folder / KEY_FILE
    if settings.certificate and settings.key:
        certificate, key = Path(settings.certificate), Path(settings.key)
    elif not (certificate.exists() and key.exists()):
        _make(certificate, key, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def _make(certificate: Path, key: Path, host: str) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Shopwright store broker")])
    made = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number(), VALID_FROM, VALID_TO)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(key, pem, mode=0o600)
    _write(certificate, made.public_bytes(Encoding.PEM), mode=0o644)  # devices are given a copy of it


def _names(host: str) -> list[x509.GeneralName]:
    """Return what clients may call this box."""
    names = {"localhost", socket.gethostname()}
    addresses = {"127.0.0.1", "::1"}
    try:
        addresses.add(str(ipaddress.ip_address(host)))
    except ValueError:
        names.add(host)
    return [
        *(x509.DNSName(name) for name in sorted(names)),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in sorted(addresses)),
    ]


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write all or nothing: a power cut leaves no half a key."""
    unfinished = path.with_suffix(".part")
    unfinished.touch(mode)
    unfinished.chmod(mode)
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
