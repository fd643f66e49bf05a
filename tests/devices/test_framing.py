"""From bytes to frames to scans."""

import pytest

from devices.errors import BadFrame
from devices.scanners.framing import FRAME_BYTES_MAX, Framer, parse
from devices.scanners.interface import Scan


def framed(*chunks: bytes) -> list[bytes | BadFrame]:
    framer = Framer()
    return [frame for chunk in chunks for frame in framer.feed(chunk)]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\x03"])
def test_every_usual_suffix_ends_a_frame(end: bytes) -> None:
    assert framed(b"4006381333931" + end) == [b"4006381333931"]


@pytest.mark.parametrize("cut", range(1, 15))
def test_a_frame_torn_anywhere_is_put_together(cut: int) -> None:
    sent = b"4006381333931\r\n"

    assert framed(sent[:cut], sent[cut:]) == [b"4006381333931"]


def test_frames_that_arrive_joined_are_taken_apart() -> None:
    assert framed(b"first\r\nsecond\rthird\nrest") == [b"first", b"second", b"third"]


def test_a_start_mark_is_stripped_and_group_separators_are_kept() -> None:
    assert framed(b"\x020109521234543213\x1d10ABC\x03") == [b"0109521234543213\x1d10ABC"]


def test_a_pause_ends_a_frame_without_suffix() -> None:
    framer = Framer()

    frames = [framer.feed(b"40063813"), framer.feed(b"33931"), framer.flush(), framer.flush()]

    assert frames == [[], [], [b"4006381333931"], []]


def test_a_pause_matters_only_inside_a_frame() -> None:
    framer = Framer()

    inside = [framer.gap_s is not None]
    for data in (b"4006", b"38\r\n", b"x" * (FRAME_BYTES_MAX + 1), b"\r"):
        framer.feed(data)
        inside.append(framer.gap_s is not None)

    assert inside == [False, True, False, True, False]


def test_a_megabyte_without_end_is_one_bad_frame_and_the_next_frame_is_read() -> None:
    framer = Framer()

    frames = [frame for _ in range(256) for frame in framer.feed(b"x" * 4096)]
    after = framer.feed(b"yyy\rnext\r")

    assert [type(frame) for frame in frames] == [BadFrame]
    assert after == [b"next"]


def test_after_a_runaway_frame_a_pause_is_an_end_too() -> None:
    framer = Framer()
    framer.feed(b"x" * (FRAME_BYTES_MAX + 1))

    assert framer.flush() == []
    assert framer.feed(b"next\r") == [b"next"]


def test_the_longest_frame_is_read_and_one_byte_more_is_not() -> None:
    longest = b"x" * FRAME_BYTES_MAX

    assert framed(longest + b"\r") == [longest]
    assert [type(frame) for frame in framed(longest + b"x\r")] == [BadFrame]


def test_a_bad_frame_quotes_what_came_but_not_all_of_it() -> None:
    (frame,) = framed(b"\xff" * (FRAME_BYTES_MAX + 1))

    assert isinstance(frame, BadFrame)
    assert frame.facts["frame"] == "ff" * 64


@pytest.mark.parametrize(
    ("frame", "scan"),
    [
        (b"4006381333931", Scan("4006381333931", None)),
        (b"]E04006381333931", Scan("4006381333931", "EAN-13/UPC")),
        (b"]C10109521234543213\x1d10A", Scan("0109521234543213\x1d10A", "GS1-128")),
        (b"]d2\x1d01095", Scan("\x1d01095", "GS1 DataMatrix")),
        (b"]Q7text", Scan("text", None)),  # a modifier we do not know is not part of the text
        (b"]S0123456", Scan("123456", None)),  # a symbology that we have no name for
        (b"]brackets", Scan("]brackets", None)),
        ("]Q1käse €".encode(), Scan("käse €", "QR")),
    ],
)
def test_a_frame_is_read_with_its_symbology(frame: bytes, scan: Scan) -> None:
    assert parse(frame) == scan


@pytest.mark.parametrize("frame", [b"12\x0034", b"12\x0734", b"12\x7f", b"\xff\xfe", b"]E0", b"1\xc2\x852"])
def test_what_cannot_be_a_code_is_refused_with_its_bytes(frame: bytes) -> None:
    with pytest.raises(BadFrame) as caught:
        parse(frame)

    assert caught.value.facts["frame"] == frame.hex()


@pytest.mark.parametrize("separator", ["<GS>", "{GS}", "^", "|"])
def test_what_a_scanner_sends_for_gs_is_gs_in_a_gs1_code(separator: str) -> None:
    text = f"10AB{separator}2112"

    assert parse(f"]C1{text}".encode(), separator) == Scan("10AB\x1d2112", "GS1-128")
    assert parse(f"]J1{text}".encode(), separator) == Scan("10AB\x1d2112", "GS1 DotCode")
    assert parse(text.encode(), separator) == Scan("10AB\x1d2112", None)
    assert parse(f"]Q1{text}".encode(), separator) == Scan(text, "QR")  # an address may hold such letters
    assert parse(text.encode()) == Scan(text, None)
