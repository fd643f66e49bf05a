"""A till's .ASC file: fixed positions, change codes, and the difference between an empty field and one that clears."""

from typing import Any

import pytest

from cloud.promotions.imports import asc_file
from cloud.promotions.imports.asc_file import POSITIONS, P
from cloud.promotions.imports.staged import BadPromotionFile, Change, merged
from tests.cloud.promotions.imports.reading import added, codes, steps


def read(*records: str, currency: str = "EUR", encoding: Any = None) -> Any:
    return asc_file.read("\r\n".join([*records, ""]).encode(encoding or "utf-8"), currency, encoding)


def p(code: int, promotion_id: str, **written: str) -> str:
    """Return a P record with these fields, written as they stand; `from` is `from_` here."""
    texts = {name.rstrip("_"): text for name, text in written.items()}
    assert texts.keys() <= set(P)
    return ",".join(['"P"', str(code), f'"{promotion_id}"', *(texts.get(name, "") for name in P)])


def g(
    promotion_id: str, role: str, number: str = "", qty: str = "", amount: str = "", *, of: str, code: int = 1
) -> str:
    return f'"G",{code},"{promotion_id}",{role},{number},{qty},{amount},{of}'


def t(promotion_id: str, thresholds: str, reward: str) -> str:
    return f'"T",1,"{promotion_id}",{thresholds},{reward}'


EASY = p(1, "A", name='"Tea"', family="easy", reward="percent", value="10%")
TEAS = g("A", "target", of="tags,tea")


def test_a_promotion_is_its_records_together() -> None:
    [lunch] = added(
        read(
            p(1, "L", name='"Lunch, ""to go"""', family="combo", reward="set_price", value="4.50", from_="2026-11-01",
              days="1-5", coupon="C1", max_applications="2"),
            g("L", "slot", "1", of="tags,sandwich"),
            g("L", "slot", "1", of="tags,wrap"),
            g("L", "slot", "2", "2", of="tags,drink"),
            g("L", "slot", "2", of="not_skus,111"),
        )
    )  # fmt: skip

    assert lunch == {
        "id": "L",
        "name": 'Lunch, "to go"',
        "family": "combo",
        "reward": {"kind": "set_price", "value": 450},
        "gate": {"from": "2026-11-01", "days": [1, 2, 3, 4, 5], "coupon": "C1"},
        "limits": {"max_applications": 2},
        "slots": [
            {"select": {"tags": ["sandwich", "wrap"]}, "qty": 1},
            {"select": {"tags": ["drink"], "not_skus": ["111"]}, "qty": 2},
        ],
    }


def test_requisites_targets_and_tiers_have_records_of_their_own() -> None:
    ink, wine = added(
        read(
            p(1, "I", name="Ink", family="requisite_target", reward="unit_price", value="0.00", lesser_value="1"),
            g("I", "requisite", "1", "", "99.00", of="tags,printer"),
            g("I", "rewarded", "1", "3", of="tags,ink"),
            p(1, "W", name="Wine", family="basket_threshold", basis="gross"),
            g("W", "qualify", of="tags,wine"),
            t("W", ",50.00,", "set_amount,5.00"),
            t("W", "6,,100.00", "percent,10%"),
        )
    )

    assert ink["requisites"] == [{"select": {"tags": ["printer"]}, "min_amount": 9900}]
    assert ink["targets"] == [{"select": {"tags": ["ink"]}, "qty": 3}]
    assert (ink["reward"]["value"], ink["lesser_value"]) == (0, True)
    assert wine["qualify"] == {"tags": ["wine"]}
    assert wine["tiers"] == [
        {"min_amount": 5000, "reward": {"kind": "set_amount", "value": 500}},
        {"min_qty": 6, "over_amount": 10_000, "reward": {"kind": "percent", "value": 1000}},
    ]


@pytest.mark.parametrize(
    ("written", "gate"),
    [
        ("", {}),  # empty: unchanged
        ('""', {"coupon": None}),
        (' "" ', {"coupon": None}),
        ("0", {"coupon": None}),
        ('"0"', {"coupon": None}),
        ("C2", {"coupon": "C2"}),
        ('"C2"', {"coupon": "C2"}),
    ],
)
def test_an_empty_field_leaves_a_value_and_a_quoted_one_clears_it(written: str, gate: dict[str, Any]) -> None:
    staged = read(p(2, "A", coupon=written))

    assert staged.problems == ()
    assert staged.changes == (Change(1, "modify", "A", {"gate": gate} if gate else {}),)


def test_a_modify_changes_what_it_names_and_nothing_else() -> None:
    before = {"id": "A", "gate": {"coupon": "C", "to": "2026-11-30"}, "limits": {"max_units": 3}, "n": 3,
              "target": {"skus": ["1"], "tags": ["old"]}}  # fmt: skip
    [change] = read(p(2, "A", coupon='""', max_units="0", n="4"), g("A", "target", of="skus,2")).changes

    assert merged(before, change.values) == {
        "id": "A",
        "gate": {"to": "2026-11-30"},
        "n": 4,
        "target": {"skus": ["2"]},
    }


def test_a_role_and_the_tiers_can_be_cleared() -> None:
    [change] = read(p(2, "A"), g("A", "qualify", of=",", code=99), '"T",99,"A",,,,,').changes

    assert change.values == {"qualify": None, "tiers": None}


def test_a_price_of_nothing_is_no_cleared_reward() -> None:
    cleared = read(p(2, "A", reward="unit_price", value="0"))
    free = read(p(2, "A", reward="unit_price", value="0.00"))
    without_decimals = read(p(2, "A", reward="unit_price", value="00"), currency="JPY")

    assert codes(cleared) == [(1, "not-clearable")]
    assert free.changes[0].values == without_decimals.changes[0].values == {
        "reward": {"kind": "unit_price", "value": 0}
    }  # fmt: skip


@pytest.mark.parametrize("name", ["name", "family"])
def test_what_every_promotion_has_cannot_be_cleared(name: str) -> None:
    assert codes(read(p(2, "A", **{name: '""'}))) == [(1, "not-clearable")]


def test_everything_can_be_deleted_and_then_added() -> None:
    staged = read(p(3, "B"), EASY, TEAS, '"P",99', EASY, TEAS, p(3, "C"))

    assert staged.problems == ()
    assert steps(staged) == [("delete", "B"), ("add", "A"), ("delete_all", ""), ("add", "A"), ("delete", "C")]
    assert staged.changes[0].values == {}


def test_a_promotion_can_be_deleted_and_added_anew_in_one_file() -> None:
    assert steps(read(p(3, "A"), EASY, TEAS)) == [("delete", "A"), ("add", "A")]


def test_two_records_of_one_promotion_are_reported_and_neither_is_taken() -> None:
    staged = read(EASY, TEAS, p(3, "B"), EASY.replace("10%", "90%"), TEAS)

    assert codes(staged) == [(4, "duplicate")]
    assert "line 1" in staged.problems[0].message
    assert steps(staged) == [("delete", "B")]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ('"X",1,"A"', "unknown-record"),
        ("", "missing"),
        (p(1, "A")[:-1], "cut-off"),
        (g("A", "target", of="tags"), "cut-off"),
        (g("A", "target", of='tags,"tea'), "open-quote"),
        ('"G",1,"A', "open-quote"),
        (g("A", "target", of="tags,tea", code=2), "unknown-code"),
        (g("A", "somewhere", of="tags,tea"), "unknown-word"),
        (g("A", "target", of="tag,tea"), "unknown-word"),
        (g("A", "target", of="tags,"), "empty-list"),
        (g("A", "target", of="tags,=cmd()"), "formula"),
        (g("A", "target", "", "2", of="tags,tea"), "not-of-role"),
        (g("A", "target", "", "", "2.00", of="tags,tea"), "not-of-role"),
        (g("A", "slot", "", "2", of="tags,tea"), "bad-number"),
        (g("A", "slot", "13", "2", of="tags,tea"), "bad-number"),
        (g("A", "slot", "1", "2", of="tags,tea"), "not-of-family"),
        (t("A", "2,,", "percent,5%"), "not-of-family"),
        (t("A", "2,,", "percent,"), "half-reward"),
        (t("A", "2,,", "percent,5"), "bad-percent"),
    ],
)
def test_a_bad_record_takes_its_promotion_with_it_and_no_other(record: str, code: str) -> None:
    records = [EASY, record] if not record else [EASY, TEAS, record]
    staged = read(*records, EASY.replace('"A"', '"B"'), TEAS.replace('"A"', '"B"'))

    assert {problem.code for problem in staged.problems} == {code}
    assert steps(staged) == [("add", "B")]


def test_a_record_without_its_promotion_is_reported() -> None:
    staged = read(g("Z", "target", of="tags,tea"), EASY, TEAS, g("Z", "target", of="tags,tea"))

    assert codes(staged) == [(1, "no-promotion"), (4, "no-promotion")]
    assert steps(staged) == [("add", "A")]


@pytest.mark.parametrize("kept", range(1, len(TEAS)))
def test_half_a_last_record_is_never_half_a_group(kept: int) -> None:
    whole = g("A", "target", of="tags,coffee")
    staged = asc_file.read(f"{EASY}\n{TEAS}\n{whole[:kept]}".encode(), "EUR")

    complete = whole[:kept].count(",") == POSITIONS["G"] - 1 and not whole[:kept].endswith(",")
    assert steps(staged) == ([("add", "A")] if complete else [])
    assert bool(staged.problems) != complete


def test_a_group_with_two_sizes_is_a_contradiction() -> None:
    base = p(1, "A", name="N", family="combo", reward="set_price", value="5.00")

    assert codes(read(base, g("A", "slot", "1", "1", of="tags,a"), g("A", "slot", "1", "2", of="tags,b"))) == [
        (3, "contradiction")
    ]
    assert codes(read(base, g("A", "requisite", "1", "1", "5.00", of="tags,a"))) == [(2, "two-sizes")]


def test_everything_is_said_with_a_star() -> None:
    [promotion] = added(read(EASY, g("A", "target", of="*,"), g("A", "target", of="not_tags,tobacco")))
    widened = read(p(2, "A"), g("A", "target", of="*,"))

    assert promotion["target"] == {"not_tags": ["tobacco"]}
    assert codes(widened) == [(2, "widens")]


@pytest.mark.parametrize(("name", "encoding"), [("Τσάι", "cp1253"), ("Τσάι", "cp737"), ('תה 3 ב-10 ש""ח', "cp862")])
def test_tills_write_their_own_letters(name: str, encoding: Any) -> None:
    [promotion] = added(read(EASY.replace("Tea", name), TEAS, encoding=encoding))

    assert promotion["name"] == name.replace('""', '"')


@pytest.mark.parametrize("content", [b"", b"\r\n \r\n", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadPromotionFile, match="it is empty"):
        asc_file.read(content, "EUR")


def test_a_large_group_keeps_its_order_and_has_an_end() -> None:
    many = [g("A", "target", of=f"skus,{sku}") for sku in range(10_001)]
    [promotion] = added(read(EASY, *many[:-1]))

    assert promotion["target"]["skus"][:3] == ["0", "1", "2"]
    assert [problem.code for problem in read(EASY, *many).problems] == ["too-many"]


def test_a_promotion_whose_first_record_was_cut_off_is_not_taken_from_a_second_one() -> None:
    staged = read(EASY[:-3], EASY, TEAS)

    assert codes(staged) == [(1, "cut-off"), (2, "duplicate")]
    assert staged.changes == ()
