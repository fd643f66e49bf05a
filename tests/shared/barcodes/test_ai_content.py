"""Values that keep their rules pass; the nearest ones that do not are refused."""

import pytest

from shared.barcodes.ai_content import is_right
from shared.barcodes.ai_table import identifiers


@pytest.mark.parametrize(
    ("ai", "right", "wrong"),
    [
        ("00", "106141412345678908", "106141412345678909"),
        ("11", "240229", "250229"),
        ("13", "260200", "261300"),
        ("4326", "260228", "260200"),  # a day is a must
        ("253", "1234567890128", "123456789012"),
        ("255", "1234567890128123456789012", "12345678901281234567890123"),
        ("421", "528AB12", "987AB12"),
        ("4307", "NL", "nl"),
        ("7030", "999ABC", "998ABC"),
        ("3910", "978100", "979"),
        ("4309", "18000000003600000000", "18000000013600000000"),
        ("4321", "1", "2"),
        ("4324", "2601022359", "2601022400"),
        ("4331", "000400-", "000400--"),
        ("7040", "1ABC", "1AB%"),
        ("7041", "PX", "QZ"),
        ("7241", "10", "11"),
        ("7252", "9", "3"),
        ("7258", "1/3", "3/1"),
        ("8001", "00010000100101", "00000000100101"),
        ("8003", "01234567890128XYZ", "11234567890128XYZ"),
        ("8006", "123456789012310202", "123456789012310302"),
        ("8007", "GB82WEST12345698765432", "GB82WEST12345698765433"),
        ("8010", "0614141ABC-/#", "0614141abc"),
        ("8011", "123", "0123"),
        ("8013", "1987654Ad4X4bL5ttr2310c2K", "1987654Ad4X4bL5ttr2310c2J"),  # the example of GS1's specification
        ("8014", "1987654Ad4X4bL5ttr2310c2K", "ABC7654Ad4X4bL5ttr2310c2K"),
        ("8030", "AbC_-09", "AbC+/09"),
        ("8110", "106141416543213150110120", "106141416543213150110125X"),
        ("8110", "0123456123456111101233350120435010190000", "0123456123456111101233351320"),
        ("8112", "0012345612345601234567890"[:21], "2012345612345601234567890"[:21]),
        ("4300", "A%20B", "A%2"),
        ("10", "!\"%&'()*+,-./09:;<=>?AZ_az"[:20], "A B"),
        ("242", "123456", "1234567"),
    ],
)
def test_a_value_keeps_its_rules_or_is_refused(ai: str, right: str, wrong: str) -> None:
    identifier = identifiers()[ai]

    assert is_right(identifier, right)
    assert not is_right(identifier, wrong)


def test_there_is_every_application_identifier() -> None:
    known = identifiers()

    assert len(known) == 541
    assert sum(identifier.is_predefined for identifier in known.values()) == 11 + 8 + 53 * 6
    assert all(needed.replace("n", "0") in known for one in known.values() for group in one.needs for needed in group)
