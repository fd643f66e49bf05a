"""A day report on paper: X while the day is open, Z when it was closed."""

from wcwidth import width, wrap

from shared import messages
from shared.model.day import Closing, Report, TenderFigures
from shared.model.store import Store
from shared.model.tax import TaxTotal
from shared.receipts.document import Amount, TaxRow, amount_text, local_text, rate_text
from shared.receipts.lines import PrintLine
from shared.receipts.paper import DEFAULT_COLUMNS
from shared.receipts.setting import bold, centred, spread, tax_table


def lay_out(
    report: Report, store: Store, columns: int = DEFAULT_COLUMNS, *, is_copy: bool = False
) -> tuple[PrintLine, ...]:
    """Return the report's lines from top to bottom.

    columns: characters of the standard font on the paper. Large lines hold half as many.
    """
    language = store.language

    def words(key: str, **facts: object) -> str:
        return messages.text(language, key, **facts)

    rule = PrintLine("-" * columns)
    closed = report if isinstance(report, Closing) else None
    title = words("day.z_number", number=closed.number) if closed else words("day.x")
    lines = [PrintLine(centred(f"*** {words('receipt.copy')} ***", columns), "bold")] if is_copy else []
    lines += [PrintLine(centred(part, columns // 2), "large") for part in wrap(title, columns // 2)]
    lines += [PrintLine(centred(part, columns)) for part in wrap(store.name, columns)]
    lines += spread(words("day.business_day"), report.business_day.isoformat(), columns)
    lines += spread(words("day.closed_at" if closed else "day.read_at"), local_text(report.at, store), columns)
    lines += spread(words("day.series"), report.series, columns)
    for group in _groups(report, store):
        lines.append(rule)
        for row in group:
            lines += spread(row.label, row.amount, columns)
    lines.append(rule)
    lines += _total(f"{words('day.kept')} {report.currency}", _amount(store, report.figures.kept_minor), columns)
    if closed:
        lines += spread(words("day.all_time"), _amount(store, closed.all_time_minor), columns)
    for key, taxes in (("day.sold", report.figures.taxes), ("day.refunded", report.figures.refunded_taxes)):
        if taxes:
            lines += [rule, *bold(spread(words(key), "", columns))]
            lines += tax_table(_tax_rows(taxes, store), columns, language)
    lines += [rule, *spread(words("day.entries"), f"{report.first_seq}-{report.last_seq}", columns)]
    return tuple(lines)


def _total(label: str, amount: str, columns: int) -> list[PrintLine]:
    """Set the total large, unless it is too long for that."""
    if width(amount) > columns // 2:
        return bold(spread(label, amount, columns))
    return [PrintLine(line.text, "large") for line in spread(label, amount, columns // 2)]


def _groups(report: Report, store: Store) -> list[list[Amount]]:
    """Return how what was kept comes about, and how it was paid."""
    figures = report.figures
    sums = [
        _row(store, "day.gross", figures.gross_minor),
        _row(store, "day.discount", -figures.discount_minor),
        _row(store, "day.sold", figures.total_minor),
        _row(store, "day.donations", figures.donations_minor),
        _row(store, "day.refunded", -figures.refunded_minor),
        _row(store, "receipt.rounding", figures.rounding_minor),
    ]
    numbers = f"{figures.first_number} - {figures.last_number}" if figures.first_number else "-"
    counts = [
        _label(store, "day.orders", str(figures.orders)),
        _label(store, "day.refunds", str(figures.refunds)),
        _label(store, "day.numbers", numbers),
    ]
    return [counts, sums, *(_tender(store, tender) for tender in figures.tenders)]


def _tender(store: Store, tender: TenderFigures) -> list[Amount]:
    rows = [_row(store, f"receipt.{tender.kind}", tender.kept_minor)]
    if tender.refunds:
        rows += [
            _row(store, "day.received", tender.received_minor),
            _row(store, "day.paid_out", -tender.paid_out_minor),
        ]
    return rows


def _tax_rows(taxes: tuple[TaxTotal, ...], store: Store) -> list[TaxRow]:
    return [
        TaxRow(
            rate=rate_text(row.rate_bp, store.language),
            net=_amount(store, row.net_minor),
            tax=_amount(store, row.tax_minor),
            gross=_amount(store, row.gross_minor),
        )
        for row in taxes
    ]


def _row(store: Store, key: str, minor: int) -> Amount:
    return _label(store, key, _amount(store, minor))


def _label(store: Store, key: str, value: str) -> Amount:
    return Amount(label=messages.text(store.language, key), amount=value)


def _amount(store: Store, minor: int) -> str:
    return amount_text(minor, store.currency, store.language)
