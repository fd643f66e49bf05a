"""Orders that were priced as a box prices them: a basket's lines, a pack, a clock."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.model.basket import BasketLine
from shared.model.order import Order, OrderLine, PricedWith
from shared.promotions import engine
from shared.promotions.gate import Context
from shared.promotions.pack import Pack
from tests.builders import basket_line
from tests.cloud.boxes import Box, an_order, cash
from tests.cloud.promotions.offers import easy, group

MONDAY = datetime.fromisoformat("2026-03-02T08:30")  # the store's local time
SKUS = ("tea", "milk", "mug", "bread", "jam", "soap")
KIOSK = Context(now=MONDAY, store="S1", channel="kiosk")


def promotions() -> list[dict[str, Any]]:
    """Return offers of many families that compete for the same products, in two layers."""
    return [
        easy("E1", target={"tags": ["hot"]}, gate={"hours": [8, 10], "stores": ["S1"]}),
        easy("E2", target={"skus": ["soap"]}, reward={"kind": "amount", "value": 33}, gate={"coupon": "CLEAN"}),
        easy("E3", gate={"from": "2026-04-01"}, target={"skus": ["mug"]}),
        {"id": "L1", "name": "3 for 2", "family": "line_special", "n": 3, "m": 1, "target": {"tags": ["food"]},
         "reward": {"kind": "percent", "value": 10_000}, "limits": {"max_applications": 2}},
        group("G1", n=2, price=299, target={"skus": ["bread", "jam"]}),
        {"id": "C1", "name": "Breakfast", "family": "combo", "reward": {"kind": "set_amount", "value": 77},
         "slots": [{"select": {"skus": ["tea", "milk"]}}, {"select": {"skus": ["bread"]}, "qty": 2}]},
        {"id": "B1", "name": "5 off from 50", "family": "basket_threshold", "layer": 30,
         "tiers": [{"min_amount": 5000, "reward": {"kind": "set_amount", "value": 500}}]},
        {"id": "S1", "name": "Members", "family": "special", "layer": 40, "gate": {"member_tag": "gold"},
         "reward": {"kind": "percent", "value": 1500}},
    ]  # fmt: skip


def lines(chance: random.Random) -> list[BasketLine]:
    """Fill a basket with a few products."""
    found = []
    for number, sku in enumerate(chance.sample(SKUS, chance.randint(1, len(SKUS))), 1):
        tags = {"tea": ("hot", "food"), "milk": ("food",), "bread": ("food",), "jam": ("food",)}.get(sku, ())
        price_minor = 45 + 61 * SKUS.index(sku)
        floor = chance.choice((0, 0, price_minor - 20))
        extras = {"floor_price_minor": floor, "discountable": chance.random() < 0.9, "tags": tags, "category": sku[0]}
        found.append(basket_line(chance.randint(1, 12), price_minor, number=number, sku=sku, name=sku, **extras))
    return found


def priced(box: Box, number: int, basket: Sequence[BasketLine], pack: Pack, around: Context = KIOSK) -> Order:
    """Make the order that a box makes of this basket."""
    evaluation = engine.evaluate(basket, pack, around)
    sold = []
    for line in basket:
        off = evaluation.line_discount_minor(line.number)
        told = {name: getattr(line, name) for name in BasketLine.model_fields}
        totals = {"gross_minor": line.gross_minor, "discount_minor": off, "total_minor": line.gross_minor - off}
        sold.append(OrderLine(**told, **totals, tax_rate_bp=0, tax_minor=0))
    gross = sum(line.gross_minor for line in basket)
    total = gross - evaluation.discount_minor
    changes = {
        "lines": tuple(sold), "applications": evaluation.applications, "pack_version": pack.version,
        "pricing": PricedWith.of(evaluation), "gross_minor": gross, "discount_minor": evaluation.discount_minor,
        "total_minor": total, "taxes": (), "tenders": (cash(total, total),),
    }  # fmt: skip
    return an_order(box, number, **changes)
