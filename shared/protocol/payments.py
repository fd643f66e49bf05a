"""Card payments between a node and head office. The node mints the id, so a repeat is never a second charge."""

from typing import Literal

from shared.model.strict import Code, Currency, Id, MinorFromZero, Strict


class PaymentRequest(Strict):
    """Charge a card once for this id."""

    id: Id
    amount_minor: MinorFromZero
    currency: Currency
    card: Code


class PaymentResult(Strict):
    """What became of a payment; `reference` is the gateway's."""

    id: Id
    state: Literal["approved", "declined", "voided"]
    reference: Code


class VoidRequest(Strict):
    """Take a payment back; one that never arrived is forbidden, so that it cannot arrive later."""

    id: Id
