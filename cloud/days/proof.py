"""What an audit proves about a closing: pure comparing, no reading."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from pydantic import ValidationError

from cloud.days.audit import Audit
from cloud.days.models import Difference, Finding, State, Verdict
from shared.model.day import Closing, Figures

DIFFERENCES_MAX = 100  # a sound day has none; who reads more than these
KEYED = {"tenders": ("kind",), "taxes": ("tax_class", "rate_bp"), "refunded_taxes": ("tax_class", "rate_bp")}


def verdict_of(closing: Closing, previous: Closing | None, audit: Audit, links: list[Finding]) -> Verdict:
    """Say whether a closing is proven.

    previous: the closing before it. audit: of its whole span. links: what was found about its place among the others.
    """
    findings = [*links, *audit.findings]
    try:
        found: Figures | None = audit.tally.figures()
    except ValidationError:
        found = None
        findings.append(Finding(kind="not_summed", first=str(closing.number)))
    all_differing = differing(closing, previous, found) if found is not None else iter(())
    differences = list(islice(chain(mislabelled(closing, audit), all_differing), DIFFERENCES_MAX))
    return Verdict(
        state=_state(findings, differences),
        entries=audit.entries,
        found=found,
        differences=tuple(differences),
        findings=tuple(findings),
        findings_more=audit.findings_more,
        corrected=tuple(audit.corrected),
    )


def _state(findings: list[Finding], differences: list[Difference]) -> State:
    """What still waits may explain everything else, so a day with such entries is not called wrong."""
    if any(finding.kind in {"waiting", "not_held", "previous_missing"} for finding in findings):
        return "incomplete"
    return "differs" if findings or differences else "proven"


def links(closing: Closing, previous: Closing | None, overlapped: int | None, projected_seq: int) -> list[Finding]:
    """Return what is wrong with a closing's place: behind the one before, within what is here.

    overlapped: the number of another closing that has some of the same entries.
    """
    found = []
    if overlapped is not None:
        found.append(Finding(kind="span_overlap", first=str(overlapped)))
    if previous is None and closing.number > 1:
        found.append(Finding(kind="previous_missing", first=str(closing.number - 1)))
    elif closing.first_seq > (follows := previous.last_seq + 1 if previous else 1):
        found.append(Finding.row("span_gap", str(follows), str(closing.first_seq - 1)))
    if closing.last_seq > projected_seq:
        first = max(closing.first_seq, projected_seq + 1)
        found.append(Finding.row("not_held", str(first), str(closing.last_seq)))
    return found


def differing(closing: Closing, previous: Closing | None, found: Figures) -> Iterator[Difference]:
    """Yield each figure that is told otherwise than it was found."""
    told, ours = dict(_flat(closing.figures)), dict(_flat(found))
    for field in [*told, *(field for field in ours if field not in told)]:
        if told.get(field) != ours.get(field):
            yield Difference(field=field, told=told.get(field), found=ours.get(field))
    if previous is not None or closing.number == 1:
        all_time_minor = (previous.all_time_minor if previous else 0) + found.kept_minor
        if closing.all_time_minor != all_time_minor:
            yield Difference(field="all_time_minor", told=closing.all_time_minor, found=all_time_minor)


def mislabelled(closing: Closing, audit: Audit) -> Iterator[Difference]:
    """Yield what a closing says of itself and its entries do not: whose numbers, which money, which day.

    Its day is that of what was sold last; of days without a sale nothing is known.
    """
    for field, told, ours in (("series", closing.series, audit.series), ("currency", closing.currency, audit.currency)):
        if told != ours:
            yield Difference(field=field, told=told, found=ours)
    first, last = audit.business_day, audit.tally.business_day
    if first is not None and last is not None and not first <= closing.business_day == last:
        day = last if closing.business_day != last else first
        yield Difference(field="business_day", told=closing.business_day.isoformat(), found=day.isoformat())


def _flat(figures: Figures) -> Iterator[tuple[str, Any]]:
    """Yield (field, value), rows of tables by what names them: "taxes.standard.2000.tax_minor"."""
    for name, value in figures.model_dump().items():
        if name not in KEYED:
            yield name, value
            continue
        for row in value:
            key = ".".join(str(row[part]) for part in KEYED[name])
            yield from ((f"{name}.{key}.{field}", part) for field, part in row.items() if field not in KEYED[name])
