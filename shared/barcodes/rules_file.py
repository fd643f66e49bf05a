"""A table of scale labels in a file, as `shopwright-edge barcode --rules` takes it."""

from dataclasses import replace

from pydantic import Field, TypeAdapter, ValidationError

from shared.barcodes.decode import Numbering
from shared.barcodes.iso_codes import COUNTRY_LETTERS
from shared.barcodes.variable_measure import COUNTRIES
from shared.errors import Misconfigured
from shared.model.strict import Country, Currency, Tolerant
from shared.model.variable_measure import VariableMeasureRule

WITH_UPC_E = frozenset({"CA", "US"})

Rules = tuple[VariableMeasureRule, ...]


class Table(Tolerant):
    """The rules of one shop, and the currency of its prices."""

    rules: Rules
    price_currency: Currency | None = None


class Tables(Tolerant):
    """Tables of several countries."""

    countries: dict[Country, Table] = Field(min_length=1)


def of_country(country: str) -> Numbering:
    """Return what the GS1 organisation of a country proposes; nothing where none is known. Raises Misconfigured."""
    if country not in COUNTRY_LETTERS:
        raise Misconfigured(problem=f"{country!r} is no country of ISO 3166, such as DE")
    currency, rules = COUNTRIES.get(country, (None, ()))
    return Numbering(rules=tuple(rules), currency=currency, has_upc_e=country in WITH_UPC_E)


def read(content: bytes, country: str | None = None) -> Numbering:
    """Read a file: a list of rules, {"rules": […], "price_currency": "EUR"}, or {"countries": {"DE": …}}.

    country: which of several, and whose currency where the file names none. Raises Misconfigured.
    """
    try:
        found = TypeAdapter[Rules | Tables | Table](Rules | Tables | Table).validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(problem=f"the rules cannot be read: {place} {first['msg']}".rstrip()) from error
    if isinstance(found, Tables):
        if country not in found.countries:
            raise Misconfigured(problem=f"say by --country which of {', '.join(sorted(found.countries))} is meant")
        found = found.countries[country]
    table = found if isinstance(found, Table) else Table(rules=found)
    known = of_country(country) if country else Numbering()
    return replace(known, rules=table.rules, currency=table.price_currency or known.currency)
