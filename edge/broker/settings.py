"""What may be set about the store's broker."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.model.strict import Strict

Role = Literal["listener", "receiver", "device", "service"]
Promise = Literal["orders", "refunds", "devices"]

# A level of a topic: no slash, no wildcard, nothing that people confuse.
UserName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
PortNumber = Annotated[int, Field(ge=0, le=65535)]  # 0: any free one


def with_port(url: str) -> str:
    """Refuse a port that is none; `urlsplit` raises ValueError with the reason when it is read."""
    _ = urlsplit(url).port
    return url


BrokerUrl = Annotated[
    str,
    StringConstraints(pattern=r"^mqtts?://([^\s/@]+@)?[A-Za-z0-9.\[\]:_-]+$", max_length=500),
    AfterValidator(with_port),
]


class BrokerUser(Strict):
    """Somebody who may connect. `shopwright-edge broker-user` makes the secret and this entry."""

    name: UserName
    role: Role = "listener"
    secret_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None  # None: no way in
    promised: Annotated[tuple[Promise, ...], Field(max_length=3)] = ()  # until it sends a receipt

    @model_validator(mode="after")
    def _can_take_what_is_promised(self) -> Self:
        if self.promised and self.role != "receiver":
            raise ValueError("only a receiver can be promised something")
        return self


class Tls(Strict):
    """Encryption on our own broker's port. Without files a certificate of its own is made at the first start."""

    certificate: str | None = None  # PEM, with what stands between it and its authority
    key: str | None = None  # PEM

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        return self


class Broker(Strict):
    """Where the store's MQTT broker listens, and to whom; or which other broker the store uses."""

    url: BrokerUrl | None = None  # mqtt://[name[:password]@]host[:port]; mqtts:// over TLS. None: our own
    authority: str | None = None  # PEM of who signed that one's certificate; None: those the system trusts
    host: str = "127.0.0.1"
    port: PortNumber = 1883
    tls: Tls | None = None
    anonymous: bool = False  # whether whoever reaches the port may listen to announcements
    users: Annotated[tuple[BrokerUser, ...], Field(max_length=1_000)] = ()
    connections_max: Annotated[int, Field(ge=1, le=10_000)] = 100  # a store has some tens of screens and gates
    connections_per_address_max: Annotated[int, Field(ge=1, le=10_000)] = 20
    promised_hours: Annotated[float, Field(gt=0, le=2_400)] = 72.0  # of running; a message older than that is given up

    def relative_to(self, folder: Path) -> Self:
        """Return the same with its files' paths seen from the configuration's folder."""
        tls = self.tls and Tls(certificate=_within(folder, self.tls.certificate), key=_within(folder, self.tls.key))
        return self.model_copy(update={"tls": tls, "authority": _within(folder, self.authority)})


def _within(folder: Path, path: str | None) -> str | None:
    return path and str(folder / path)
