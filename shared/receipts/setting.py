"""Setting lines on paper of so many columns: no line is longer than the paper.

Lengths are cells: a letter of Chinese, Japanese or Korean and an emoji take two of them, a mark on a letter none.
"""

from collections.abc import Sequence

from wcwidth import center, ljust, rjust, width, wrap

from shared import messages
from shared.model.store import Language
from shared.money import share
from shared.receipts.document import TaxRow
from shared.receipts.lines import PrintLine


def spread(left: str, right: str, columns: int) -> list[PrintLine]:
    """Set `right` at the right edge of the last row of `left`, which is wrapped; on its own row where it must be."""
    room = columns - width(right) - 1 if right else columns
    widest_word = max(map(width, left.split()), default=0)
    *above, last = wrap(left, room if widest_word <= room else columns) or [""]
    rows = [PrintLine(row) for row in above]
    if right and width(last) + 1 + width(right) > columns:
        return [*rows, PrintLine(last), PrintLine(rjust(right, columns))]
    return [*rows, PrintLine(last + rjust(right, columns - width(last)) if right else last)]


def bold(lines: list[PrintLine]) -> list[PrintLine]:
    return [PrintLine(line.text, "bold") for line in lines]


def centred(text: str, columns: int) -> str:
    return center(text, columns).rstrip()


def tax_table(taxes: Sequence[TaxRow], columns: int, language: Language) -> list[PrintLine]:
    """Set a tax table: rate, net, tax and gross side by side, or below each other where they are too long for that."""
    tax, net, gross = (messages.text(language, f"receipt.{word}") for word in ("tax", "net", "gross"))
    rows = [(f"{tax} %", net, tax, gross), *((row.rate, row.net, row.tax, row.gross) for row in taxes)]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    spare = columns - sum(widths)
    if spare < len(widths) - 1:  # amounts too long to stand side by side
        return [
            line
            for row in taxes
            for label, amount in ((f"{tax} {row.rate}", row.tax), (f"  {net}", row.net), (f"  {gross}", row.gross))
            for line in spread(label, amount, columns)
        ]
    first, *others = widths
    cells = [cell + gap for cell, gap in zip(others, share(spare, [1] * len(others)), strict=True)]
    return [
        PrintLine(ljust(rate, first) + "".join(rjust(text, cell) for text, cell in zip(amounts, cells, strict=True)))
        for rate, *amounts in rows
    ]
