"""Day reports on paper: they say what they are, add up, and fit."""

from datetime import date

import pytest
from wcwidth import wcswidth

from shared.days import Tally
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.day import Closing, Report
from shared.receipts.day import lay_out
from tests.builders import NOW, an_id, order, refund, sold, store

SALE = order(sold("milk", 3, discount_minor=10), sold("tea"))


def report(**changes: object) -> Report:
    tally = Tally()
    tally.add(OrderCompleted(order=SALE))
    tally.add(OrderRefunded(refund=refund(SALE, {1: 1})))
    figures = tally.figures()
    open_day = {
        "id": an_id(7),
        "business_day": date(2026, 3, 14),
        "at": NOW,
        "series": "T1K1",
        "currency": "GBP",
        "first_seq": 4,
        "last_seq": 12_345_678,
        "figures": figures.model_copy(update=changes),
    }
    return Report.model_validate(open_day)


def closing() -> Closing:
    return Closing(**dict(report()), number=12, all_time_minor=10**12)


def rows(made: Report, columns: int = 42, **options: object) -> list[str]:
    return [line.text for line in lay_out(made, store(), columns, **options)]


def test_an_open_day_is_an_x_report_and_a_closed_one_a_z_report() -> None:
    assert rows(report())[0].strip() == "X report"
    assert rows(closing())[0].strip() == "Z report 12"


def test_what_was_taken_is_on_it_with_how_it_comes_about() -> None:
    paper = "\n".join(rows(closing()))

    for label, minor in (("Sold", SALE.total_minor), ("Promotions", -10), ("Since the beginning", 10**12)):
        row = next(line for line in paper.splitlines() if line.startswith(label))
        assert row.split()[-1] == f"{minor / 100:,.2f}"


def test_a_repeated_print_says_copy() -> None:
    assert "COPY" in rows(closing(), is_copy=True)[0]


@pytest.mark.parametrize("language", ["en", "el", "he"])
@pytest.mark.parametrize("columns", [32, 42, 48])
def test_no_line_is_longer_than_the_paper(language: str, columns: int) -> None:
    wide = report(gross_minor=10**13, total_minor=10**13, refunded_minor=10**12)

    for line in lay_out(wide, store(language=language), columns):
        assert wcswidth(line.text) <= (columns // 2 if line.style == "large" else columns)
