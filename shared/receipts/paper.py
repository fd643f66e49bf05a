"""A receipt laid out on paper of so many columns. No line is longer than the paper, no word is cut that fits on one.

Lengths are cells: a letter of Chinese, Japanese or Korean and an emoji take two of them, a mark on a letter none.
"""

from wcwidth import wrap

from shared import messages
from shared.model.store import Language
from shared.receipts.document import Receipt, ReceiptItem
from shared.receipts.lines import PrintLine
from shared.receipts.setting import bold, centred, spread, tax_table

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
        lines += [PrintLine(centred(f"*** {words('receipt.copy')} ***", columns), "bold")]
    name, *address = receipt.store
    lines += [PrintLine(centred(part, columns // 2), "large") for part in wrap(name, columns // 2)]
    lines += [PrintLine(centred(part, columns)) for row in address for part in wrap(row, columns)]
    if receipt.kind == "refund":
        lines += [PrintLine(centred(words("receipt.refund"), columns), "bold")]
    if receipt.original:
        lines += spread(words("receipt.original", number=receipt.original), "", columns)
    lines.append(rule)
    for item in receipt.items:
        lines += _item(item, columns)
    lines.append(rule)
    lines += _above_total(receipt, columns, language)
    total = spread(f"{words('receipt.total')} {receipt.currency}", receipt.total, columns // 2)
    lines += [PrintLine(line.text, "large") for line in total]
    for payment in receipt.payments:
        lines += spread(payment.label, payment.amount, columns)
    lines.append(rule)
    lines += tax_table(receipt.taxes, columns, language)
    lines.append(rule)
    for voucher in receipt.vouchers:
        lines += bold(spread(voucher.label, voucher.amount, columns))
    lines += [rule] if receipt.vouchers else []
    for lottery in receipt.lotteries:
        lines += bold(spread(lottery.label, lottery.amount, columns))
    lines += [rule] if receipt.lotteries else []
    lines += spread(words("receipt.number", number=receipt.number), receipt.placed_at, columns)
    lines += [PrintLine(centred(part, columns)) for row in receipt.footer for part in wrap(row, columns)]
    return tuple(lines)


def _above_total(receipt: Receipt, columns: int, language: Language) -> list[PrintLine]:
    """Return how the total comes about, where there is more to it than the items."""
    lines: list[PrintLine] = []
    if receipt.subtotal:
        lines += spread(messages.text(language, "receipt.subtotal"), receipt.subtotal, columns)
    if receipt.saved:
        lines += bold(spread(messages.text(language, "receipt.saved"), receipt.saved, columns))
    if receipt.donation:
        lines += spread(receipt.donation.label, receipt.donation.amount, columns)
    return lines


def _item(item: ReceiptItem, columns: int) -> list[PrintLine]:
    lines = spread(item.name, item.amount, columns)
    if item.detail:
        lines.append(PrintLine(f"  {item.detail}"))
    for saving in item.savings:
        lines += [PrintLine(f"  {line.text}") for line in spread(saving.label, saving.amount, columns - 2)]
    return lines
