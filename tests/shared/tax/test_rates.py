"""A country's rates are known, or asked for."""

import pytest

from shared.tax.rates import NoTaxRates, rates_bp


@pytest.mark.parametrize(
    ("country", "tax_class", "rate"), [("GB", "standard", 2000), ("GR", "reduced_13", 1300), ("FI", "standard", 2550)]
)
def test_a_country_has_its_rates(country: str, tax_class: str, rate: int) -> None:
    rates = rates_bp(country)

    assert rates[tax_class] == rate
    assert rates["zero"] == 0


def test_rates_are_lent_as_a_copy() -> None:
    rates_bp("GB")["standard"] = 1

    assert rates_bp("GB")["standard"] == 2000


def test_a_country_without_rates_is_named() -> None:
    with pytest.raises(NoTaxRates) as caught:
        rates_bp("XX")

    assert "XX" in caught.value.title
