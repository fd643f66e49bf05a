"""The service's own key: boxes believe its snapshots, and it believes their certificates, by what is signed with this.

It lives in the database, so a copy of the data brings the key along, and boxes go on believing a restored head office.
"""

from sqlalchemy import Column, Integer, LargeBinary, Table, select
from sqlalchemy.dialects.sqlite import insert

from cloud.database import Transaction, metadata
from shared.protocol import snapshot

signing_key = Table(
    "signing_key",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),  # 1
    Column("key", LargeBinary, nullable=False),  # Ed25519, private half
)


def kept_key(tx: Transaction) -> bytes:
    """Return the private half, made at the first call."""
    tx.execute(insert(signing_key).values(only=1, key=snapshot.new_key()).on_conflict_do_nothing())
    return private_key(tx)


def private_key(tx: Transaction) -> bytes:
    """Return the private half, once it was made."""
    key: bytes = tx.execute(select(signing_key.c.key)).scalar_one()
    return key
