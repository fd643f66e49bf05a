"""Texts from standard input, one a line, for commands that answer each line at once."""

import json
from collections.abc import Iterator
from typing import BinaryIO

LINE_BYTES_MAX = 64 * 1024  # eight times the longest frame of a scanner, for escapes
SHOWN_MAX = 100  # how much of a bad line an answer quotes


def texts(source: BinaryIO, *, as_json: bool) -> Iterator[tuple[str, str | None]]:
    """Yield (text, None) of each line as soon as it is there, or (the line, why it holds no text).

    as_json: each line is a JSON string, so that control characters survive a terminal.
    """
    while line := source.readline(LINE_BYTES_MAX + 1):
        if len(line) > LINE_BYTES_MAX:
            while line and not line.endswith(b"\n"):
                line = source.readline(LINE_BYTES_MAX)
            yield "", f"the line is longer than {LINE_BYTES_MAX} bytes"
            continue
        try:
            text = line.decode().removesuffix("\n").removesuffix("\r")
            yield (_from_json(text) if as_json else text), None
        except ValueError as error:
            yield line.decode(errors="replace").rstrip("\r\n")[:SHOWN_MAX], _why(error)


def _from_json(line: str) -> str:
    try:
        text = json.loads(line)
    except RecursionError as error:
        raise ValueError("the line is nested too deeply") from error
    if not isinstance(text, str):
        raise ValueError("the line is JSON, but no string")  # noqa: TRY004 (told like other bad lines)
    return text


def _why(error: ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "the line is not UTF-8"
    return "the line is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
