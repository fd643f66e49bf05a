"""Ways of paying."""

from typing import Annotated, Literal

from pydantic import Field

from shared.model.strict import Code, MinorFromZero, Strict


class CashTender(Strict):
    """Notes and coins: what was due after cash rounding, what was given, what went back."""

    kind: Literal["cash"] = "cash"
    amount_minor: MinorFromZero
    tendered_minor: MinorFromZero
    change_minor: MinorFromZero


class CardTender(Strict):
    """A card payment that the gateway approved."""

    kind: Literal["card"] = "card"
    amount_minor: MinorFromZero
    payment_id: Code  # ours, minted by the node before the gateway was asked
    reference: Code  # the gateway's, printed on the receipt


Tender = Annotated[CashTender | CardTender, Field(discriminator="kind")]
