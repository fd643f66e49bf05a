"""The identity's single row."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.database import Transaction
from edge.fleet.models import Identity
from shared import ids
from shared.protocol.enrolment import Enrolled

MIGRATIONS = (
    """
    create table identity (
        only integer primary key check (only = 1),
        key blob not null,
        enrolled text
    ) strict;
    """,
)


def key(tx: Transaction) -> Ed25519PrivateKey:
    """Return the node's key, made at the first call and kept: a repeated enrolment presents the same one."""
    tx.execute("insert into identity (only, key) values (1, ?) on conflict do nothing", (ids.new_secret(),))
    return Ed25519PrivateKey.from_private_bytes(tx.value("select key from identity"))


def keep(tx: Transaction, enrolled: Enrolled) -> None:
    tx.execute("update identity set enrolled = ?", (enrolled.model_dump_json(),))


def identity(tx: Transaction) -> Identity | None:
    """Return who the node is; None before it was enrolled."""
    row = tx.row("select key, enrolled from identity where enrolled is not null")
    if row is None:
        return None
    return Identity(Enrolled.model_validate_json(row[1]), Ed25519PrivateKey.from_private_bytes(row[0]))
