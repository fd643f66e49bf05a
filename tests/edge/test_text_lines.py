"""Lines are answered one by one, whatever they hold."""

import io
import json

import pytest

from edge.text_lines import LINE_BYTES_MAX, SHOWN_MAX, texts


@pytest.mark.parametrize(
    ("line", "as_json", "text", "problem"),
    [
        (b"abc\r\n", False, "abc", None),
        (b"pass  ", False, "pass  ", None),  # blanks belong to boarding passes
        (b"\n", False, "", None),
        (b"\xef\xbb\xbfabc\r\n", False, "abc", None),  # the mark of UTF-8 that some editors put in front of a file
        (b'\xef\xbb\xbf"abc"\n', True, "abc", None),
        (b'"01\\u001d"\n', True, "01\x1d", None),
        (b"\xffabc\n", False, "\ufffdabc", "the line is not UTF-8"),
        (b"12\n", True, "12", "the line is JSON, but no string"),
        (b"[\n", True, "[", "the line is not JSON"),
        (b"[" * 60_000, True, "[" * 100, "the line is nested too deeply"),
        (b"9" * 5_000, True, "9" * 100, "the line is JSON, but no string"),
    ],
)
def test_a_line_is_a_text_or_says_why_not(line: bytes, as_json: bool, text: str, problem: str | None) -> None:
    ((found, why),) = texts(io.BytesIO(line), as_json=as_json)

    assert (found, why) == (text, problem)


def test_an_endless_line_is_one_bad_line() -> None:
    lines = list(texts(io.BytesIO(b"x" * (3 * LINE_BYTES_MAX) + b"\nnext\n"), as_json=False))

    assert lines == [("x" * SHOWN_MAX, f"the line is longer than {LINE_BYTES_MAX} bytes"), ("next", None)]
    json.dumps(lines)


@pytest.mark.parametrize("length", range(LINE_BYTES_MAX - 2, LINE_BYTES_MAX + 3))
@pytest.mark.parametrize("rest", [b"", b"\n", b"\nnext"])
def test_a_line_near_the_bound_swallows_nothing_of_the_next(length: int, rest: bytes) -> None:
    first, *others = texts(io.BytesIO(b"x" * length + rest), as_json=False)

    assert len(first[0]) in {length, SHOWN_MAX}
    assert others == ([("next", None)] if rest == b"\nnext" else [])


def test_a_mark_of_utf_8_inside_a_file_is_no_blank() -> None:
    lines = list(texts(io.BytesIO(b"abc\n\xef\xbb\xbfabc\n"), as_json=False))

    assert lines == [("abc", None), ("\ufeffabc", None)]
