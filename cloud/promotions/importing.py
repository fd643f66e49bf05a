"""Taking a retailer's file of promotions: staged, checked, compared with what there is, kept whole or not at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.promotions import checks, service, storage, words
from cloud.promotions.checks import Shops
from cloud.promotions.imports import asc_file, csv_file, price_law, xml_file
from cloud.promotions.imports.families import SHAPES, faults
from cloud.promotions.imports.staged import TEXT_SHOWN_MAX as ID_SHOWN_MAX
from cloud.promotions.imports.staged import Change, Staged, Values, merged
from cloud.promotions.models import PackRequest, State
from cloud.promotions.report import (
    SHOWN_MAX,
    Format,
    ImportChange,
    ImportedWarning,
    ImportProblem,
    ImportQuery,
    ImportReport,
    OtherCurrency,
    UnknownFormat,
    differences,
)
from shared.promotions.families import Promotion
from shared.promotions.pack import ONE

FORMATS: dict[str, Format] = {
    "text/csv": "csv",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/plain": "asc",
    "application/octet-stream": "asc",
}
NOT_DEFAULT = ("not_skus", "not_categories", "not_brands", "not_tags", "not_discounted")


@dataclass(slots=True)
class _Work:
    """The promotions while the file's changes are made to them. lines: where the file is about each of them."""

    before: dict[str, Values]
    after: dict[str, Values]
    states: dict[str, State]
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[ImportProblem] = field(default_factory=list)
    warnings: list[ImportedWarning] = field(default_factory=list)

    def reject(self, line: int, promotion_id: str, name: str, code: str, message: str, hint: str) -> None:
        problem = ImportProblem(line=line, promotion_id=promotion_id, field=name, code=code, message=message, hint=hint)
        self.problems.append(problem)


def format_of(content_type: str, query: ImportQuery) -> Format:
    """Return the kind of a file. Raises UnknownFormat."""
    found = query.format or FORMATS.get(content_type)
    if found is None:
        raise UnknownFormat(content_type=content_type)
    return found


def read(content: bytes, kind: Format, query: ImportQuery) -> Staged:
    """Read a file into changes. Slow for large files, and so done before any transaction. Raises BadPromotionFile."""
    if kind == "csv":
        return csv_file.read(content, query.currency, query.encoding)
    if kind == "asc":
        return asc_file.read(content, query.currency, query.encoding)
    return xml_file.read(content, query.currency) if kind == "xml" else price_law.read(content)


def take(tx: Transaction, tenant_id: str, staged: Staged, query: ImportQuery, now: datetime) -> ImportReport:
    """Make a file's changes, or tell what they would be. A promotion whose row is bad stays as it was.

    Raises OtherCurrency, TooManyPromotions.
    """
    for store in fleet.stores(tx, tenant_id):
        if store.currency != query.currency:
            raise OtherCurrency(store=store.code, currency=store.currency)
    known = {one.id: one for one in storage.all_promotions(tx, tenant_id).values() if one.state != "ended"}
    before = {promotion_id: as_written(ONE.validate_json(row.body)) for promotion_id, row in known.items()}
    work = _Work(before, dict(before), {promotion_id: row.state for promotion_id, row in known.items()})
    for problem in staged.problems:
        work.reject(problem.line, problem.promotion_id, problem.field, problem.code, problem.message, problem.hint)
    bad = {problem.promotion_id for problem in staged.problems}
    for change in staged.changes:
        if change.promotion_id[:ID_SHOWN_MAX] not in bad or change.change == "delete_all":
            _make(change, work, bad)
    if query.mode == "replace":
        _end_others(work, bad)
    sound = _sound(tx, tenant_id, work, now)
    changes, unchanged = _changes(work, sound)
    report = _report(staged, work, changes, unchanged)
    if query.dry_run or (work.problems and not query.skip_bad):
        return report
    written = [(sound[one.promotion_id], work.states[one.promotion_id]) for one in changes if one.outcome != "ended"]
    service.save(tx, tenant_id, written, now)
    storage.end(tx, tenant_id, [one.promotion_id for one in changes if one.outcome == "ended"], now)
    version = service.publish(tx, tenant_id, PackRequest(), now, None).version if query.publish else None
    return report.model_copy(update={"committed": True, "published": version})


def as_written(promotion: Promotion) -> Values:
    """Return a promotion as a file would write it: without what says nothing, so that a `modify` can clear the rest."""
    found: Values = promotion.model_dump(mode="json", exclude_none=True)
    for name in ("target", "qualify"):
        if name in found:
            found[name] = {key: value for key, value in found[name].items() if value or key not in NOT_DEFAULT}
    return found


def _make(change: Change, work: _Work, bad: set[str]) -> None:
    """Make one change to the promotions at hand; an active one that is deleted is missing then."""
    promotion_id = change.promotion_id
    if change.change == "delete_all":
        work.lines.clear()  # what the rows before did is undone
        _end_others(work, bad)
        return
    work.lines[promotion_id] = change.line
    if change.change == "delete":
        if work.after.pop(promotion_id, None) is None:
            hint = "Check the id, or leave the row out."
            work.reject(change.line, promotion_id, "id", "unknown-promotion", "there is no such promotion", hint)
    elif change.change == "add":
        work.after[promotion_id] = change.values
        work.states[promotion_id] = "active"
    elif promotion_id not in work.after:
        hint = "Check the id, or add the promotion whole."
        work.reject(change.line, promotion_id, "id", "unknown-promotion", "there is nothing to modify", hint)
    else:
        work.after[promotion_id] = merged(work.after[promotion_id], change.values)


def _end_others(work: _Work, bad: set[str]) -> None:
    """End what is active and no earlier row is about; what could not be read stays as it is."""
    for promotion_id in list(work.after):
        is_draft = work.states[promotion_id] == "draft"
        if promotion_id not in work.lines and promotion_id[:ID_SHOWN_MAX] not in bad and not is_draft:
            del work.after[promotion_id]


def _sound(tx: Transaction, tenant_id: str, work: _Work, now: datetime) -> dict[str, Promotion]:
    """Return what the file is about, as promotions. What is not sound is reported and goes back to what it was."""
    read: dict[str, Promotion] = {}
    for promotion_id, line in work.lines.items():
        values = work.after.get(promotion_id)
        if values is None:
            continue
        wrong = [(name, found.code, found.message, found.hint) for name, found in _faults(values)]
        if not wrong:
            try:
                read[promotion_id] = ONE.validate_json(json.dumps(values))
            except ValidationError as error:
                hint = "Correct the field that is named."
                wrong = [("", "invalid", problem, hint) for problem in words.problems(error)]
        for fault in wrong:
            work.reject(line, promotion_id, *fault)
    around = service.shops(tx, tenant_id, read.values(), now)
    for promotion_id, promotion in list(read.items()):
        if not _passes(promotion, work.lines[promotion_id], around, work):
            del read[promotion_id]
    for promotion_id in work.lines.keys() & work.after.keys() - read.keys():
        if promotion_id in work.before:
            work.after[promotion_id] = work.before[promotion_id]
        else:
            del work.after[promotion_id]
    return read


def _faults(values: Values) -> list[tuple[str, Any]]:
    family = values.get("family")
    if family is not None and family not in SHAPES:
        return []  # its model says so
    return list(faults(values, is_whole=True))


def _passes(promotion: Promotion, line: int, around: Shops, work: _Work) -> bool:
    found = checks.findings(promotion, around)
    for finding in found:
        if finding.severity == "error":
            hint = "Correct it in the file and send it again."
            work.reject(line, promotion.id, finding.field, finding.code, finding.message, hint)
        else:
            work.warnings.append(ImportedWarning(promotion_id=promotion.id, finding=finding))
    return all(finding.severity != "error" for finding in found)


def _changes(work: _Work, sound: Mapping[str, Promotion]) -> tuple[list[ImportChange], int]:
    """Return what is new, changed and ended, in the order of the file, and how many rows change nothing."""
    changes: list[ImportChange] = []
    unchanged = 0
    for promotion_id, promotion in sound.items():
        line, before = work.lines[promotion_id], work.before.get(promotion_id)
        fields = tuple(differences(before or {}, as_written(promotion)))
        if before is None:
            changes.append(ImportChange(line=line, promotion_id=promotion_id, name=promotion.title, outcome="added"))
        elif fields:
            name = promotion.title
            changes.append(
                ImportChange(line=line, promotion_id=promotion_id, name=name, outcome="changed", fields=fields)
            )
        else:
            unchanged += 1
    for promotion_id in sorted(work.before.keys() - work.after.keys()):
        name = work.before[promotion_id].get("name", promotion_id)
        line = work.lines.get(promotion_id, 0)
        changes.append(ImportChange(line=line, promotion_id=promotion_id, name=name, outcome="ended"))
    return changes, unchanged


def _report(staged: Staged, work: _Work, changes: list[ImportChange], unchanged: int) -> ImportReport:
    counts = {outcome: sum(one.outcome == outcome for one in changes) for outcome in ("added", "changed", "ended")}
    return ImportReport(
        committed=False,
        published=None,
        encoding=staged.encoding,
        **counts,
        unchanged=unchanged,
        rejected=len(work.problems),
        changes=tuple(changes[:SHOWN_MAX]),
        problems=tuple(sorted(work.problems, key=lambda found: found.line)[:SHOWN_MAX]),
        warnings=tuple(work.warnings[:SHOWN_MAX]),
    )
