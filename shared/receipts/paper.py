"""A receipt laid out on paper of so many columns. No line is longer than the paper, no word is cut that fits on one.

Lengths are cells: a letter of Chinese, Japanese or Korean and an emoji take two of them, a mark on a letter none.
"""

from wcwidth import center, ljust, rjust, width, wrap

from shared import messages
from shared.model.store import Language
from shared.money import share
from shared.receipts.document import Receipt, ReceiptItem
from shared.receipts.lines import PrintLine

DEFAULT_COLUMNS = 42


def lay_out(receipt: Receipt, columns: int = DEFAULT_COLUMNS) -> tuple[PrintLine, ...]:
    """Return the receipt's lines from top to bottom.

    columns: characters of the standard font on the paper; 42 on 80 mm, 32 on 58 mm. Large lines hold half as many.
    """
    language = receipt.language

    def words(key: str, **facts: object) -> str:
        return messages.text(language, key, **facts)

    rule = PrintLine("-" * columns)
    lines: list[PrintLine] = []
    if receipt.is_copy:
        lines += [PrintLine(_centred(f"*** {words('receipt.copy')} ***", columns), "bold")]
    name, *address = receipt.store
    lines += [PrintLine(_centred(part, columns // 2), "large") for part in wrap(name, columns // 2)]
    lines += [PrintLine(_centred(part, columns)) for row in address for part in wrap(row, columns)]
    if receipt.kind == "refund":
        lines += [PrintLine(_centred(words("receipt.refund"), columns), "bold")]
    if receipt.original:
        lines += _spread(words("receipt.original", number=receipt.original), "", columns)
    lines.append(rule)
    for item in receipt.items:
        lines += _item(item, columns)
    lines.append(rule)
    lines += _above_total(receipt, columns, language)
    total = _spread(f"{words('receipt.total')} {receipt.currency}", receipt.total, columns // 2)
    lines += [PrintLine(line.text, "large") for line in total]
    for payment in receipt.payments:
        lines += _spread(payment.label, payment.amount, columns)
    lines.append(rule)
    lines += _tax_table(receipt, columns, language)
    lines.append(rule)
    for voucher in receipt.vouchers:
        lines += _bold(_spread(voucher.label, voucher.amount, columns))
    lines += [rule] if receipt.vouchers else []
    for lottery in receipt.lotteries:
        lines += _bold(_spread(lottery.label, lottery.amount, columns))
    lines += [rule] if receipt.lotteries else []
    lines += _spread(words("receipt.number", number=receipt.number), receipt.placed_at, columns)
    lines += [PrintLine(_centred(part, columns)) for row in receipt.footer for part in wrap(row, columns)]
    return tuple(lines)


def _above_total(receipt: Receipt, columns: int, language: Language) -> list[PrintLine]:
    """Return how the total comes about, where there is more to it than the items."""
    lines: list[PrintLine] = []
    if receipt.subtotal:
        lines += _spread(messages.text(language, "receipt.subtotal"), receipt.subtotal, columns)
    if receipt.saved:
        lines += _bold(_spread(messages.text(language, "receipt.saved"), receipt.saved, columns))
    if receipt.donation:
        lines += _spread(receipt.donation.label, receipt.donation.amount, columns)
    return lines


def _bold(lines: list[PrintLine]) -> list[PrintLine]:
    return [PrintLine(line.text, "bold") for line in lines]


def _centred(text: str, columns: int) -> str:
    return center(text, columns).rstrip()


def _spread(left: str, right: str, columns: int) -> list[PrintLine]:
    """Set `right` at the right edge of the last row of `left`, which is wrapped; on its own row where it must be."""
    room = columns - width(right) - 1 if right else columns
    widest_word = max(map(width, left.split()), default=0)
    *above, last = wrap(left, room if widest_word <= room else columns) or [""]
    rows = [PrintLine(row) for row in above]
    if right and width(last) + 1 + width(right) > columns:
        return [*rows, PrintLine(last), PrintLine(rjust(right, columns))]
    return [*rows, PrintLine(last + rjust(right, columns - width(last)) if right else last)]


def _item(item: ReceiptItem, columns: int) -> list[PrintLine]:
    lines = _spread(item.name, item.amount, columns)
    if item.detail:
        lines.append(PrintLine(f"  {item.detail}"))
    for saving in item.savings:
        lines += [PrintLine(f"  {line.text}") for line in _spread(saving.label, saving.amount, columns - 2)]
    return lines


def _tax_table(receipt: Receipt, columns: int, language: Language) -> list[PrintLine]:
    tax, net, gross = (messages.text(language, f"receipt.{word}") for word in ("tax", "net", "gross"))
    rows = [(f"{tax} %", net, tax, gross), *((row.rate, row.net, row.tax, row.gross) for row in receipt.taxes)]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    spare = columns - sum(widths)
    if spare < len(widths) - 1:  # amounts too long to stand side by side
        return [
            line
            for row in receipt.taxes
            for label, amount in ((f"{tax} {row.rate}", row.tax), (f"  {net}", row.net), (f"  {gross}", row.gross))
            for line in _spread(label, amount, columns)
        ]
    first, *others = widths
    cells = [cell + gap for cell, gap in zip(others, share(spare, [1] * len(others)), strict=True)]
    return [
        PrintLine(ljust(rate, first) + "".join(rjust(text, cell) for text, cell in zip(amounts, cells, strict=True)))
        for rate, *amounts in rows
    ]
