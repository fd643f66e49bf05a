"""`shopwright-edge barcode` and `epc` answer each line at once, and never with a traceback."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KEYS = {
    "input", "ok", "kind", "symbology", "gtin14", "ais", "values", "element_string", "weight_g", "count", "price_minor",
    "currency", "boarding_pass", "reason",
}  # fmt: skip
EPC_KEYS = {
    "hex", "ok", "scheme", "filter", "partition", "company_prefix", "gtin14", "serial", "pure_identity_uri", "tag_uri",
    "element_string", "reason",
}  # fmt: skip
RULES = [{"prefix": "21", "measure": "price", "pattern": "PPPPPPPVVVVV", "decimals": 2}]


def command(*words: str | Path, given: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "edge", *words], input=given, capture_output=True, check=False, timeout=60
    )


def answers(*words: str | Path, given: bytes) -> list[dict[str, Any]]:
    ran = command(*words, given=given)
    assert (ran.returncode, ran.stderr) == (0, b"")
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_each_line_has_one_answer_with_all_keys() -> None:
    found = answers("barcode", given=b"4006381333931\n\nABC\n\xff\n]Q1text\n^0109521234543213\n4006381333932")

    assert [answer["ok"] for answer in found] == [True, False, False, False, True, True, False]
    assert all(answer.keys() == KEYS for answer in found)
    assert all(answer["ok"] == (answer["reason"] is None) for answer in found)


def test_control_characters_come_as_json() -> None:
    (found,) = answers("barcode", "--json-in", given=json.dumps("]d20109521234543213" + "10AB\x1d17261200").encode())

    assert found["ais"] == [["01", "09521234543213"], ["10", "AB"], ["17", "261200"]]
    assert found["values"]["17"] == "2026-12-31"
    assert found["element_string"] == "^010952123454321310AB^17261200"


@pytest.mark.parametrize(
    "content",
    [
        RULES,  # the currency is the country's
        {"rules": RULES, "price_currency": "EUR"},
        {"countries": {"DE": {"rules": RULES, "price_currency": "EUR", "references": []}, "_other": {"note": "none"}}},
    ],
)
@pytest.mark.parametrize("country", ["DE", "de"])
def test_a_shops_own_table_is_read_from_a_file(tmp_path: Path, content: object, country: str) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(content))

    (found,) = answers("barcode", "--rules", file, "--country", country, given=b"2112345002392\n")

    assert (found["kind"], found["price_minor"], found["currency"]) == ("variable_measure", 239, "EUR")


@pytest.mark.parametrize(
    ("words", "content"),
    [
        (["--country", "XX"], None),
        (["--country", "ß"], None),  # its capitals are SS, which is South Sudan
        (["--fnc1", "1"], None),  # any value may hold it
        (["--rules", "rules.json"], "[" * 100_000),
        (["--rules", "rules.json"], '{"countries": {"_other": {"rules": []}}}'),
        (["--rules", "rules.json", "--country", "DE"], '{"countries": {"IT": {"rules": []}}}'),
        (["--rules", "missing.json"], None),
        (["--rules", "rules.json"], "not JSON"),
        (["--rules", "rules.json"], '{"countries": {"IT": {"rules": []}}}'),
        (["--rules", "rules.json"], '[{"prefix": "21", "measure": "price", "pattern": "PPPVVV", "decimals": 2}]'),
        (["--rules", "rules.json"], '[{"prefix": "21", "measure": "price", "pattern": "PPPCVVVVVVVV", "decimals": 2}]'),
    ],
)
def test_a_table_that_cannot_be_used_is_told(tmp_path: Path, words: list[str], content: str | None) -> None:
    if content is not None:
        (tmp_path / "rules.json").write_text(content)
    places = [tmp_path / word if word.endswith(".json") else word for word in words]

    ran = command("barcode", *places, given=b"")

    assert ran.returncode == 2
    assert ran.stderr
    assert b"Traceback" not in ran.stderr


def test_a_tag_has_one_answer_with_all_keys() -> None:
    found = answers("epc", given=b"3034257BF400B7800004CB2F\n301C00004000004000000001\n\xff\n\n")

    assert [answer["ok"] for answer in found] == [True, False, False, False]
    assert all(answer.keys() == EPC_KEYS for answer in found)
    assert found[0]["gtin14"] == "00614141007349"
    assert found[1]["reason"] == "partition 7 does not exist"


def test_an_answer_comes_before_the_next_line() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "edge", "barcode"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdin
        assert running.stdout
        for _ in range(2):
            running.stdin.write(b"4006381333931\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["ok"]
        running.stdin.close()


@pytest.mark.parametrize("name", ["barcode", "epc"])
def test_a_command_without_input_or_output_says_so(name: str) -> None:
    start = f'echo 4006381333931 | "{sys.executable}" -m edge {name}'
    full, closed = (
        subprocess.run(["bash", "-c", start + end], capture_output=True, check=False, timeout=60)
        for end in (" > /dev/full", " <&-")
    )

    assert (full.returncode, full.stderr) == (1, b"The answers cannot be written: No space left on device.\n")
    assert closed.returncode == 2
    assert b"no standard input" in closed.stderr
    assert b"Traceback" not in closed.stderr


@pytest.mark.parametrize("name", ["barcode", "epc"])
def test_a_command_ends_quietly_when_nobody_reads_on(name: str) -> None:
    shell = f'yes 4006381333931 | "{sys.executable}" -m edge {name} | head -n 1'

    ran = subprocess.run(["bash", "-c", shell], capture_output=True, check=False, timeout=60)

    assert len(ran.stdout.splitlines()) == 1
    assert ran.stderr == b""
