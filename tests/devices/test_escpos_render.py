"""The bytes of a job, without a printer."""

import re

import pytest

from devices.printers.escpos_render import EscposProfile, process_id, render, wrapped
from devices.printers.fonts import FontChain
from devices.printers.interface import QR_BYTES_MAX, PrintJob
from shared.errors import Misconfigured
from shared.receipts.lines import PrintLine


def rendered(*texts: str, qr: str | None = None, profile: EscposProfile | None = None) -> bytes:
    job = PrintJob("order-1", tuple(PrintLine(text) for text in texts), qr)
    return render(job, profile or EscposProfile())


def test_a_job_begins_with_a_reset_and_ends_with_cut_and_process_id() -> None:
    content = rendered("Milk")

    assert content.startswith(b"\x1b@")
    assert content.endswith(b"\x1dV\x00" + b"\x1d(H\x06\x0000" + process_id("order-1"))


def test_the_qr_code_can_be_read_from_the_raw_bytes() -> None:
    url = "https://example.test/r/0190c1a2?x=é"

    content = rendered(qr=url)

    stored = re.search(rb"\x1d\(k(..)1P0", content, re.DOTALL)
    assert stored
    length = int.from_bytes(stored[1], "little") - 3
    assert content[stored.end() : stored.end() + length].decode() == url
    assert content[stored.end() + length :].startswith(b"\x1d(k\x03\x001Q0")  # and it is printed


def test_process_ids_are_four_letters_and_differ_between_jobs() -> None:
    ids = {process_id(f"order-{number}") for number in range(500)}

    assert len(ids) == 500
    assert all(re.fullmatch(rb"[0-9A-Za-z]{4}", each) for each in ids)


def test_a_text_is_printed_from_one_code_page_when_one_holds_it_all() -> None:
    content = rendered("αβγδ Σύνολο €")

    assert len(re.findall(rb"\x1bt", content)) == 1


def test_control_characters_in_a_text_do_not_reach_the_printer() -> None:
    content = rendered("a\x10\x04\x01b\x1b@c")

    assert b"a   b @c\n" in content


def test_every_allowed_qr_code_is_free_of_real_time_commands() -> None:
    for length in range(1, QR_BYTES_MAX + 1):
        rendered(qr="x" * length)  # render asserts it


def test_letters_that_no_code_page_has_become_question_marks_without_a_font() -> None:
    fontless = EscposProfile(fonts=FontChain(()))

    assert b"tea ??\n" in rendered("tea 茶茶", profile=fontless)
    assert b"???? 12\n" in rendered("שלום 12", profile=fontless)


def test_an_unknown_profile_is_a_mistake_in_the_configuration() -> None:
    with pytest.raises(Misconfigured, match="TM-9999"):
        rendered("Milk", profile=EscposProfile("TM-9999"))


@pytest.mark.skipif(not FontChain().faces, reason="no font is installed (fonts-dejavu-core)")
def test_the_euro_is_printed_on_every_model_whatever_its_code_pages() -> None:
    from escpos.capabilities import CAPABILITIES

    for model in CAPABILITIES["profiles"]:
        content = rendered("12,50 €", profile=EscposProfile(model))

        assert b"12,50 ?" not in content
        assert b"12,50" in content or b"\x1dv0" in content  # by a code page, or drawn


def test_a_job_for_another_model_uses_its_code_pages() -> None:
    assert b"\x1bt\x13" in rendered("€", profile=EscposProfile("TM-T88III"))  # 858 is page 19
    assert b"\x1bt\x04" in rendered("€", profile=EscposProfile("SP2000"))  # and page 4 there


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("1234567890", ["1234567890"]),
        ("12345 7890 x", ["12345 7890", "x"]),
        ("12345678901", ["1234567890", "1"]),
        ("one two three", ["one two", "three"]),
        ("     indented text", ["     inden", "ted text"]),
        ("茶茶茶 茶茶茶", ["茶茶茶", "茶茶茶"]),
        ("茶茶茶茶茶茶", ["茶茶茶茶茶", "茶"]),
    ],
)
def test_a_text_is_cut_at_a_space_where_there_is_one(text: str, lines: list[str]) -> None:
    assert wrapped(text, 10) == lines
