"""Whatever a receipt says fits on the paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import width

from shared.model.order import Order
from shared.model.store import Language
from shared.receipts.document import amount_text, of_order, of_refund
from shared.receipts.lines import PrintLine
from shared.receipts.paper import lay_out
from tests.builders import cash, order, refund, sold, store

WIDTHS = pytest.mark.parametrize("columns", [42, 32])
LETTERS = {
    "en": "abcdefghij XYZ-.,&'%",
    "el": "αβγδεζηθ ΩΨΧΆΈ-.,ς",
    "he": 'אבגדהוזחט ךםןףץ-.,"',
}


def names(language: str) -> st.SearchStrategy[str]:
    """Draw names of any length that a product may have, with words of any length."""
    return st.text(LETTERS[language], min_size=1, max_size=200)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Draw orders of a few lines in any of the languages, with totals of up to nine digits."""
    language: Language = draw(st.sampled_from(["en", "el", "he"]))
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        quantity = draw(st.sampled_from([1, 2, 9_999]))
        price = draw(st.integers(0, 300_000_000 // quantity))
        lines.append(
            sold(
                draw(names(language)),
                quantity,
                price,
                discount_minor=draw(st.integers(0, quantity * price)),
                tax_rate_bp=0,
            )
        )
    tendered_minor = sum(line.total_minor for line in lines) + draw(st.integers(0, 10_000))
    paid = cash(sum(line.total_minor for line in lines), tendered_minor)
    return order(*lines, language=language, tenders=[paid])


def room(line: PrintLine, columns: int) -> int:
    return columns // 2 if line.style == "large" else columns


def words(lines: tuple[PrintLine, ...]) -> str:
    return " ".join(" ".join(line.text for line in lines).split())


@WIDTHS
@given(sale=orders(), name=names("en"), address=st.lists(names("en"), max_size=4))
def test_no_line_is_longer_than_the_paper(columns: int, sale: Order, name: str, address: list[str]) -> None:
    shop = store(name=name, address=tuple(address))

    for receipt in (of_order(sale, shop, is_copy=True), of_refund(refund(sale, {1: 1}), shop)):
        for line in lay_out(receipt, columns):
            assert len(line.text) <= room(line, columns), line


@WIDTHS
@pytest.mark.parametrize("language", ["en", "el", "he"])
def test_the_tax_table_of_an_everyday_receipt_fits_too(columns: int, language: Language) -> None:
    sale = order(sold(quantity=9, unit_price_minor=9_999), sold(tax_rate_bp=1350), language=language)

    assert all(len(line.text) <= room(line, columns) for line in lay_out(of_order(sale, store()), columns))


@WIDTHS
@given(sale=orders())
def test_the_total_stands_large_on_the_paper(columns: int, sale: Order) -> None:
    lines = lay_out(of_order(sale, store()), columns)

    large = " ".join(line.text for line in lines if line.style == "large")
    assert large.endswith(amount_text(sale.total_minor, sale.currency, sale.language))
    assert sale.currency in large


@WIDTHS
@given(sale=orders())
def test_no_letter_of_a_name_is_lost(columns: int, sale: Order) -> None:
    lines = lay_out(of_order(sale, store()), columns)

    printed = "".join("".join(line.text.split()) for line in lines)
    assert all("".join(name.split()) in printed for name in _shortest_names(sale))


def _shortest_names(sale: Order) -> list[str]:
    """Names that stand on one row: on more, the amount of the last row follows."""
    return [line.name for line in sale.lines if len(line.name) <= 16]


@WIDTHS
def test_a_long_name_is_wrapped_between_words_and_the_amount_stands_at_the_edge(columns: int) -> None:
    name = "Organic wholemeal sourdough bread with sunflower seeds"

    lines = [line.text for line in lay_out(of_order(order(sold(name, unit_price_minor=450)), store()), columns)]

    last = next(index for index, line in enumerate(lines) if line.endswith(" 4.50"))
    assert len(lines[last]) == columns
    first = next(index for index, line in enumerate(lines) if line.startswith("Organic"))
    assert " ".join(" ".join(lines[first : last + 1]).split()) == f"{name} 4.50"


@WIDTHS
def test_letters_of_two_cells_leave_room_for_the_amount(columns: int) -> None:
    tea = sold("茶 龙井有机绿茶礼盒装五百克一九九八年春天采摘的好茶", unit_price_minor=450)

    lines = lay_out(of_order(order(tea, sold("Gift 🎁")), store()), columns)

    assert max(width(line.text) for line in lines if line.style != "large") == columns
    assert sum(width(line.text) == columns and line.text.endswith((" 4.50", " 1.00")) for line in lines) == 2


def test_an_amount_that_would_touch_its_label_stands_on_a_row_of_its_own() -> None:
    lines = lay_out(of_order(order(sold(unit_price_minor=1_000_000_000)), store()), 32)

    assert [line.text for line in lines if line.style == "large"][1:] == ["TOTAL GBP", "   10,000,000.00"]


def test_a_receipt_from_top_to_bottom() -> None:
    sale = order(
        sold("Milk", 3, 120, discount_minor=120),
        sold("Book", unit_price_minor=250, tax_class="zero", tax_rate_bp=0),
        tenders=[cash(490, 500)],
    )

    lines = lay_out(of_order(sale, store()), 32)

    assert [line.text for line in lines] == [
        "  Corner Shop",
        "         1 High Street",
        "             London",
        "-" * 32,
        "Milk                        3.60",
        "  3 x 1.20",
        "  Special offer            -1.20",
        "Book                        2.50",
        "-" * 32,
        "Subtotal                    6.10",
        "You saved                   1.20",
        "TOTAL GBP   4.90",
        "Cash                        5.00",
        "Change                      0.10",
        "-" * 32,
        "VAT %      Net      VAT    Gross",
        "20%       2.00     0.40     2.40",
        "0%        2.50     0.00     2.50",
        "-" * 32,
        "Receipt",
        "L1K1-000001     2026-03-14 15:09",
        "           Thank you",
    ]


@pytest.mark.parametrize(("language", "copy", "refunded"), [("en", "COPY", "REFUND"), ("el", "ΑΝΤΙΓΡΑΦΟ", "ΕΠΙΣΤΡΟΦΗ")])
def test_a_copy_and_a_refund_say_so_in_bold(language: Language, copy: str, refunded: str) -> None:
    back = refund(order(sold(), language=language), {1: 1})

    lines = lay_out(of_refund(back, store(), is_copy=True))

    bold = [line.text.strip() for line in lines if line.style == "bold"]
    assert bold == [f"*** {copy} ***", refunded]
    assert back.order_receipt_number in words(lines)
    assert back.receipt_number in words(lines)


def test_an_original_says_nothing_of_copies() -> None:
    assert "COPY" not in words(lay_out(of_order(order(sold()), store())))
