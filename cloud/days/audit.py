"""Reading a span of a node's journal as head office applied it: sums, receipt numbers, what is not applied."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic import BaseModel, ValidationError

from cloud.database import Transaction
from cloud.days.models import Finding, FindingKind
from cloud.orders import service as orders
from cloud.sync import intake, quarantine
from shared.days import Tally
from shared.events.fact import Fact
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.order import Order, Refund
from shared.protocol import entry
from shared.protocol.entry import BadEntry

ENTRIES_AT_ONCE = 250  # some 30 ms of a reading thread
FINDINGS_MAX = 50  # listed; the others are counted
DIGITS_MAX = 15


class _Named(BaseModel):
    """What an entry calls itself; the body is passed over, which is quick."""

    name: str
    version: int


class _Sold(BaseModel):
    body: OrderCompleted


class _TakenBack(BaseModel):
    body: OrderRefunded


# Reading the fact straight from the entry's text takes a third of the time of reading the envelope first.
SALES: dict[tuple[str, int], type[_Sold] | type[_TakenBack]] = {
    (OrderCompleted.event_name, OrderCompleted.event_version): _Sold,
    (OrderRefunded.event_name, OrderRefunded.event_version): _TakenBack,
}


@dataclass(slots=True)
class Audit:
    """A span that is read piece by piece; it belongs to one reader at a time."""

    tenant_id: str
    node_id: str
    series: str
    currency: str
    first_seq: int
    expected: int | None  # the next receipt number, None where nothing is known of those before
    revision: int  # of the node's entries when it was begun
    last_seq: int  # read up to here
    begun_with: int | None = None
    entries: int = 0
    tally: Tally = field(default_factory=Tally)
    findings: list[Finding] = field(default_factory=list)
    findings_more: int = 0
    corrected: list[int] = field(default_factory=list)
    business_day: date | None = None  # of what was sold first
    told: int | None = None  # findings of which there are alarms, None before the first time

    def note(self, kind: FindingKind, first: str, last: str = "") -> None:
        """Note what was found, as long as somebody would read it."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding.row(kind, first, last or first))
        else:
            self.findings_more += 1

    @property
    def waits(self) -> bool:
        """Whether an entry of it waits for repair."""
        return any(finding.kind == "waiting" for finding in self.findings)


def begin(
    owner: tuple[str, str], *, series: str, currency: str, first_seq: int, expected: int | None, revision: int
) -> Audit:
    """Return an audit that has read nothing. owner: tenant and node."""
    tenant_id, node_id = owner
    first_seq = max(first_seq, 1)
    return Audit(
        tenant_id=tenant_id,
        node_id=node_id,
        series=series,
        currency=currency,
        first_seq=first_seq,
        expected=expected,
        revision=revision,
        last_seq=first_seq - 1,
        begun_with=expected,
    )


def read_on(tx: Transaction, audit: Audit, until: int) -> bool:
    """Read the next entries, at most to `until`, which must be applied; tells whether there are more."""
    rows = intake.entries_after(tx, audit.tenant_id, audit.node_id, audit.last_seq, ENTRIES_AT_ONCE)
    rows = [row for row in rows if row[0] <= until]
    if not rows:
        return False
    owner, span = (audit.tenant_id, audit.node_id), (rows[0][0], rows[-1][0])
    aside = quarantine.states_in(tx, owner, span)
    instead = quarantine.corrections_in(tx, owner, span)
    documents = []
    for seq, written, _ in rows:
        audit.entries += 1
        if seq in aside:
            audit.note("waiting" if aside[seq] == "waiting" else "settled", str(seq))
            continue
        if seq in instead:
            audit.corrected.append(seq)
            fact: Fact | None = entry.fact_named(*instead[seq])
        else:
            fact = sale_in(written)
        if isinstance(fact, OrderCompleted | OrderRefunded):
            documents.append(fact.order if isinstance(fact, OrderCompleted) else fact.refund)
            audit.tally.add(fact)
    _look_at_numbers(tx, audit, documents)
    audit.last_seq = rows[-1][0]
    return len(rows) == ENTRIES_AT_ONCE


def sale_in(written: str) -> Fact | None:
    """Return the order or refund that an applied entry records, None when it records something else."""
    try:
        named = _Named.model_validate_json(written)
        model = SALES.get((named.name, named.version))
        return model.model_validate_json(written).body if model else None
    except ValidationError as error:
        raise BadEntry(problem="it was applied by other software") from error


def number_of(receipt_number: str, series: str) -> int | None:
    """Return the running number of a receipt of this series, None of another."""
    prefix, _, digits = receipt_number.rpartition("-")
    if prefix != series or not digits.isascii() or not digits.isdigit() or len(digits) > DIGITS_MAX:
        return None
    return int(digits)


def _look_at_numbers(tx: Transaction, audit: Audit, documents: Sequence[Order | Refund]) -> None:
    """Find numbers that are missing, come twice, are foreign, or have not exactly one order or refund here."""
    holders = orders.holders(tx, audit.tenant_id, [document.receipt_number for document in documents])
    for document in documents:
        told = document.receipt_number
        audit.business_day = audit.business_day or document.business_day
        number = number_of(told, audit.series)
        if number is None:
            audit.note("foreign_series", told)
        else:
            expected = number if audit.expected is None else audit.expected
            if number > expected:
                audit.note("missing", _written(audit, expected), _written(audit, number - 1))
            elif number < expected:
                audit.note("repeated", told)
            audit.expected = max(expected, number + 1)
        if document.currency != audit.currency:
            audit.note("foreign_currency", told)
        found = holders.get(told, [])
        if (document.id, audit.node_id) not in found:
            audit.note("absent", told)
        elif len(found) > 1:
            audit.note("repeated", told)


def _written(audit: Audit, number: int) -> str:
    return f"{audit.series}-{number:06}"
