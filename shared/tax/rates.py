"""Value-added tax rates by country, so that opening a store needs no tax table.

Source: see `vat_rates.json`. They are the rates of one day; a store's own settings may say otherwise.
"""

import json
from functools import cache
from importlib.resources import files

from shared.errors import NotFound


class NoTaxRates(NotFound):
    """No tax rates are known for the country {country}."""

    hint = 'Give the store\'s own rates as tax_rates_bp, such as {"standard": 2000}.'


@cache
def _countries() -> dict[str, dict[str, int]]:
    countries: dict[str, dict[str, int]] = json.loads(files(__package__).joinpath("vat_rates.json").read_text())[
        "countries"
    ]
    return countries


def rates_bp(country: str) -> dict[str, int]:
    """Return the rates of a country in basis points by tax class: "standard", "zero", and "reduced_13" for 13 %.

    Raises NoTaxRates.
    """
    try:
        return dict(_countries()[country])
    except KeyError:
        raise NoTaxRates(country=country) from None
