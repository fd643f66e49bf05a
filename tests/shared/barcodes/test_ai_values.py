"""What values mean: centuries, last days, decimals, amounts."""

import pytest

from shared.barcodes import ai_values
from shared.barcodes.decode import decode


def value(ai: str, text: str, year: int = 2026) -> object:
    found = decode(f"({ai}){text}")
    assert found.problem is None
    return ai_values.shown(ai_values.typed(found.elements, year)[ai])


@pytest.mark.parametrize(
    ("text", "year", "day"),
    [
        ("260228", 2026, "2026-02-28"),
        ("760101", 2026, "2076-01-01"),  # fifty years ahead
        ("770101", 2026, "1977-01-01"),  # 51 would be too far
        ("100101", 2060, "2110-01-01"),
        ("110101", 2060, "2011-01-01"),
        ("240200", 2026, "2024-02-29"),
        ("250200", 2026, "2025-02-28"),
    ],
)
def test_a_year_of_two_digits_is_the_nearest_and_day_0_the_last(text: str, year: int, day: str) -> None:
    assert value("17", text, year) == day


@pytest.mark.parametrize(
    ("ai", "text", "shown"),
    [
        ("3103", "000000", "0.000"),
        ("3200", "000012", "12"),
        ("3922", "0299", "2.99"),
        ("3902", "000000000000299", "2.99"),
        ("3932", "978299", {"currency": "EUR", "amount": "2.99"}),
        ("3910", "3920500", {"currency": "JPY", "amount": "500"}),
        ("3942", "1250", "12.50"),
        ("30", "00000007", "7"),
        ("4330", "001550-", "-15.50"),
        ("4331", "000400", "4.00"),
        ("8008", "26010213", "2026-01-02T13:00"),
        ("8008", "260102135907", "2026-01-02T13:59:07"),
        ("7011", "2601021345", "2026-01-02T13:45"),
        ("7251", "198007151200", "1980-07-15T12:00"),
        ("7007", "260102260110", ["2026-01-02", "2026-01-10"]),
        ("4300", "Caf%C3%A9+am+See", "Café am See"),
        ("10", "0012", "0012"),
    ],
)
def test_a_value_is_shown_exactly(ai: str, text: str, shown: object) -> None:
    assert value(ai, text) == shown
