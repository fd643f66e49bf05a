"""To which day something belongs, what an open day has so far, and closing it."""

from datetime import date, datetime, timedelta

from edge import journal, requests
from edge.database import Transaction
from edge.days import storage
from edge.days.models import ClosingPage, DayNotBegun, OpenDay, Summed
from edge.journal import Journal
from shared import clock, ids
from shared.events.days import DayClosed
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.day import Closing, Report
from shared.model.store import Store
from shared.protocol import entry
from shared.protocol.enrolment import Enrolled

READ_MAX = 200  # entries in one transaction: some milliseconds, so that sales are not held up
SUMMED = {OrderCompleted.event_name, OrderRefunded.event_name}
# A closing further ahead than this was made by a wrong clock; days that follow are not counted from it.
AHEAD_MAX = timedelta(days=1)


def business_day(tx: Transaction, store: Store, now: datetime) -> date:
    """Return the day to which something belongs that happens now: what comes after a closing is the next day's."""
    day = clock.business_day(now, store.timezone, store.day_cutoff)
    closed = storage.last_closed_day(tx)
    if closed is not None and day <= closed <= day + AHEAD_MAX:
        return closed + timedelta(days=1)
    return day


def following(tx: Transaction, day: OpenDay) -> tuple[OpenDay, list[Summed]]:
    """Return where the open day stands, and the next facts to add; none when it is up to date.

    day: what was summed before; it is begun anew when a day was closed since. Raises BadEntry for an order that newer
    software wrote in a shape that is not known here.
    """
    last = storage.last_closing(tx)
    first_seq = last.last_seq + 1 if last else 1
    if day.first_seq != first_seq:
        day = OpenDay(first_seq, first_seq - 1)
    read = [(seq, entry.read(written)) for seq, written in journal.entries_after(tx, day.last_seq, READ_MAX)]
    # Whatever moves no money may be unknown here: newer software may have run on this box for a while.
    return day, [(seq, entry.fact_of(one) if one.name in SUMMED else None) for seq, one in read]


def report(tx: Transaction, day: OpenDay, store: Store, node: Enrolled, now: datetime) -> Report:
    """Return the X report: the figures up to this moment. day: most of it, summed before."""
    day = _up_to_date(tx, day)
    return Report(
        id=ids.new_id(),
        business_day=_day_of(tx, day, store, now),
        at=now,
        series=node.series,
        currency=store.currency,
        first_seq=day.first_seq,
        last_seq=day.last_seq,
        figures=day.tally.figures(),
    )


def keep(tx: Transaction, report: Report) -> None:
    """Keep an X report, so that it can be printed."""
    storage.add(tx, report)


def close(
    tx: Transaction, day: OpenDay, store: Store, node: Enrolled, journal: Journal, now: datetime, key: str | None
) -> tuple[Closing, bool]:
    """Close the day: the Z report, its number, and its journal entry, all or nothing; and whether it is new.

    key: a repeat with it gives the closing again. Raises DayNotBegun, so that a second press closes no second day.
    """
    last = storage.last_closing(tx)
    if not requests.is_first(tx, key, "close the day", now):
        made = storage.report(tx, requests.made_by(tx, key)) or last
        assert isinstance(made, Closing)
        return made, False
    read = report(tx, day, store, node, now)
    today = clock.business_day(now, store.timezone, store.day_cutoff)
    if today < read.business_day <= today + AHEAD_MAX:
        raise DayNotBegun(day=read.business_day.isoformat())
    closing = Closing(
        **dict(read),
        number=last.number + 1 if last else 1,
        all_time_minor=(last.all_time_minor if last else 0) + read.figures.kept_minor,
    )
    storage.add(tx, closing)
    requests.note_made(tx, key, closing.id)
    journal.record(tx, DayClosed(closing=closing), now, closing.business_day)
    return closing, True


def _up_to_date(tx: Transaction, day: OpenDay) -> OpenDay:
    day, facts = following(tx, day)
    while facts:
        day = day.add(facts)
        day, facts = following(tx, day)
    return day


def _day_of(tx: Transaction, day: OpenDay, store: Store, now: datetime) -> date:
    """Return the business day of what was sold; of nothing, the present one."""
    return day.tally.business_day or business_day(tx, store, now)


def closed_up_to(tx: Transaction) -> int:
    """Return the last entry that a closing covers; those behind it are still to be summed."""
    last = storage.last_closing(tx)
    return last.last_seq if last else 0


def page(tx: Transaction, before: int | None, limit: int) -> ClosingPage:
    """Return closings with a number less than `before`, newest first."""
    found = storage.closings(tx, before, limit)
    return ClosingPage(closings=tuple(found), next=found[-1].number if len(found) == limit else None)


def kept(tx: Transaction, report_id: str) -> Report | None:
    """Return a report that was kept."""
    return storage.report(tx, report_id)


def newest_reading(tx: Transaction) -> str:
    """Return the id of the X report that was kept last; there is one."""
    return storage.newest_reading(tx)
