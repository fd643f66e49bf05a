"""A table of scale labels in a file, as `shopwright-edge barcode --rules` takes it."""

import json
from dataclasses import replace

from pydantic import ValidationError

from shared.barcodes.decode import Numbering
from shared.barcodes.iso_codes import COUNTRY_LETTERS
from shared.barcodes.variable_measure import COUNTRIES
from shared.errors import Misconfigured
from shared.model.strict import Currency, Tolerant
from shared.model.variable_measure import VariableMeasureRule

WITH_UPC_E = frozenset({"CA", "US"})


class Table(Tolerant):
    """The rules of one shop, and the currency of its prices."""

    rules: tuple[VariableMeasureRule, ...]
    price_currency: Currency | None = None


def of_country(country: str) -> Numbering:
    """Return what the GS1 organisation of a country proposes; nothing where none is known. Raises Misconfigured."""
    letters = country.upper()
    if letters not in COUNTRY_LETTERS or not country.isascii():  # the capitals of ß are those of South Sudan
        raise Misconfigured(problem=f"{country!r} is no country of ISO 3166, such as DE")
    currency, rules = COUNTRIES.get(letters, (None, ()))
    return Numbering(rules=tuple(rules), currency=currency, has_upc_e=letters in WITH_UPC_E)


def read(content: bytes, country: str | None = None) -> Numbering:
    """Read a file: a list of rules, {"rules": […], "price_currency": "EUR"}, or {"countries": {"DE": …}}.

    country: which of several, and whose currency where the file names none. Raises Misconfigured.
    """
    known = of_country(country) if country else Numbering()
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Misconfigured(problem="the rules cannot be read: the file is no JSON") from error
    if isinstance(found, dict) and "countries" in found:
        found = _chosen(found["countries"], country)
    if isinstance(found, list):
        found = {"rules": found}
    try:
        table = Table.model_validate_json(json.dumps(found))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        wrong = f"{'.'.join(str(part) for part in first['loc'])} {first['msg']}".strip()
        raise Misconfigured(problem=f"the rules cannot be read: {wrong}") from error
    return replace(known, rules=table.rules, currency=table.price_currency or known.currency)


def _chosen(tables: object, country: str | None) -> object:
    """Return the table of one country; keys that are no countries hold remarks."""
    known = {key: table for key, table in tables.items() if key in COUNTRY_LETTERS} if isinstance(tables, dict) else {}
    if not known:
        raise Misconfigured(problem="the rules cannot be read: countries has no table of a country")
    if country and country.upper() in known:
        return known[country.upper()]
    raise Misconfigured(problem=f"say by --country which of {', '.join(sorted(known))} is meant")
