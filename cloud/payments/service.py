"""Charging once per id, and taking back for good."""

from datetime import datetime
from typing import Literal

from cloud.database import Transaction
from cloud.payments import storage
from cloud.received import Node
from shared.errors import Invalid
from shared.protocol.payments import PaymentRequest, PaymentResult

APPROVED, DECLINED, SILENT = "test-approved", "test-declined", "test-silent"
NO_CURRENCY = "XXX"  # ISO 4217: no currency is involved


class UnknownCard(Invalid):
    """The test gateway knows no card {card}."""

    hint = f"Use {APPROVED}, {DECLINED} or {SILENT}."


def charge(tx: Transaction, node: Node, request: PaymentRequest, now: datetime) -> PaymentResult:
    """Decide a payment, or tell what was decided under its id before. Raises UnknownCard."""
    known = storage.payment(tx, node.tenant_id, request.id)
    if known is not None:
        return known
    if request.card not in {APPROVED, DECLINED, SILENT}:
        raise UnknownCard(card=request.card)
    state: Literal["approved", "declined"] = "declined" if request.card == DECLINED else "approved"
    result = PaymentResult(id=request.id, state=state, reference=f"TEST{request.id[-8:].upper()}")
    storage.add(tx, node.tenant_id, node.id, result, request.amount_minor, request.currency, now)
    return result


def void(tx: Transaction, node: Node, payment_id: str, now: datetime) -> PaymentResult:
    """Take a payment back; one that never arrived is noted as voided, so that it is refused when it does."""
    known = storage.payment(tx, node.tenant_id, payment_id)
    voided = PaymentResult(id=payment_id, state="voided", reference=known.reference if known else "never-arrived")
    if known is None:
        storage.add(tx, node.tenant_id, node.id, voided, 0, NO_CURRENCY, now)
    else:
        storage.set_voided(tx, node.tenant_id, payment_id)
    return voided
