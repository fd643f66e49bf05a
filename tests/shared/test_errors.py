"""An error is a message, facts and a next step."""

import pytest

from shared.errors import Conflict, NotFound, ShopwrightError


class UPCTaken(Conflict):
    """{sku} has the barcode {text} already.

    This is for whoever reads the code.
    """

    hint = "Give it another one."


def test_the_title_is_the_docstrings_first_line_with_its_facts() -> None:
    error = UPCTaken(sku="milk", text="{sku}", seen=2)

    assert error.title == "milk has the barcode {sku} already."
    assert error.facts == {"sku": "milk", "text": "{sku}", "seen": 2}


def test_a_fact_that_is_missing_leaves_a_mark_and_no_second_error() -> None:
    assert UPCTaken(sku="milk").title == "milk has the barcode ? already."


@pytest.mark.parametrize(
    ("name", "code"),
    [("UnknownBarcode", "unknown-barcode"), ("Conflict", "conflict"), ("NoTax2Rate", "no-tax2-rate")],
)
def test_the_code_is_the_name_for_machines(name: str, code: str) -> None:
    made = type(name, (Conflict,), {"__doc__": "Text."})

    assert made().code == code


def test_in_a_log_it_says_all_it_knows() -> None:
    text = str(UPCTaken(sku="milk", text="1"))

    assert text == "milk has the barcode 1 already. Give it another one. [sku='milk' text='1']"


def test_without_words_of_its_own_it_says_what_its_kind_says() -> None:
    error = NotFound(kind="order")

    assert error.title == "There is no such order."
    assert str(ShopwrightError()) == "Something went wrong. Call support and read them this text."
