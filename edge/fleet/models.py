"""The node's identity."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.protocol.enrolment import Enrolled


@dataclass(frozen=True)
class Identity:
    """What head office gave the node at enrolment, and the key that the node made itself."""

    enrolled: Enrolled
    key: Ed25519PrivateKey

    @property
    def node_id(self) -> str:
        return self.enrolled.node_id

    @property
    def signing_key(self) -> str | None:
        """Head office's, hex; None in a box that was enrolled before there was one, and has not been told."""
        return self.enrolled.signing_key
