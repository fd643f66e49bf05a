"""The sums of a day are the sums of its orders and refunds, whoever adds them up."""

import pytest

from shared.days import Tally
from shared.events.fact import Fact
from shared.events.nodes import NodeStarted
from shared.events.orders import OrderCompleted, OrderRefunded
from tests.builders import order, refund, sold

MILK = order(sold("milk", 3, discount_minor=10), sold("tea"))
TEA = order(sold("tea", 2))


def tally(*facts: Fact) -> Tally:
    made = Tally()
    for fact in facts:
        made.add(fact)
    return made


def test_a_day_without_sales_is_all_noughts() -> None:
    figures = tally(NodeStarted(software_version="1")).figures()

    assert (figures.orders, figures.kept_minor, figures.first_number, figures.tenders) == (0, 0, None, ())


def test_orders_and_refunds_are_summed_apart() -> None:
    back = refund(MILK, {1: 2})

    figures = tally(OrderCompleted(order=MILK), OrderCompleted(order=TEA), OrderRefunded(refund=back)).figures()

    assert (figures.orders, figures.refunds) == (2, 1)
    assert (figures.first_number, figures.last_number) == (MILK.receipt_number, back.receipt_number)
    assert figures.total_minor == MILK.total_minor + TEA.total_minor
    assert figures.discount_minor == MILK.discount_minor + TEA.discount_minor
    assert figures.refunded_minor == back.total_minor
    assert sum(row.gross_minor for row in figures.taxes) == figures.total_minor
    assert sum(row.gross_minor for row in figures.refunded_taxes) == figures.refunded_minor


@pytest.mark.parametrize("back", [{1: 1}, {1: 3, 2: 1}])
def test_what_the_tenders_kept_is_what_was_sold_less_what_came_back(back: dict[int, int]) -> None:
    figures = tally(OrderCompleted(order=MILK), OrderRefunded(refund=refund(MILK, back))).figures()

    assert sum(tender.kept_minor for tender in figures.tenders) == figures.kept_minor
