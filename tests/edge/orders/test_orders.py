"""An order's sums agree to the last cent, whatever was in the basket, and it never changes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge import app
from edge.baskets import service as baskets
from edge.baskets import storage
from edge.baskets.pricing import Pricing
from edge.database import Database, Transaction
from edge.journal import Journal
from edge.orders import service as orders
from shared.currencies import cash_rule
from shared.model.basket import BasketLine
from shared.model.order import Order
from shared.model.store import Store
from shared.model.tender import CashTender
from shared.promotions import pack as packs
from shared.promotions.pack import Pack
from tests.edge.small_shop import DRINKS, MUGS, NODE, STAFF, STORE, Till, open_small_shop, open_till, publish, setting

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BASKET_ID = "0190a000-0000-7000-8000-0000000000bb"
RATES = {"standard": 2000, "reduced": 500, "odd": 1_925, "zero": 0}
PROMOTIONS = [
    {**MUGS, "target": {"skus": ["a"]}, "n": 3},
    {**DRINKS, "target": {"categories": ["sweet"]}},
    {**DRINKS, "id": "P3", "target": {"tags": []}, "reward": {"kind": "amount", "value": 7}},
    {**MUGS, "id": "P4", "target": {"categories": ["sweet"]}, "n": 2, "reward": {"kind": "unit_price", "value": 33}},
]
LINES = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.integers(0, 2_000),
        st.sampled_from(sorted(RATES)),
        st.sampled_from(["sweet", "sour"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)
PLACES = st.sampled_from([("GB", "GBP"), ("CH", "CHF"), ("ZA", "ZAR"), ("SE", "SEK"), ("GR", "EUR")])


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Transaction]:
    """The tables of a node, without a daemon."""
    Database(tmp_path / "sales.db", app.MIGRATIONS).close()
    tx = Transaction(str(tmp_path / "sales.db"))
    yield tx
    tx.close()


def sold(tx: Transaction, rows: list[tuple[int, int, str, str, bool]], place: tuple[str, str], offers: int) -> Order:
    """Sell these lines for cash, and leave no trace of it."""
    country, currency = place
    store = Store.model_validate({**STORE, "country": country, "currency": currency, "tax_rates_bp": RATES})
    pack = Pack.of(packs.parse(json.dumps(body)) for body in PROMOTIONS[:offers])
    lines = [
        BasketLine(
            number=number,
            sku="abcdefgh"[number - 1],
            name="Thing",
            quantity=quantity,
            unit_price_minor=price_minor,
            tax_class=tax_class,
            category=category,
            discountable=is_discountable,
        )
        for number, (quantity, price_minor, tax_class, category, is_discountable) in enumerate(rows, start=1)
    ]
    tx.execute("begin")
    try:
        storage.open_basket(tx, BASKET_ID, "kiosk", currency, NOW, pack.version)
        for line in lines:
            storage.add_line(tx, BASKET_ID, line)
        basket = baskets.basket(tx, BASKET_ID, Pricing(pack, store, NOW))
        due_minor = cash_rule(country, currency).payable_minor(basket.total_minor)
        tender = CashTender(amount_minor=due_minor, tendered_minor=due_minor, change_minor=0)
        orders.complete(tx, basket, tender, store, NODE, Journal.of(NODE.node_id, app.HANDLERS), NOW)
        return orders.order(tx, BASKET_ID)
    finally:
        tx.execute("rollback")


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rows=LINES, place=PLACES, offers=st.integers(0, len(PROMOTIONS)))
def test_every_orders_sums_agree(
    data: Transaction, rows: list[tuple[int, int, str, str, bool]], place: tuple[str, str], offers: int
) -> None:
    agree(sold(data, rows, place, offers))


def agree(order: Order) -> None:
    lines = order.lines
    assert order.gross_minor - order.discount_minor == order.total_minor
    assert sum(line.total_minor for line in lines) == order.total_minor
    assert sum(line.gross_minor for line in lines) == order.gross_minor
    assert sum(line.discount_minor for line in lines) == order.discount_minor
    assert sum(use.discount_minor for use in order.applications) == order.discount_minor
    for line in lines:
        assert line.gross_minor == line.quantity * line.unit_price_minor
        assert line.gross_minor - line.discount_minor == line.total_minor >= 0
        assert 0 <= line.tax_minor <= line.total_minor
    for row in order.taxes:
        taxed = [line for line in lines if line.tax_class == row.tax_class]
        assert {line.tax_rate_bp for line in taxed} == {row.rate_bp}
        assert sum(line.total_minor for line in taxed) == row.gross_minor == row.net_minor + row.tax_minor
        assert sum(line.tax_minor for line in taxed) == row.tax_minor
        assert abs(row.tax_minor - row.gross_minor * row.rate_bp / (10_000 + row.rate_bp)) <= 0.5
    assert sum(row.gross_minor for row in order.taxes) == order.total_minor
    assert sum(tender.amount_minor for tender in order.tenders) == order.total_minor + order.rounding_minor


async def test_an_order_is_the_same_whatever_the_feed_brings_later(till: Till) -> None:
    order = await till.sell("mug", "mug", "mug", "tea")
    await publish(till.shop.catalogue, setting(tax_rates_bp={"standard": 500}), ("promotion", "P1", None))
    _, again = await till.call("GET", f"/api/orders/{order['id']}")

    assert again == order


async def test_numbers_follow_each_other_over_a_restart(tmp_path: Path) -> None:
    numbers = []
    for _ in range(3):
        async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
            numbers += [(await till.sell("milk"))["receipt_number"] for _ in range(2)]

    assert numbers == [f"T1K1-{number:06d}" for number in range(1, 7)]


async def test_orders_are_listed_newest_first_and_page_by_page(till: Till) -> None:
    made = [(await till.sell("milk"))["receipt_number"] for _ in range(5)]

    _, first = await till.call("GET", "/api/orders?limit=3", **STAFF)
    _, rest = await till.call("GET", f"/api/orders?limit=3&cursor={first['next']}", **STAFF)

    listed = [row["receipt_number"] for page in (first, rest) for row in page["orders"]]
    assert listed == made[::-1]
    assert rest["next"] is None


async def test_an_unknown_order_has_neither_order_nor_receipt(till: Till) -> None:
    unknown = "/api/orders/0190a000-0000-7000-8000-000000000009"

    answers = [await till.call("GET", unknown), await till.call("GET", f"{unknown}/receipt")]

    assert [(status, problem["code"]) for status, problem in answers] == [(404, "unknown-order")] * 2
