"""Day reports: those that closed a day, and those that were only printed."""

from datetime import date

from edge.database import Transaction
from shared.model.day import Closing, Report

MIGRATIONS = (
    """
    create table day_reports (
        id text not null unique,
        number integer unique,  -- of a closing; null where nothing was closed
        business_day text not null,
        body text not null
    ) strict;
    """,
)


def add(tx: Transaction, report: Report) -> None:
    number = report.number if isinstance(report, Closing) else None
    row = (report.id, number, report.business_day.isoformat(), report.model_dump_json())
    tx.execute("insert into day_reports values (?, ?, ?, ?)", row)


def report(tx: Transaction, report_id: str | None) -> Report | None:
    row = tx.row("select number, body from day_reports where id = ?", (report_id,))
    if row is None:
        return None
    number, body = row
    return (Report if number is None else Closing).model_validate_json(body)


def newest_reading(tx: Transaction) -> str:
    report_id: str = tx.value("select id from day_reports where number is null order by rowid desc limit 1")
    return report_id


def last_closed_day(tx: Transaction) -> date | None:
    day = tx.value("select business_day from day_reports where number is not null order by number desc limit 1")
    return date.fromisoformat(day) if day else None


def last_closing(tx: Transaction) -> Closing | None:
    body = tx.value("select body from day_reports where number is not null order by number desc limit 1")
    return Closing.model_validate_json(body) if body else None


def closings(tx: Transaction, before: int | None, limit: int) -> list[Closing]:
    """Return closings, newest first, older than number `before`."""
    query = "select body from day_reports where number < ? order by number desc limit ?"
    return [Closing.model_validate_json(body) for (body,) in tx.rows(query, (before or 2**62, limit))]
