"""A receipt says what was sold, in words of its language."""

from datetime import UTC, datetime

import pytest

from shared.model.store import Language
from shared.model.tender import CardTender
from shared.receipts.document import Amount, amount_text, of_order, of_refund, rate_text
from tests.builders import cash, order, refund, sold, store

CARD = CardTender(amount_minor=360, payment_id="p1", reference="R-77")


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (123_450, "EUR", "en", "1,234.50"),
        (123_450, "EUR", "el", "1.234,50"),
        (123_450, "ILS", "he", "1,234.50"),
        (-5, "EUR", "en", "-0.05"),
        (-123_456_789, "EUR", "el", "-1.234.567,89"),
        (0, "EUR", "en", "0.00"),
        (1_200, "JPY", "en", "1,200"),
        (1_234, "KWD", "en", "1.234"),
    ],
)
def test_an_amount_is_written_as_its_readers_write_it(minor: int, currency: str, language: str, text: str) -> None:
    assert amount_text(minor, currency, language) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rate_bp", "language", "text"),
    [
        (2000, "en", "20%"),
        (1250, "en", "12.5%"),
        (1350, "el", "13,5%"),
        (525, "en", "5.25%"),
        (0, "en", "0%"),
        (5, "en", "0.05%"),
    ],
)
def test_a_rate_is_written_without_needless_decimals(rate_bp: int, language: str, text: str) -> None:
    assert rate_text(rate_bp, language) == text  # type: ignore[arg-type]


def test_a_sale_shows_its_items_with_what_was_saved_on_them() -> None:
    receipt = of_order(order(sold("Milk", 3, 120, discount_minor=120), sold("Bread", unit_price_minor=250)), store())

    milk, bread = receipt.items
    assert (milk.name, milk.detail, milk.amount) == ("Milk", "3 x 1.20", "3.60")
    assert milk.savings == (Amount(label="Special offer", amount="-1.20"),)
    assert (bread.detail, bread.amount, bread.savings) == (None, "2.50", ())
    assert (receipt.subtotal, receipt.saved, receipt.total) == ("6.10", "1.20", "4.90")


def test_without_a_discount_there_is_no_subtotal() -> None:
    receipt = of_order(order(sold()), store())

    assert (receipt.subtotal, receipt.saved) == (None, None)


def test_the_tax_table_adds_up_in_words() -> None:
    receipt = of_order(order(sold(quantity=12), sold("Book", tax_class="zero", tax_rate_bp=0)), store())

    assert [(row.rate, row.net, row.tax, row.gross) for row in receipt.taxes] == [
        ("20%", "10.00", "2.00", "12.00"),
        ("0%", "1.00", "0.00", "1.00"),
    ]


def test_cash_shows_what_was_given_and_what_went_back() -> None:
    receipt = of_order(order(sold(unit_price_minor=103), rounding_minor=2, tenders=[cash(105, 200)]), store())

    assert [(row.label, row.amount) for row in receipt.payments] == [
        ("Cash rounding", "0.02"),
        ("Cash", "2.00"),
        ("Change", "0.95"),
    ]


def test_a_card_shows_the_gateways_reference() -> None:
    receipt = of_order(order(sold(quantity=3, unit_price_minor=120), tenders=[CARD]), store())

    assert [(row.label, row.amount) for row in receipt.payments] == [("Card", "3.60"), ("Reference R-77", "")]


def test_a_receipt_is_dated_by_the_shops_own_clock() -> None:
    at_night = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)

    receipt = of_order(order(sold(), placed_at=at_night), store(timezone="Asia/Jerusalem"))

    assert receipt.placed_at == "2026-07-02 02:30"


def test_a_receipt_keeps_the_language_it_was_sold_in() -> None:
    receipt = of_order(order(sold(quantity=1_000), language="el"), store(language="en"))

    assert receipt.language == "el"
    assert receipt.total == "1.000,00"
    assert receipt.footer == ("Ευχαριστούμε",)


def test_the_retailers_own_words_stand_before_the_thanks() -> None:
    receipt = of_order(order(sold()), store(retailer="gift_shop"))

    assert receipt.footer == ("Gifts may be returned within 30 days", "with this receipt.", "Thank you")


def test_the_code_is_the_orders_id() -> None:
    sale = order(sold())

    assert of_order(sale, store()).code == sale.id
    assert of_order(sale, store()).original is None


def test_a_refund_names_the_receipt_it_belongs_to() -> None:
    sale = order(sold("Milk", 3, 120, discount_minor=59), sold("Bread"))

    receipt = of_refund(refund(sale, {1: 2}), store())

    assert (receipt.kind, receipt.number, receipt.original) == ("refund", "L1K1-000002", sale.receipt_number)
    assert [(item.name, item.detail, item.amount) for item in receipt.items] == [("Milk", "2 x", "2.01")]
    assert (receipt.total, receipt.saved) == ("2.01", None)
    assert [(row.label, row.amount) for row in receipt.payments] == [("Cash", "2.01")]


@pytest.mark.parametrize("is_copy", [True, False])
def test_only_a_copy_says_so(is_copy: bool) -> None:
    sale = order(sold())

    assert of_order(sale, store(), is_copy=is_copy).is_copy is is_copy
    assert of_refund(refund(sale, {1: 1}), store(), is_copy=is_copy).is_copy is is_copy


def test_the_number_stands_in_bars_where_the_store_wants_it() -> None:
    sale = order(sold())
    shop = store(receipt_barcode=True)

    assert of_order(sale, store()).barcode is None
    assert of_order(sale, shop).barcode == sale.receipt_number
    assert of_refund(refund(sale, {1: 1}), shop).barcode == "L1K1-000002"


@pytest.mark.parametrize(("language", "is_right_to_left"), [("en", False), ("el", False), ("he", True)])
def test_a_hebrew_receipt_runs_from_right_to_left(language: Language, is_right_to_left: bool) -> None:
    assert of_order(order(sold(), language=language), store()).is_right_to_left is is_right_to_left
