"""Tax is taken once per rate, and its table and its lines say the same."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tax.policy import TaxedAmount, contained_tax_minor, tax_table

RATES = {"standard": 2000, "reduced": 550, "books": 0, "other_standard": 2000, "odd": 2550}
amounts = st.lists(
    st.builds(
        lambda name, gross: TaxedAmount(name, RATES[name], gross), st.sampled_from([*RATES]), st.integers(0, 10**9)
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    ("gross_minor", "rate_bp", "tax_minor"),
    [
        (1200, 2000, 200),
        (100, 2000, 17),  # 16.67
        (3, 2000, 1),  # exactly a half
        (1, 2000, 0),
        (100, 0, 0),
        (0, 2000, 0),
        (10_000, 10_000, 5_000),
        (1255, 2550, 255),
    ],
)
def test_the_tax_inside_an_amount(gross_minor: int, rate_bp: int, tax_minor: int) -> None:
    assert contained_tax_minor(gross_minor, rate_bp) == tax_minor


def test_tax_is_rounded_once_per_rate_and_not_per_line() -> None:
    table, taxes = tax_table([TaxedAmount("standard", 2000, 100)] * 3)

    assert [row.tax_minor for row in table] == [50]  # three times 16.67 rounded alone would be 51
    assert taxes == [17, 17, 16]


def test_the_highest_rate_stands_first_and_classes_of_one_rate_stay_apart() -> None:
    lines = [TaxedAmount(name, RATES[name], 100) for name in ("books", "standard", "reduced", "other_standard")]

    table, _ = tax_table(lines)

    assert [(row.tax_class, row.rate_bp) for row in table] == [
        ("other_standard", 2000),
        ("standard", 2000),
        ("reduced", 550),
        ("books", 0),
    ]


@given(amounts)
def test_gross_is_net_and_tax_and_nothing_is_lost(lines: list[TaxedAmount]) -> None:
    table, _ = tax_table(lines)

    assert all(row.gross_minor == row.net_minor + row.tax_minor for row in table)
    assert all(row.tax_minor == contained_tax_minor(row.gross_minor, row.rate_bp) for row in table)
    assert sum(row.gross_minor for row in table) == sum(line.gross_minor for line in lines)
    assert len({(row.tax_class, row.rate_bp) for row in table}) == len(table)


@given(amounts)
def test_the_lines_taxes_sum_to_the_table(lines: list[TaxedAmount]) -> None:
    table, taxes = tax_table(lines)

    sums: defaultdict[tuple[str, int], int] = defaultdict(int)
    for line, tax in zip(lines, taxes, strict=True):
        sums[line.tax_class, line.rate_bp] += tax
        assert 0 <= tax <= line.gross_minor
    assert dict(sums) == {(row.tax_class, row.rate_bp): row.tax_minor for row in table}


def test_goods_for_nothing_bear_no_tax_but_stand_in_the_table() -> None:
    table, taxes = tax_table([TaxedAmount("standard", 2000, 0)] * 2)

    assert taxes == [0, 0]
    assert [(row.gross_minor, row.tax_minor) for row in table] == [(0, 0)]


def test_no_lines_have_no_table() -> None:
    assert tax_table([]) == ((), [])
