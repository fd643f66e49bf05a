"""Closed days, what was found when they were checked, and days that are still open."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from shared.errors import Conflict
from shared.model.day import Closing, Figures
from shared.model.strict import Code, Count, Currency, Id, Name, Strict

State = Literal["due", "proven", "differs", "incomplete"]

FindingKind = Literal[
    "missing",  # receipt numbers that no order and no refund has
    "repeated",  # a receipt number that came before
    "absent",  # it is in the journal, and no order or refund here is it
    "foreign_series",  # a receipt number that is not of the box's series
    "foreign_currency",
    "waiting",  # an entry that is set aside
    "settled",  # an entry that was settled without being applied
    "not_held",  # entries that the span names and head office does not hold
    "previous_missing",  # the closing before this one
    "span_gap",  # entries between the closing before and this one
    "span_overlap",  # entries that another closing has, too
    "not_summed",  # the sums are beyond what money can be
]


class ClosingKnown(Conflict):
    """There is another closing with the id {id} already, with the number {number}."""

    hint = (
        "The box may have been copied, or set back to an older copy. Compare both; settle this entry if it is the same."
    )


class Finding(Strict):
    """One thing that was found; `last` when it is a row of numbers or entries."""

    kind: FindingKind
    first: str
    last: str | None = None

    @classmethod
    def row(cls, kind: FindingKind, first: str, last: str) -> "Finding":
        """Return a finding about one or more that stand in a row."""
        return cls(kind=kind, first=first, last=last if last != first else None)


class Difference(Strict):
    """One figure that the box tells and head office finds otherwise. Fields in parts: "tenders.cash.received_minor"."""

    field: str
    told: int | str | None
    found: int | str | None


class Verdict(Strict):
    """What checking a closing came to."""

    state: State
    entries: Count = 0  # that were read
    found: Figures | None = None
    differences: tuple[Difference, ...] = ()
    findings: tuple[Finding, ...] = ()
    findings_more: Count = 0  # beyond those listed
    corrected: tuple[int, ...] = ()  # seqs of entries that a corrected body stands for


class DayOfNode(Strict):
    """A day at a node, closed or open."""

    node_id: Id
    node_name: Code
    store_id: Id
    store_name: Name
    business_day: date | None
    first_number: str | None
    last_number: str | None
    orders: Count
    refunds: Count
    currency: Currency
    exponent: int
    total_minor: int
    refunded_minor: int
    kept_minor: int
    problems: Count  # how many things were found


class ClosedDay(DayOfNode):
    """A closing in a list."""

    id: Id
    number: int
    closed_at: AwareDatetime
    received_at: AwareDatetime
    state: State
    checked_at: AwareDatetime | None


class OpenDay(DayOfNode):
    """What a node has sold behind its last closing, as far as it is here."""

    last_seq: int
    at: AwareDatetime


class DayCounts(Strict):
    """How many closings are in each state."""

    due: Count = 0
    proven: Count = 0
    differs: Count = 0
    incomplete: Count = 0


class DayPage(Strict):
    """Closings, the newest business day first, and on the first page the open days. Ask again with `next`."""

    days: tuple[ClosedDay, ...]
    open: tuple[OpenDay, ...]
    counts: DayCounts
    next: str | None


def _of_a_day(cursor: str) -> str:
    if cursor:
        date.fromisoformat(cursor.partition(".")[0])
    return cursor


class DayQuery(Strict):
    """Which days: of one store, or in one state."""

    store_id: Id | None = None
    state: State | None = None
    cursor: Annotated[
        str, StringConstraints(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9a-f-]{36})?$"), AfterValidator(_of_a_day)
    ] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 60

    @property
    def before(self) -> tuple[date, str] | None:
        """The business day and the id before which the page begins."""
        day, _, closing_id = self.cursor.partition(".")
        return (date.fromisoformat(day), closing_id) if day else None


class DayDetail(Strict):
    """One closing, what the box told and what was found."""

    day: ClosedDay
    closing: Closing
    verdict: Verdict | None  # None until it was checked
