"""How a file of promotions is to be read, and what became of it."""

import json
from typing import Any, Literal

from cloud.promotions.imports.source import Encoding
from cloud.promotions.models import FieldChange, Finding
from shared.errors import Conflict, Invalid
from shared.model.strict import Currency, Strict

SHOWN_MAX = 1_000  # changes, problems and warnings listed, of each; all are counted
TEXT_SHOWN_MAX = 200  # characters of a field's value

Format = Literal["csv", "xml", "asc", "price-law"]


class UnknownFormat(Invalid):
    """Files sent as {content_type} can be of several kinds."""

    hint = "Name the format: csv, xml, asc or price-law."


class OtherCurrency(Conflict):
    """Store {store} sells in {currency}, unlike the file."""

    hint = "Name the currency of the stores; one tenant's stores share their promotions so far."


class ImportQuery(Strict):
    """How to read the file. Nothing is kept unless `dry_run` is false, and every row good or `skip_bad` true.

    mode: `merge` changes what the file names; `replace` also ends what it does not name. publish: give all stores the
    new pack in the same transaction. encoding: without one it is UTF-8, or Windows' Western letters.
    """

    format: Format | None = None  # without one, what the content type says
    currency: Currency
    dry_run: bool = True
    mode: Literal["merge", "replace"] = "merge"
    skip_bad: bool = False
    publish: bool = False
    encoding: Encoding | None = None


class ImportChange(Strict):
    """What the file does to one promotion. line: where it stands in the file; 0 for one that is not in it."""

    line: int
    promotion_id: str
    name: str
    outcome: Literal["added", "changed", "ended"]
    fields: tuple[FieldChange, ...] = ()


class ImportProblem(Strict):
    """A row that cannot be taken. Its promotion stays as it was."""

    line: int
    promotion_id: str
    field: str
    code: str
    message: str
    hint: str


class ImportedWarning(Strict):
    """Something to look at before a promotion goes to the stores."""

    promotion_id: str
    finding: Finding


class ImportReport(Strict):
    """What the file changes, or has changed if it is committed. Lists are cut after a thousand; counts are whole."""

    committed: bool
    published: str | None  # the version of the pack that the stores got
    encoding: str
    added: int
    changed: int
    ended: int
    unchanged: int
    rejected: int  # problems; one promotion may have several
    changes: tuple[ImportChange, ...]
    problems: tuple[ImportProblem, ...]
    warnings: tuple[ImportedWarning, ...]


def differences(before: dict[str, Any], after: dict[str, Any], path: str = "") -> list[FieldChange]:
    """Return the fields in which two promotions differ, those inside gates, limits and selectors by themselves."""
    found = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            found += differences(old, new, f"{path}{key}.")
        elif old != new:
            found.append(FieldChange(field=f"{path}{key}", before=_shown(old), after=_shown(new)))
    return found


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= TEXT_SHOWN_MAX else f"{text[:TEXT_SHOWN_MAX]}…"
