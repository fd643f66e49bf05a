"""Bars as bytes, read by the virtual printer, which shares no code with the driver."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import UnprintableBarcode
from devices.printers import barcodes
from devices.printers.interface import BARCODE_LETTERS_MAX, Barcode
from devices.printers.paper import code128_text

WIDE_DOTS = 5_000


@given(st.from_regex(rf"[ -~]{{1,{BARCODE_LETTERS_MAX}}}|[0-9]{{1,{BARCODE_LETTERS_MAX}}}", fullmatch=True))
def test_any_text_comes_back_from_code_128_and_holds_no_real_time_command(text: str) -> None:
    commands = barcodes.render(Barcode("code128", text), WIDE_DOTS)

    assert commands
    found = re.search(rb"\x1dkI(.)(.*)\x1ba\x00", commands, re.DOTALL)
    assert found
    assert len(found[2]) == found[1][0]
    assert code128_text(found[2]) == text
    assert not re.search(rb"\x10[\x04\x05\x14]", commands)


def test_digits_take_half_the_room() -> None:
    assert barcodes.code128("12345678") == (b"{C\x0c\x22\x38\x4e", 4)
    assert barcodes.code128("AB123456") == (b"{BAB{C\x0c\x22\x38", 6)
    assert barcodes.code128("1604") == (b"{B1604", 4)  # as pairs it would be DLE EOT


def test_gs1_128_begins_with_fnc1_and_has_one_behind_open_values() -> None:
    commands = barcodes.render(Barcode("gs1_128", "10ABC\x1d17261231"), WIDE_DOTS)

    assert commands
    assert b"{B{110ABC{1{C\x11\x1a\x0c\x1f" in commands


def test_bars_wider_than_the_paper_are_left_out() -> None:
    assert barcodes.render(Barcode("code128", "L1K1-000001"), 32 * 12)
    assert barcodes.render(Barcode("code128", "A" * 30), 32 * 12) is None


@pytest.mark.parametrize(
    ("symbology", "data"),
    [
        ("ean13", "4006381333932"),  # the last digit is wrong
        ("ean13", "400638133393"),
        ("ean13", "40063813339३1"),
        ("code128", ""),
        ("code128", "Größe"),
        ("code128", "a\nb"),
        ("gs1_128", "AB"),
        ("gs1_128", "10A B"),
    ],
)
def test_what_the_symbology_cannot_hold_is_refused(symbology: str, data: str) -> None:
    with pytest.raises(UnprintableBarcode):
        Barcode(symbology, data)  # type: ignore[arg-type]
