"""`shopwright-edge barcode` and `epc` answer every published vector, typed as it is or as JSON."""

import csv
import gzip
import json
import subprocess
import sys
from decimal import Decimal
from itertools import groupby
from typing import Any

import pytest

from tests.shared import vectors

Answer = dict[str, Any]

# Readings that a shop must not allow: a GTIN that is cut, and an AI that nobody knows.
LOOSE = {"PermitZeroSuppressedGTINinDLuris", "validation UNKNOWN_AI_NOT_DL_ATTR"}
UNITS = (("weight_g", "weight_kg", 1000), ("count", "count", 1), ("price_minor", "price", 100))

as_typed_and_as_json = pytest.mark.parametrize("form", [(), ("--json-in",)], ids=["typed", "json"])


def asked(texts: list[str], command: str, *options: str) -> list[Answer]:
    """Return the answers of one run of a command."""
    lines = [json.dumps(text) for text in texts] if "--json-in" in options else texts
    ran = subprocess.run(
        [sys.executable, "-m", "edge", command, *options],
        input="".join(f"{line}\n" for line in lines).encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    answers: list[Answer] = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [answer.get("input", answer.get("hex")) for answer in answers] == texts
    return answers


def strict(name: str) -> list[Answer]:
    return [case for case in vectors.cases(name) if not LOOSE & case.get("options", {}).keys()]


def differences(cases: list[Answer], answers: list[Answer], *keys: str) -> list[tuple[Answer, Answer]]:
    """Return the cases whose verdict, or one of whose keys where a case states it, is answered otherwise."""
    return [
        (case, answer)
        for case, answer in zip(cases, answers, strict=True)
        if answer["ok"] != case["ok"] or (case["ok"] and any(answer[key] != case[key] for key in keys if case.get(key)))
    ]


@as_typed_and_as_json
@pytest.mark.parametrize("options", [(), ("--fnc1", "^"), ("--country", "US")])
@pytest.mark.parametrize(
    ("name", "key", "compared"),
    [
        ("gs1_scan_data", "scan", ("ais",)),
        ("gs1_element_strings", "element_string", ("ais",)),
        ("gs1_bracketed_ai", "bracketed", ("ais", "element_string")),
        ("gs1_value_rules", "bracketed", ()),
        ("gs1_ai_combinations", "bracketed", ()),
        ("gs1_digital_link_parse", "uri", ("ais", "element_string")),
    ],
)
def test_gs1_messages(
    name: str, key: str, compared: tuple[str, ...], options: tuple[str, ...], form: tuple[str, ...]
) -> None:
    cases = strict(name)

    answers = asked([case[key] for case in cases], "barcode", *options, *form)

    assert differences(cases, answers, *compared) == []


@as_typed_and_as_json
def test_gs1_element_strings_with_gs(form: tuple[str, ...]) -> None:
    cases = strict("gs1_element_strings")

    answers = asked([case["element_string"].replace("^", "\x1d") for case in cases], "barcode", *form)

    assert differences(cases, answers, "ais") == []


def test_web_addresses_that_others_made_say_what_went_into_them() -> None:
    cases = [case for case in strict("gs1_digital_link_make") if case["ok"]]

    addresses = asked([case["uri"] for case in cases], "barcode")
    messages = asked([case["bracketed"] for case in cases], "barcode")

    assert all(answer["kind"] == "digital_link" for answer in addresses)
    said = [({tuple(element) for element in answer["ais"]}, answer["values"]) for answer in addresses]
    assert said == [({tuple(element) for element in answer["ais"]}, answer["values"]) for answer in messages]


@as_typed_and_as_json
def test_gs1_values(form: tuple[str, ...]) -> None:
    cases = vectors.cases("gs1_typed_values")

    answers = asked([case["text"] for case in cases], "barcode", "--fnc1", "|", *form)

    for case, answer in zip(cases, answers, strict=True):
        if "7007" in case["values"]:  # a first and a last day, of which the vector names the first
            answer["values"]["7007"] = answer["values"]["7007"][:1]
        assert answer["values"] == case["values"], case


@as_typed_and_as_json
@pytest.mark.parametrize("has_file", [False, True], ids=["country", "rules"])
def test_scale_labels(has_file: bool, form: tuple[str, ...]) -> None:
    cases = [case for case in vectors.cases("variable_measure") if case.get("country")]
    rules = ("--rules", str(vectors.published("vectors/variable_measure_rules.json"))) if has_file else ()

    for country, of_country in groupby(cases, key=lambda case: case["country"]):
        group = list(of_country)
        answers = asked([case["barcode"] for case in group], "barcode", "--country", country, *rules, *form)
        assert differences(group, answers, "currency") == []
        for case, answer in zip(group, answers, strict=True):
            expected = [case.get(theirs) and Decimal(case[theirs]) * unit for _, theirs, unit in UNITS]
            assert [answer[ours] for ours, _, _ in UNITS] == expected, case


def test_without_a_country_a_scale_label_is_a_number_of_the_shop() -> None:
    cases = [case for case in vectors.cases("variable_measure") if "barcode" in case and not case["country"]]

    answers = asked([case["barcode"] for case in cases], "barcode")

    assert differences(cases, answers) == []
    assert {(answer["kind"], answer["gtin14"]) for answer in answers} == {("in_store", None)}


@as_typed_and_as_json
def test_upc_numbers(form: tuple[str, ...]) -> None:
    cases = [case for case in vectors.cases("upc_expansion") if "as_upc_e" not in case]
    texts = [f"]E0{case['input']}" if case.get("input_kind") == "UPC-E" else case["input"] for case in cases]

    assert differences(cases, asked(texts, "barcode", *form), "gtin14") == []


@as_typed_and_as_json
def test_boarding_passes(form: tuple[str, ...]) -> None:
    cases = vectors.cases("bcbp")

    for case, answer in zip(cases, asked([case["bcbp"] for case in cases], "barcode", *form), strict=True):
        assert answer["ok"] == bool(case["ok"]), answer["reason"]
        if case["ok"]:
            said = answer["boarding_pass"]
            assert case["fields"].items() <= said.items()
            assert said["number_of_legs"] == case["number_of_legs"]
            assert all(known.items() <= leg.items() for known, leg in zip(case["legs"], said["legs"], strict=True))


@as_typed_and_as_json
@pytest.mark.parametrize("name", ["epc_tags", "epc_sgtin96_catalogue"])
def test_tags(name: str, form: tuple[str, ...]) -> None:
    cases = [{"ok": True} | case for case in vectors.cases(name)]

    answers = asked([case["hex"] for case in cases], "epc", *form)

    assert differences(cases, answers, *(answers[0].keys() & set().union(*cases))) == []
    for case, answer in zip(cases, answers, strict=True):
        assert case.get("sscc", case.get("gln", "")) in str(answer["element_string"])


def rows(name: str) -> list[dict[str, str]]:
    with gzip.open(vectors.published(f"catalog/{name}.csv.gz"), "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_of_mistyped_numbers_only_those_that_are_whole_codes_of_another_kind_are_read() -> None:
    bad = rows("off_bad_barcodes")

    answers = asked([row["barcode"] for row in bad], "barcode")

    read = [row for row, answer in zip(bad, answers, strict=True) if answer["ok"]]
    # Whole GS1 messages begin with a key whose check digit is right; a UPC-E without check digit has seven digits.
    of_another_kind = [row for row in read if len(row["barcode"]) >= len("01") + 14 or row["barcode"][:1] in "01"]
    assert read == of_another_kind
    assert {row["why"] for row in read}.isdisjoint({"check digit", "not all digits"})
    assert len(read) < len(bad) / 50


def test_numbers_of_real_products_are_found_as_they_are_in_lists() -> None:
    good = rows("off_products")[::10]

    answers = asked([row["barcode"] for row in good], "barcode")

    assert all(answer["ok"] for answer in answers)
    for row, answer in zip(good, answers, strict=True):
        is_own = row["kind"].startswith("RCN") or (row["kind"] == "EAN-8" and row["barcode"][0] in "02")
        assert (answer["kind"], answer["gtin14"]) == (("in_store", None) if is_own else ("gtin", row["gtin14"])), row
