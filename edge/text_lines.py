"""Texts from standard input, one a line, for commands that answer each line at once."""

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO

LINE_BYTES_MAX = 64 * 1024  # eight times the longest frame of a scanner, for escapes
SHOWN_MAX = 100  # how much of a bad line an answer quotes


def texts(source: BinaryIO, *, as_json: bool) -> Iterator[tuple[str, str | None]]:
    """Yield (text, None) of each line as soon as it is there, or (the line, why it holds no text).

    as_json: each line is a JSON string, so that control characters survive a terminal.
    """
    for line in _lines(source):
        if len(line) > LINE_BYTES_MAX:
            yield _shown(line), f"the line is longer than {LINE_BYTES_MAX} bytes"
            continue
        try:
            text = line.decode().removesuffix("\n").removesuffix("\r")
            yield (_from_json(text) if as_json else text), None
        except ValueError as error:
            yield _shown(line), "the line is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Yield lines; of one that is too long only its beginning."""
    mark = codecs.BOM_UTF8  # some editors put it in front of a file
    while line := source.readline(LINE_BYTES_MAX + 1):
        rest = line
        while len(rest) >= LINE_BYTES_MAX and not rest.endswith(b"\n"):
            rest = source.readline(LINE_BYTES_MAX)
        yield line.removeprefix(mark)
        mark = b""


def _shown(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r\n")[:SHOWN_MAX]


def _from_json(line: str) -> str:
    try:
        text = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError("the line is not JSON") from error
    except RecursionError as error:
        raise ValueError("the line is nested too deeply") from error
    except ValueError:  # a number with more digits than Python converts
        text = None
    if not isinstance(text, str):
        raise ValueError("the line is JSON, but no string")  # noqa: TRY004 (told like other bad lines)
    return text
