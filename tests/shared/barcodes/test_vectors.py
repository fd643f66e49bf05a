"""Published vectors: every verdict and every value."""

import json
from decimal import Decimal
from typing import Any

import pytest

from shared.barcodes import ai_values, digital_link, element_string, gtin
from shared.barcodes.check_digits import inner_check_digit
from shared.barcodes.damage import DamagedBarcode
from shared.barcodes.decode import Barcode, Numbering, decode, right_ones
from shared.barcodes.rules_file import of_country
from tests.shared import vectors

YEAR = 2026
# Readings that a shop must not allow: a GTIN that is cut, and an AI that nobody knows.
LOOSE = {"PermitZeroSuppressedGTINinDLuris", "validation UNKNOWN_AI_NOT_DL_ATTR"}


def strict(name: str) -> list[dict[str, Any]]:
    return [case for case in vectors.cases(name) if not LOOSE & case.get("options", {}).keys()]


def wrong(case: dict[str, Any], found: Barcode) -> list[str]:
    """Return what an answer has different from the case."""
    if (found.problem is None) != case["ok"]:
        return ["verdict"]
    if not case["ok"]:
        return []
    said: dict[str, object] = {"ais": [list(element) for element in found.elements]}
    if case.get("element_string"):
        said["element_string"] = element_string.joined(found.elements)
    return [key for key, value in said.items() if case.get(key) and value != case[key]]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("gs1_scan_data", "scan"),
        ("gs1_bracketed_ai", "bracketed"),
        ("gs1_value_rules", "bracketed"),
        ("gs1_ai_combinations", "bracketed"),
        ("gs1_digital_link_parse", "uri"),
    ],
)
@pytest.mark.parametrize("fnc1", [None, "^"])
def test_gs1_messages(name: str, key: str, fnc1: str | None) -> None:
    cases = strict(name)

    assert [(case, found) for case in cases if (found := wrong(case, decode(case[key], fnc1=fnc1)))] == []
    assert cases


@pytest.mark.parametrize("separator", ["^", "\x1d"])
def test_gs1_element_strings(separator: str) -> None:
    cases = [{**case, "element_string": None, "text": case["element_string"]} for case in strict("gs1_element_strings")]

    texts = [case["text"].replace("^", separator) for case in cases]
    found = [wrong(case, decode(text)) for case, text in zip(cases, texts, strict=True)]

    assert [case for case, differences in zip(cases, found, strict=True) if differences] == []


def test_gs1_web_addresses_are_made() -> None:
    for case in strict("gs1_digital_link_make"):
        if "options" in case:
            continue  # these have an AI that nobody knows
        elements = element_string.split_bracketed(case["bracketed"])
        if case["ok"]:
            assert digital_link.made(elements, case["stem"] or digital_link.CANONICAL) == case["uri"]
        else:
            with pytest.raises(DamagedBarcode):
                digital_link.made(elements, case["stem"])


def test_gs1_values() -> None:
    for case in vectors.cases("gs1_typed_values"):
        barcode = decode(case["text"], fnc1="|")
        values = {
            ai: ai_values.shown(value) for ai, value in ai_values.typed(right_ones(barcode.elements), YEAR).items()
        }
        if "7007" in values:  # a first and a last day, of which the vector names the first
            values["7007"] = values["7007"][:1]  # type: ignore[index]
        assert values == case["values"], case


def test_variable_measure() -> None:
    for case in vectors.cases("variable_measure"):
        if "verifier" in case:
            assert inner_check_digit(case["verifier_for"]) == case["verifier"]
            continue
        numbering = of_country(case["country"]) if case["country"] else Numbering()
        found = decode(case["barcode"], numbering)
        assert (found.problem is None) == case["ok"], case
        if case["ok"]:
            expected = [case.get(key) and Decimal(case[key]) * unit for key, unit in UNITS]
            assert [found.weight_g, found.count, found.price_minor] == expected, case
            assert found.currency == case.get("currency")


UNITS = (("weight_kg", 1000), ("count", 1), ("price", 100))


def test_upc() -> None:
    for case in vectors.cases("upc_expansion"):
        digits = case["input"]
        if case.get("input_kind") == "UPC-E":
            assert gtin.expanded_upc_e(digits) == case["upc_a"]
            assert decode(f"]E0{digits}").gtin14 == case["gtin14"]
        elif case.get("upc_e"):
            assert gtin.expanded_upc_e(case["upc_e"]) == (digits if len(digits) == 12 else gtin.expanded_upc_e(digits))
        elif "as_upc_e" not in case:  # one that is no UPC-E, but a good UPC-A
            found = decode(digits)
            assert (found.problem is None, found.gtin14) == (case["ok"], case.get("gtin14")), case


def test_boarding_passes() -> None:
    for case in vectors.cases("bcbp"):
        found = decode(case["bcbp"])
        assert (found.problem is None) == bool(case["ok"]), case
        if case["ok"]:
            assert found.boarding_pass
            shown = found.boarding_pass.shown()
            legs = shown.pop("legs")
            assert isinstance(legs, list)
            assert case["fields"].items() <= shown.items()
            assert shown["number_of_legs"] == case["number_of_legs"]
            assert all(known.items() <= leg.items() for known, leg in zip(case["legs"], legs, strict=True))


def test_tables_of_countries_are_the_published_ones() -> None:
    known = json.loads(vectors.published("vectors/variable_measure_rules.json").read_text(encoding="utf-8"))[
        "countries"
    ]
    north_american = known.pop("_other")["rules"]

    for country, table in {**known, "US": {"rules": north_american}, "CA": {"rules": north_american}}.items():
        numbering = of_country(country)
        facts = [(rule.prefix, rule.measure, rule.pattern, rule.decimals) for rule in numbering.rules]
        assert facts == [
            (rule["prefix"], rule["measure"], rule["pattern"], rule["decimals"]) for rule in table["rules"]
        ], country
        assert table.get("price_currency") in {None, numbering.currency}


def test_inner_check_digits_are_those_of_the_published_tables() -> None:
    published = json.loads(vectors.published("vectors/variable_measure_rules.json").read_text(encoding="utf-8"))
    tables = published["price_verifier"]["tables"]

    def weighed(value: str, *weights: str) -> int:
        return sum(tables[weight][int(digit)] for digit, weight in zip(value, weights, strict=True))

    for number in range(10_000):
        value = f"{number:04}"
        assert inner_check_digit(value) == str(weighed(value, "2-", "2-", "3", "5-") * 3 % 10)
    for number in range(0, 100_000, 7):
        value = f"{number:05}"
        rest = -weighed(value, "5+", "2-", "5-", "5+", "2-") % 10
        assert inner_check_digit(value) == str(tables["5-"].index(rest))
