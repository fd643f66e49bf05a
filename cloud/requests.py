"""Requests that were already done: a repeat with the same Idempotency-Key gets the first one's answer."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Column, DateTime, String, Table, Text, select

from cloud.database import Transaction, metadata
from shared.model.strict import Strict

Answer = TypeVar("Answer", bound=Strict)

requests = Table(
    "requests",
    metadata,
    Column("scope", String(36), primary_key=True),  # whose key it is: a tenant's id, or "operator"
    Column("key", String(80), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)


def once(
    tx: Transaction, scope: str, key: str | None, now: datetime, answer: type[Answer], make: Callable[[], Answer]
) -> Answer:
    """Return what `make` returns, or what it returned in the transaction that used this key before."""
    if key is None:
        return make()
    known = tx.execute(select(requests.c.answer).where(requests.c.scope == scope, requests.c.key == key)).scalar()
    if known is not None:
        return answer.model_validate_json(known)
    made = make()
    tx.execute(requests.insert().values(scope=scope, key=key, answer=made.model_dump_json(), at=now))
    return made
