"""Whole and valid things for tests; a test names only what it is about."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from shared.model.basket import BasketLine
from shared.model.order import Order, OrderLine, Refund, RefundLine
from shared.model.product import Product
from shared.model.store import Store
from shared.model.tender import CashTender, Tender
from shared.money import share
from shared.promotions.evaluation import Application, Part
from shared.promotions.families.easy import Easy
from shared.promotions.families.line_special import LineSpecial
from shared.promotions.reward import Percent, UnitReward
from shared.promotions.selector import Selector
from shared.tax.policy import POLICY, TaxedAmount, tax_table

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
EVERYTHING = Selector()


def an_id(number: int = 1) -> str:
    """Return a valid id that is easy to tell from others."""
    return f"0190c1a2-0000-7000-8000-{number:012x}"


STORE_ID, NODE_ID, TENANT_ID, ORDER_ID = an_id(0x570E), an_id(0x40DE), an_id(0x7E4A), an_id(0x04DE)


def store(**changes: Any) -> Store:
    """Return a British shop with two tax classes."""
    fields = {
        "id": STORE_ID,
        "code": "LON1",
        "name": "Corner Shop",
        "address": ("1 High Street", "London"),
        "country": "GB",
        "currency": "GBP",
        "timezone": "Europe/London",
        "tax_rates_bp": {"standard": 2000, "zero": 0},
    }
    return Store(**{**fields, **changes})


def product(sku: str = "milk", **changes: Any) -> Product:
    return Product(**{"sku": sku, "name": sku.capitalize(), **changes})


def basket_line(quantity: int = 1, unit_price_minor: int = 100, **changes: Any) -> BasketLine:
    fields = {"number": 1, "sku": "milk", "name": "Milk", "tax_class": "standard"}
    return BasketLine(**{**fields, "quantity": quantity, "unit_price_minor": unit_price_minor, **changes})


def easy(promotion_id: str = "easy", reward: UnitReward | None = None, target: Selector = EVERYTHING) -> Easy:
    """Return a promotion on every unit: by default 10 % off everything."""
    return Easy(id=promotion_id, name=f"Offer {promotion_id}", target=target, reward=reward or Percent(value=1000))


def line_special(
    promotion_id: str, n: int, m: int = 1, reward: UnitReward | None = None, target: Selector = EVERYTHING
) -> LineSpecial:
    """Return a promotion on m of each n units: by default they are free."""
    name = f"Offer {promotion_id}"
    return LineSpecial(id=promotion_id, name=name, target=target, n=n, m=m, reward=reward or Percent(value=10_000))


def sold(name: str = "Milk", quantity: int = 1, unit_price_minor: int = 100, **changes: Any) -> OrderLine:
    """Return an order's line without discount, at 20 % tax; `order` numbers it and fills in the tax."""
    gross_minor = quantity * unit_price_minor
    discount_minor = changes.get("discount_minor", 0)
    fields = {
        "number": 1,
        "sku": "milk",
        "name": name,
        "quantity": quantity,
        "unit_price_minor": unit_price_minor,
        "gross_minor": gross_minor,
        "discount_minor": discount_minor,
        "total_minor": gross_minor - discount_minor,
        "tax_class": "standard",
        "tax_rate_bp": 2000,
        "tax_minor": 0,
    }
    return OrderLine(**{**fields, **changes})


def order(*lines: OrderLine, rounding_minor: int = 0, tenders: Sequence[Tender] = (), **changes: Any) -> Order:
    """Return an order of these lines, whose totals and taxes fit; paid in exact cash if nothing else is said."""
    taxes, line_taxes = tax_table([TaxedAmount(line.tax_class, line.tax_rate_bp, line.total_minor) for line in lines])
    numbered = tuple(
        line.model_copy(update={"number": number, "tax_minor": tax_minor})
        for number, (line, tax_minor) in enumerate(zip(lines, line_taxes, strict=True), 1)
    )
    total_minor = sum(line.total_minor for line in lines)
    due_minor = total_minor + rounding_minor
    fields = {
        "id": ORDER_ID,
        "receipt_number": "L1K1-000001",
        "store_id": STORE_ID,
        "node_id": NODE_ID,
        "lane": "kiosk",
        "placed_at": NOW,
        "business_day": date(2026, 3, 14),
        "currency": "GBP",
        "language": "en",
        "lines": numbered,
        "applications": tuple(_application(line) for line in numbered if line.discount_minor),
        "pack_version": "0" * 16,
        "tax_policy": POLICY,
        "taxes": taxes,
        "gross_minor": sum(line.gross_minor for line in lines),
        "discount_minor": sum(line.discount_minor for line in lines),
        "total_minor": total_minor,
        "rounding_minor": rounding_minor,
        "tenders": tuple(tenders) or (cash(due_minor),),
    }
    return Order(**{**fields, **changes})


def _application(line: OrderLine) -> Application:
    return Application(
        promotion_id="offer",
        name="Special offer",
        version=1,
        family="easy",
        layer=1,
        times=line.quantity,
        parts=(
            Part(
                line_number=line.number,
                role="rewarded",
                units=line.quantity,
                net_minor=line.unit_price_minor,
                discount_minor=line.discount_minor,
            ),
        ),
        net_minor=line.gross_minor,
        discount_minor=line.discount_minor,
        residue=0,
    )


def cash(amount_minor: int, tendered_minor: int | None = None) -> CashTender:
    given_minor = amount_minor if tendered_minor is None else tendered_minor
    return CashTender(amount_minor=amount_minor, tendered_minor=given_minor, change_minor=given_minor - amount_minor)


def refund(of: Order, quantities: dict[int, int], **changes: Any) -> Refund:
    """Return a refund of so many units of an order's lines, by line number, each at its share of what was paid."""
    back = [
        (line, quantities[line.number], sum(share(line.total_minor, [1] * line.quantity)[: quantities[line.number]]))
        for line in of.lines
        if line.number in quantities
    ]
    taxes, line_taxes = tax_table([TaxedAmount(line.tax_class, line.tax_rate_bp, amount) for line, _, amount in back])
    total_minor = sum(amount for _, _, amount in back)
    fields = {
        "id": an_id(0x4EF),
        "receipt_number": "L1K1-000002",
        "order_id": of.id,
        "order_receipt_number": of.receipt_number,
        "store_id": of.store_id,
        "node_id": of.node_id,
        "placed_at": NOW,
        "business_day": of.business_day,
        "currency": of.currency,
        "language": of.language,
        "lines": tuple(
            RefundLine(
                number=line.number,
                sku=line.sku,
                name=line.name,
                quantity=quantity,
                amount_minor=amount,
                tax_class=line.tax_class,
                tax_rate_bp=line.tax_rate_bp,
                tax_minor=tax,
            )
            for (line, quantity, amount), tax in zip(back, line_taxes, strict=True)
        ),
        "taxes": taxes,
        "total_minor": total_minor,
        "rounding_minor": 0,
        "tender": cash(total_minor),
    }
    return Refund(**{**fields, **changes})
