"""The identity's single row."""

from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.database import Transaction
from edge.fleet.models import Identity
from edge.store_clock import LastTrust
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
    """
    create table head_office_time (
        only integer primary key check (only = 1),
        heard_at text not null,
        skew_s real not null  -- head office's clock less this box's
    ) strict;
    """,
    "alter table identity add column signing_key text;",
    "alter table identity add column certificate text;",
)


def key(tx: Transaction) -> Ed25519PrivateKey:
    """Return the node's key, made at the first call and kept: a repeated enrolment presents the same one."""
    tx.execute("insert into identity (only, key) values (1, ?) on conflict do nothing", (ids.new_secret(),))
    return Ed25519PrivateKey.from_private_bytes(tx.value("select key from identity"))


def keep(tx: Transaction, enrolled: Enrolled) -> None:
    row = (enrolled.model_dump_json(exclude={"signing_key", "certificate"}), enrolled.signing_key, enrolled.certificate)
    tx.execute("update identity set enrolled = ?, signing_key = ?, certificate = ?", row)


def trust(tx: Transaction, signing_key: str) -> None:
    """Keep head office's key, unless one is known."""
    tx.execute("update identity set signing_key = ? where signing_key is null", (signing_key,))


def keep_certificate(tx: Transaction, certificate: str) -> None:
    tx.execute("update identity set certificate = ?", (certificate,))


def identity(tx: Transaction) -> Identity | None:
    """Return who the node is; None before it was enrolled."""
    row = tx.row("select key, enrolled, signing_key, certificate from identity where enrolled is not null")
    if row is None:
        return None
    told = {"signing_key": row[2], "certificate": row[3]}
    return Identity(
        Enrolled.model_validate_json(row[1]).model_copy(update=told), Ed25519PrivateKey.from_private_bytes(row[0])
    )


def last_trust(tx: Transaction) -> LastTrust | None:
    row = tx.row("select heard_at, skew_s from head_office_time")
    return LastTrust(datetime.fromisoformat(row[0]), timedelta(seconds=row[1])) if row else None


def keep_trust(tx: Transaction, trust: LastTrust) -> None:
    row = (trust.heard_at.isoformat(), trust.skew.total_seconds())
    tx.execute("insert or replace into head_office_time values (1, ?, ?)", row)
