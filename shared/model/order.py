"""A basket that was completed, and what may stand beside it later."""

from datetime import date
from typing import Annotated

from pydantic import Field

from shared.model.store import Language
from shared.model.strict import BasisPoints, Code, Currency, Id, Minor, MinorFromZero, Moment, Name, Quantity, Strict
from shared.model.tax import TaxTotal
from shared.model.tender import CashTender, Tender
from shared.promotions.evaluation import Application


class OrderLine(Strict):
    """One line as it was sold. total = gross - discount; the tax is contained in the total."""

    number: int
    sku: Code
    name: Name
    quantity: Quantity
    unit_price_minor: MinorFromZero
    gross_minor: MinorFromZero
    discount_minor: MinorFromZero
    total_minor: MinorFromZero
    tax_class: Code
    tax_rate_bp: BasisPoints
    tax_minor: MinorFromZero


class Order(Strict):
    """A completed basket. Totals were computed once, here; nobody computes them again."""

    id: Id  # the basket's id: one basket can only ever become one order
    receipt_number: Code  # from the node's gap-free series
    store_id: Id
    node_id: Id
    lane: Code
    placed_at: Moment
    business_day: date
    currency: Currency
    language: Language
    lines: tuple[OrderLine, ...]
    applications: tuple[Application, ...]
    pack_version: Code  # of the promotions that priced it
    tax_policy: Code  # how tax was rounded
    taxes: tuple[TaxTotal, ...]
    gross_minor: MinorFromZero
    discount_minor: MinorFromZero
    total_minor: MinorFromZero
    rounding_minor: Minor  # added to the total by cash rounding; no part of the tax base
    tenders: Annotated[tuple[Tender, ...], Field(min_length=1)]  # their amounts sum to total + rounding


class RefundLine(Strict):
    """Units of one order line that came back, at what was paid for just these units."""

    number: int  # the order line's
    sku: Code
    name: Name
    quantity: Quantity
    amount_minor: MinorFromZero
    tax_class: Code
    tax_rate_bp: BasisPoints
    tax_minor: MinorFromZero


class Refund(Strict):
    """A correction beside an order, which itself never changes. Amounts are positive: money that left the drawer."""

    id: Id
    receipt_number: Code  # from the same series as orders
    order_id: Id
    order_receipt_number: Code
    store_id: Id
    node_id: Id
    placed_at: Moment
    business_day: date
    currency: Currency
    language: Language
    lines: tuple[RefundLine, ...]
    taxes: tuple[TaxTotal, ...]
    total_minor: MinorFromZero
    rounding_minor: Minor
    tender: CashTender
