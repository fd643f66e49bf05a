"""Encrypted links to devices, which have addresses instead of names and certificates of their own making."""

import ssl
from pathlib import Path


def trusting(certificate: Path) -> ssl.SSLContext:
    """Return a client's context that trusts whoever is proven by one PEM file: the device's own certificate, pinned
    by that, or the certificate of the store's own authority. Names are not compared.

    Raises OSError when the file cannot be read or is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a pinned certificate need not be its own authority
    context.load_verify_locations(certificate)
    return context
