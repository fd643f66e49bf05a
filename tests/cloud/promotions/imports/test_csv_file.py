"""A table of promotions: good rows become whole promotions, each bad one is named with its line and its column."""

from typing import Any

import pytest

from cloud.promotions.imports import csv_file
from cloud.promotions.imports.staged import BadPromotionFile, Change
from tests.cloud.promotions.imports.reading import added, codes, steps

HEADER = "id,name,family,skus,tags,n,m,reward,value,from,to"
TEA = "P1,Tea 3 for 2,line_special,111|222,,3,1,percent,100%,2026-11-01,2026-11-30"
MILK = "P2,Milk,easy,,milk,,,unit_price,0.99,,"


def read(text: str, currency: str = "EUR") -> Any:
    return csv_file.read(text.encode(), currency)


def test_a_row_is_a_whole_promotion() -> None:
    tea, milk = added(read(f"{HEADER}\n{TEA}\n{MILK}\n"))

    assert tea == {
        "id": "P1",
        "name": "Tea 3 for 2",
        "family": "line_special",
        "target": {"skus": ["111", "222"]},
        "n": 3,
        "m": 1,
        "reward": {"kind": "percent", "value": 10_000},
        "gate": {"from": "2026-11-01", "to": "2026-11-30"},
    }
    assert milk["reward"] == {"kind": "unit_price", "value": 99}


@pytest.mark.parametrize(
    ("columns", "cells", "expected"),
    [
        ("tags,not_tags,max_unit_price", "easy,amount,1.50,tea,organic|fair,9.99",
         {"target": {"tags": ["tea"], "not_tags": ["organic", "fair"], "max_unit_price": 999},
          "reward": {"kind": "amount", "value": 150}}),
        ("skus,not_tags", "easy,percent,12.5%,*,tobacco",
         {"target": {"not_tags": ["tobacco"]}, "reward": {"kind": "percent", "value": 1250}}),
        ("brands,tiers", "easy_plus,percent,,Lipton & Co|Twinings,3:10%|6:20%",
         {"target": {"brands": ["Lipton & Co", "Twinings"]},
          "tiers": [{"min_qty": 3, "reward": {"kind": "percent", "value": 1000}},
                    {"min_qty": 6, "reward": {"kind": "percent", "value": 2000}}]}),
        ("skus,n", "group,set_price,5.00,1|2|3,3", {"n": 3, "reward": {"kind": "set_price", "value": 500}}),
        ("slots", 'combo,set_price,4.50,"tags=sandwich,wrap|tags=drink&not_skus=9*2|*"',
         {"slots": [{"select": {"tags": ["sandwich", "wrap"]}, "qty": 1},
                    {"select": {"tags": ["drink"], "not_skus": ["9"]}, "qty": 2}, {"select": {}, "qty": 1}]}),
        ("requisites,targets,lesser_value", "requisite_target,percent,50%,tags=tv>=500.00|skus=1*2,tags=x*3,yes",
         {"requisites": [{"select": {"tags": ["tv"]}, "min_amount": 50_000}, {"select": {"skus": ["1"]}, "qty": 2}],
          "targets": [{"select": {"tags": ["x"]}, "qty": 3}], "lesser_value": True}),
        ("tiers,basis,repeat", "basket_threshold,set_amount,,>=50.00:5.00|>100.00&4:12.00,gross,yes",
         {"qualify": {}, "target": {}, "basis": "gross", "repeat": True,
          "tiers": [{"min_amount": 5000, "reward": {"kind": "set_amount", "value": 500}},
                    {"over_amount": 10_000, "min_qty": 4, "reward": {"kind": "set_amount", "value": 1200}}]}),
        ("qualify,tiers", "basket_threshold,percent,,tags=wine&not_discounted,6:10%",
         {"qualify": {"tags": ["wine"], "not_discounted": True}}),
        ("coupon,layer,exclusive", "special,set_amount,5.00,SPRING,40,basket",
         {"gate": {"coupon": "SPRING"}, "layer": 40, "exclusive": "basket"}),
        ("tags,days,hours,member_tag,stores,max_uses_per_customer",
         "easy,percent,5%,tea,1-3|7,17:00-19:30,gold,S1|S2,1",
         {"gate": {"days": [1, 2, 3, 7], "hours": ["17:00", "19:30"], "member_tag": "gold", "stores": ["S1", "S2"],
                   "max_uses_per_customer": 1}}),
        ("tags,max_units,max_discount,priority,external_id", "easy,percent,5%,tea,3,20.00,-5,X-77",
         {"limits": {"max_units": 3, "max_discount": 2000}, "priority": -5, "external_id": "X-77"}),
    ],
)  # fmt: skip
def test_every_family_can_be_written(columns: str, cells: str, expected: dict[str, Any]) -> None:
    [promotion] = added(read(f"id,name,family,reward,value,{columns}\nA,Anything,{cells}\n"))

    assert {key: promotion[key] for key in expected} == expected


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{TEA}\n{MILK}\n".encode("utf-8-sig"),
        f"{HEADER}\n{TEA}\n{MILK}\n".encode("utf-16"),
        f"{HEADER}\r\n{TEA}\r\n\r\n{MILK}".encode(),
        f"{HEADER}\r{TEA}\r{MILK}\r".encode(),
        f"{HEADER},,\n{TEA},,\n{MILK},,\n".encode(),
        f"{HEADER}\n{TEA}\n{MILK}\n".replace(",", ";").replace("0.99", "0,99").encode(),
        f"sep=;\n{HEADER}\n{TEA}\n{MILK}\n".replace(",", ";").encode(),
        f"{HEADER}\n{TEA}\n{MILK}\n".replace(",", "\t").encode(),
        f"{HEADER}\n{TEA}\n{MILK}\n".title().replace("|", " | ").replace("Id,", '"ID" ,').encode(),
    ],
    ids=[
        "BOM",
        "UTF-16",
        "CRLF and empty lines",
        "CR",
        "empty columns",
        "semicolons",
        "sep=",
        "tabs",
        "case and blanks",
    ],
)
def test_a_file_is_read_as_spreadsheets_write_it(content: bytes) -> None:
    tea, milk = added(csv_file.read(content, "EUR"))

    assert (tea["target"]["skus"], milk["reward"]["value"]) == (["111", "222"], 99)


@pytest.mark.parametrize(
    ("name", "encoding", "told"),
    [
        ("Καφές 3 στα 2", "utf-8", None),
        ('קפה 3 ב-10 ש"ח', "utf-8", None),
        ("Καφές 3 στα 2", "cp1253", "cp1253"),
        ('קפה 3 ב-10 ש"ח', "cp1255", "cp1255"),
        ("Café à moitié prix", "cp1252", None),
        ("-20 % on tea", "utf-8", None),
    ],
)
def test_names_keep_their_letters(name: str, encoding: Any, told: Any) -> None:
    staged = csv_file.read(
        f"id,name,family,tags,reward,value\nA,{name},easy,t,percent,5%\n".encode(encoding), "EUR", told
    )

    assert added(staged)[0]["name"] == name
    assert staged.encoding == encoding


@pytest.mark.parametrize(
    ("currency", "value", "minor"),
    [("EUR", "12.50", 1250), ("EUR", "12.5", 1250), ("EUR", "12", 1200), ("EUR", "0", 0), ("JPY", "1200", 1200),
     ("KWD", "1.234", 1234), ("EUR", "100000000000", 10_000_000_000_000)],
)  # fmt: skip
def test_an_amount_has_the_decimals_of_its_currency(currency: str, value: str, minor: int) -> None:
    [promotion] = added(read(f"id,family,tags,name,reward,value\nA,easy,t,N,amount,{value}\n", currency))

    assert promotion["reward"]["value"] == minor


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("A,N,easy,,t,,,amount,1.234,,", "value", "too-many-decimals"),
        ("A,N,easy,,t,,,amount,\"1,234\",,", "value", "bad-amount"),
        ("A,N,easy,,t,,,amount,\"1,50\",,", "value", "bad-amount"),
        ("A,N,easy,,t,,,amount,-1.00,,", "value", "bad-amount"),
        ("A,N,easy,,t,,,amount,€1,,", "value", "bad-amount"),
        ("A,N,easy,,t,,,amount,１,,", "value", "bad-amount"),
        ("A,N,easy,,t,,,amount,999999999999,,", "value", "bad-amount"),
        ("A,N,easy,,t,,,amount,10%,,", "value", "bad-amount"),
        ("A,N,easy,,t,,,percent,10,,", "value", "bad-percent"),
        ("A,N,easy,,t,,,percent,101%,,", "value", "bad-percent"),
        ("A,N,easy,,t,,,percent,1.255%,,", "value", "bad-percent"),
        ("A,N,easy,,t,,,percent,,,", "value", "half-reward"),
        ("A,N,easy,,t,,,set_price,1.00,,", "reward", "wrong-reward"),
        ("A,N,easy,,t,,,present,1.00,,", "value", "unknown-word"),
        ("A,N,easy,,t,,,,,,", "reward", "missing"),
        ("A,N,special,,t,,,percent,5%,,", "coupon", "missing"),
        ("A,,easy,,t,,,percent,5%,,", "name", "missing"),
        ("A,N,,,t,,,percent,5%,,", "family", "missing"),
        ("A,N,eazy,,t,,,percent,5%,,", "family", "unknown-word"),
        ("A,N,easy,,,,,percent,5%,,", "target", "missing"),
        ("A,N,easy,|,,,,percent,5%,,", "skus", "empty-list"),
        ("A,N,easy,1 \u00002,,,,percent,5%,,", "skus", "bad-code"),
        ("A,N,easy,,t,3,,percent,5%,,", "n", "not-of-family"),
        ("A,N,group,,t,0,,percent,5%,,", "n", "bad-number"),
        ("A,N,line_special,,t,2,3,percent,5%,,", "m", "too-many-rewarded"),
        ("A,N,easy,,t,,,percent,5%,30.11.2026,", "from", "bad-date"),
        ("A,N,easy,,t,,,percent,5%,2026-02-30,", "from", "bad-date"),
        ("A,N,easy,,t,,,percent,5%,2026-12-01,2026-11-30", "to", "ends-before"),
        ("A,N,easy,,t,,,percent,5%,2026-11-30 18:00,2026-11-30 17:00", "to", "ends-before"),
        (f"A,{'x' * 201},easy,,t,,,percent,5%,,", "name", "bad-name"),
        ("A,N\x07,easy,,t,,,percent,5%,,", "name", "bad-name"),
        (f"{'x' * 65},N,easy,,t,,,percent,5%,,", "", "bad-code"),
        (",N,easy,,t,,,percent,5%,,", "", "bad-code"),
        ("A,N,easy,,t,,,percent,5%,,,surplus", "", "too-many-cells"),
        ('A,"N,easy,,t,,,percent,5%,,', "", "open-quote"),
        ('A,"N"x,easy,,t,,,percent,5%,,', "", "open-quote"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_the_others_are_taken(row: str, field: str, code: str) -> None:
    staged = read(f"{HEADER}\n{TEA}\n{row}\n{MILK}\n")

    [problem] = staged.problems
    assert (problem.line, problem.field, problem.code) == (3, field, code)
    assert problem.message
    assert problem.hint.endswith(".")
    assert steps(staged) == [("add", "P1"), ("add", "P2")]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("slots", "drink*2", "bad-selector"),
        ("slots", "tags=drink*0", "bad-number"),
        ("slots", "tags=drink>=5.00", "bad-slot"),
        ("slots", "tags=drink||tags=tea", "bad-slot"),
        ("slots", "|".join(["tags=drink"] * 13), "too-many"),
        ("slots", "tags=drink&tags=tea", "bad-selector"),
        ("requisites", "tags=drink>=5.005", "too-many-decimals"),
        ("qualify", "tag=wine", "bad-selector"),
        ("tiers", "3=10%", "bad-tier"),
        ("tiers", "3&4:10%", "bad-tier"),
        ("tiers", "three:10%", "bad-number"),
        ("tiers", "3:5.00", "bad-percent"),
    ],
)
def test_a_bad_group_names_its_column(column: str, cell: str, code: str) -> None:
    staged = read(f'id,name,family,reward,value,{column}\nA,N,combo,percent,,"{cell}"\n')

    assert ("A", column, code) in {(problem.promotion_id, problem.field, problem.code) for problem in staged.problems}
    assert staged.changes == ()


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    staged = read(f"{HEADER}\nA,N,eazy,,t,x,,percent,5,tomorrow,\n")

    assert {problem.field for problem in staged.problems} == {"family", "n", "value", "from"}


@pytest.mark.parametrize(
    "cell", ["=cmd()", "=HYPERLINK(1)", "+1+cmd|' /C calc'!A0", "@SUM(1)", "-2+3+cmd|x!A0", "＝1+1"]
)
@pytest.mark.parametrize("column", ["id", "name", "tags", "coupon"])
def test_a_formula_is_refused(column: str, cell: str) -> None:
    row = {"id": "A", "name": "N", "family": "easy", "tags": "t", "reward": "percent", "value": "5%", "coupon": "C"}
    row[column] = cell
    staged = read(f"{','.join(row)}\n{','.join(row.values())}\n")

    assert codes(staged) == [(2, "formula")]
    assert staged.changes == ()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "it is empty"),
        (b"\n\r\n  \n", "it is empty"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"name,family\n", "the column 'id' is missing"),
        (b"id,name,coupn\n", "there is no column 'coupn'; is coupon meant?"),
        (b"id,name,id\n", "it has two columns 'id'"),
        (b"id,name\nA,\x81\xff\n", "byte 11 is no letter of cp1252"),
        (b"PK\x03\x04\x14\x00", "there is no column"),
    ],
)
def test_what_is_no_table_of_promotions_is_refused_whole(content: bytes, problem: str) -> None:
    with pytest.raises(BadPromotionFile, match="cannot be read") as raised:
        csv_file.read(content, "EUR")

    assert str(raised.value.facts["problem"]).startswith(problem)


def test_a_header_alone_changes_nothing() -> None:
    staged = read(f"{HEADER}\n")

    assert (staged.changes, staged.problems) == ((), ())


@pytest.mark.parametrize("length", range(len(MILK)))
def test_a_last_row_that_was_cut_off_is_never_another_promotion(length: int) -> None:
    staged = read(f"{HEADER}\n{TEA}\n{MILK[:length]}")

    whole = MILK[:length].count(",") == HEADER.count(",")
    assert steps(staged) == [("add", "P1")] + [("add", "P2")] * whole
    assert len(staged.problems) == (0 if whole or not length else 1)


def test_an_open_quote_costs_its_own_line_only() -> None:
    staged = read(f'{HEADER}\nA,"N,easy,,t,,,percent,5%,,\n{TEA}\nB,N,easy,,"t,,,percent,5%,,\n{MILK}\n')

    assert codes(staged) == [(2, "open-quote"), (4, "open-quote")]
    assert steps(staged) == [("add", "P1"), ("add", "P2")]


def test_the_second_row_of_an_id_is_reported() -> None:
    staged = read(f"{HEADER}\n{TEA}\n{MILK}\n{TEA.replace('100%', '50%')}\n")

    assert codes(staged) == [(4, "duplicate")]
    assert "line 2" in staged.problems[0].message
    assert staged.changes[0].values["reward"]["value"] == 10_000


def test_a_modify_says_what_changes_and_what_is_cleared() -> None:
    staged = read("change,id,to,coupon,max_units,skus,reward,value\nmodify,P1,2026-12-31,-,,3|4,percent,25%\n")

    assert staged.changes == (
        Change(2, "modify", "P1", {
            "gate": {"to": "2026-12-31", "coupon": None},
            "target": {"skus": ["3", "4"]},
            "reward": {"kind": "percent", "value": 2500},
        }),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("name", "-", "not-clearable"),
        ("skus", "*", "widens"),
        ("value", "1.00", "half-reward"),
        ("n", "0", "bad-number"),
    ],
)
def test_a_modify_that_cannot_be_meant_is_reported(column: str, cell: str, code: str) -> None:
    assert codes(read(f"change,id,{column}\nmodify,P1,{cell}\n")) == [(2, code)]


def test_everything_can_be_deleted_and_then_added_again() -> None:
    staged = read(f"change,{HEADER}\ndelete,P9,,,,,,,,,,\nadd,{TEA}\ndelete_all,,,,,,,,,,,\nadd,{TEA}\nadd,{MILK}\n")

    assert staged.problems == ()
    assert steps(staged) == [("delete", "P9"), ("add", "P1"), ("delete_all", ""), ("add", "P1"), ("add", "P2")]


def test_a_column_for_people_is_not_read() -> None:
    [promotion] = added(read("id,#note,name,family,tags,reward,value\nA,=cmd(),N,easy,t,percent,5%\n"))

    assert promotion["name"] == "N"


def test_a_condition_that_is_none_does_not_stand_for_every_product() -> None:
    staged = read("id,name,family,not_discounted,reward,value\nA,N,easy,no,percent,5%\n")

    assert {problem.field for problem in staged.problems} == {"not_discounted"}
    assert staged.changes == ()
