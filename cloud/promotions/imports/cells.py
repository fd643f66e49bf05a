"""Lines of separated cells, told apart more finely than the csv module does.

An empty cell is None and one that is written as `""` is the empty text: in .ASC files the first leaves a value and the
second clears it. A line is a record: no field of ours holds a line break, and so a quote that is never closed costs its
own line only, not the rest of the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from cloud.promotions.imports.staged import BadPromotionFile, Wrong

LINE_CHARACTERS_MAX = 500_000  # ten thousand skus and room to spare
LINES_MAX = 2_000_000  # a hundred members for each of the most promotions
LINE = re.compile(r"([^\r\n]*+)(?:\r\n?|\n|\Z)")  # found in place: a copy of the file would be four times its size


@dataclass(frozen=True, slots=True)
class Row:
    """One line that is not empty."""

    line: int
    cells: tuple[str | None, ...]
    wrong: Wrong | None = None  # why its cells cannot be told apart; there are none then


def rows(text: str, separator: str) -> Iterator[Row]:
    """Yield each line that is not empty, good or not. Lines end as any system ends them.

    Raises BadPromotionFile when there are too many, the empty ones counted.
    """
    for number, found in enumerate(LINE.finditer(text), 1):
        if number > LINES_MAX:
            raise BadPromotionFile(problem=f"it has more than {LINES_MAX} lines")
        line = found[1]
        if line.strip(" \t"):
            yield _row(number, line, separator)


def _row(number: int, line: str, separator: str) -> Row:
    if len(line) > LINE_CHARACTERS_MAX:
        text = f"the line has {len(line)} characters; {LINE_CHARACTERS_MAX} are allowed"
        return Row(number, (), Wrong("line-too-long", text, "Name large groups of products by a tag."))
    cell = _cell(separator)
    cells: list[str | None] = []
    start = 0
    while True:
        found = cell.match(line, start)
        if found is None:
            text = f"the quote in cell {len(cells) + 1} is not closed"
            return Row(number, (), Wrong("open-quote", text, 'Close it, and write a quote inside of a cell as "".'))
        inside, plain = found.groups()
        cells.append(inside.replace('""', '"').strip() if inside is not None else plain.strip() or None)
        if found.end() == len(line):
            return Row(number, tuple(cells))
        start = found.end() + 1


@cache
def _cell(separator: str) -> re.Pattern[str]:
    """A quoted cell, or one that does not begin with a quote: Hebrew abbreviations have quotes inside.

    The quantifiers are possessive, so that no line takes more than one pass.
    """
    end = f"(?={re.escape(separator)}|$)"
    blank = r"[ \t]*+" if separator != "\t" else r"[ ]*+"
    plain = rf"(?!{blank}\")([^{re.escape(separator)}]*+)"
    return re.compile(rf"{blank}\"((?:[^\"]|\"\")*+)\"{blank}{end}|{plain}{end}")
