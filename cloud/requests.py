"""Requests that were already done: a repeat with the same Idempotency-Key gets the first one's answer."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Column, DateTime, String, Table, Text, select

from cloud.database import Transaction, metadata
from shared.errors import Conflict
from shared.model.strict import Strict

Answer = TypeVar("Answer", bound=Strict)

requests = Table(
    "requests",
    metadata,
    Column("scope", String(36), primary_key=True),  # whose key it is: a tenant's id, or "operator"
    Column("key", String(80), primary_key=True),
    Column("meaning", String(64), nullable=False),  # SHA-256 of what was asked
    Column("answer", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)


class KeyReused(Conflict):
    """This Idempotency-Key was used before for something else."""

    hint = "Use a fresh key for each new intent."


def once(
    tx: Transaction,
    scope: str,
    key: str | None,
    asked: Strict,
    now: datetime,
    answer: type[Answer],
    make: Callable[[], Answer],
) -> Answer:
    """Return what `make` returns, or what it returned in the transaction that used this key before.

    asked: the request, by which a key that is used for something else is known. Raises KeyReused.
    """
    if key is None:
        return make()
    meaning = hashlib.sha256(f"{type(asked).__name__} {asked.model_dump_json()}".encode()).hexdigest()
    known = tx.execute(select(requests).where(requests.c.scope == scope, requests.c.key == key)).first()
    if known is not None:
        if known.meaning != meaning:
            raise KeyReused
        return answer.model_validate_json(known.answer)
    made = make()
    row = {"scope": scope, "key": key, "meaning": meaning, "answer": made.model_dump_json(), "at": now}
    tx.execute(requests.insert(), row)
    return made
