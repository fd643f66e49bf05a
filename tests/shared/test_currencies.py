"""What coins can pay, and how many decimals an amount has."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.currencies import CASH_RULES, CashRule, cash_rule, exponent, plain
from tests.shared import vectors

CURRENCIES = {"SE": "SEK", "NO": "NOK", "DK": "DKK", "CH": "CHF", "AU": "AUD", "IL": "ILS", "HU": "HUF", "CZ": "CZK"}


@pytest.mark.parametrize(
    ("country", "currency", "due_minor", "paid_minor"),
    [
        ("GB", "GBP", 1999, 1999),  # coins reach down to the penny
        ("FI", "EUR", 102, 100),
        ("FI", "EUR", 103, 105),
        ("DE", "EUR", 102, 102),  # the same currency, another country
        ("SE", "SEK", 149, 100),
        ("SE", "SEK", 150, 200),
        ("SE", "SEK", 49, 0),
        ("DK", "DKK", 1024, 1000),
        ("DK", "DKK", 1025, 1050),
        ("CH", "CHF", 338, 340),
        ("HU", "HUF", 100_200, 100_000),
        ("HU", "HUF", 100_300, 100_500),
        ("ZA", "ZAR", 199, 190),  # always in the customer's favour
        ("ZA", "ZAR", 190, 190),
        ("JP", "JPY", 123, 123),
        ("FI", "USD", 103, 103),  # a rule belongs to the country's own coins
    ],
)
def test_cash_is_rounded_as_the_country_does(country: str, currency: str, due_minor: int, paid_minor: int) -> None:
    assert cash_rule(country, currency).payable_minor(due_minor) == paid_minor


def test_cash_is_rounded_as_the_published_figures_say() -> None:
    for case in vectors.cases("cash_rounding"):
        country = case["country"]
        currency = CURRENCIES.get(country, "EUR")
        due, paid = (int(Decimal(case[name]).scaleb(exponent(currency))) for name in ("amount", "cash_to_pay"))

        assert cash_rule(country, currency).payable_minor(due) == paid, case


@given(st.sampled_from([*CASH_RULES.values()]), st.integers(0, 10**9))
def test_what_is_paid_in_cash_is_coins_and_stays_near(rule: CashRule, due_minor: int) -> None:
    paid_minor = rule.payable_minor(due_minor)

    assert paid_minor % rule.increment_minor == 0
    assert abs(paid_minor - due_minor) < rule.increment_minor
    assert rule.payable_minor(paid_minor) == paid_minor
    assert paid_minor <= due_minor or not rule.always_down


@pytest.mark.parametrize(("currency", "digits"), [("GBP", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("HUF", 2)])
def test_a_currency_has_its_decimals(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "EUR", "12.50"),
        (-1250, "EUR", "-12.50"),
        (-5, "EUR", "-0.05"),
        (0, "EUR", "0.00"),
        (1200, "JPY", "1200"),
        (1, "KWD", "0.001"),
    ],
)
def test_a_plain_amount_has_its_decimals_and_nothing_else(minor: int, currency: str, text: str) -> None:
    assert plain(minor, currency) == text


def test_rounding_in_the_customers_favour_stays_so_when_money_goes_back() -> None:
    rule = cash_rule("ZA", "ZAR")

    assert (rule.payable_minor(199), rule.returnable_minor(199)) == (190, 200)
