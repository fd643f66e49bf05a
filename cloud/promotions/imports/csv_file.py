"""Promotions from a table: a header, then one promotion in each row.

The columns are those of `fields.py`, in any order and as many as are needed, and these where there are groups:

    slots       combo                   `tags=sandwich|tags=drink|skus=111,222*2`
    requisites  requisite_target        `tags=printer`, `tags=drink>=20.00`
    targets     requisite_target        `tags=ink*2`
    qualify     basket_threshold        `tags=wine&not_skus=111`; without it the whole basket
    tiers       the two with tiers      `3:10%|6:20%`, `>=20.00:5.00`; their kind stands in the column reward

`notation.py` says how groups and tiers are written. Only `id` must be there. Without a column `change` every row is an
`add`. In a `modify` an empty cell leaves a value as it is and `-` clears it; `delete` needs the id only, `delete_all`
nothing. A column whose name begins with # is for people and not read; any other unknown column refuses the file, as
a misspelt `coupon` would open a promotion to everybody.

    change,id,name,family,skus,tags,n,m,reward,value,from,to
    add,P1,Tea 3 for 2,line_special,111|222,,3,1,percent,100%,2026-11-01,2026-11-30
    modify,P2,,,,,,,,,,2026-12-31

Cells are separated by commas, semicolons or tabs; amounts in a file with semicolons or tabs may have a decimal comma.
"""

from collections import Counter
from difflib import get_close_matches

from cloud.promotions.imports import cells, fields, notation, source
from cloud.promotions.imports.draft import Draft, begin
from cloud.promotions.imports.source import Content, Encoding
from cloud.promotions.imports.staged import BadPromotionFile, Staged, Staging, Wrong, quoted
from cloud.promotions.imports.values import Notation

GROUPS = ("slots", "requisites", "targets", "qualify", "tiers")
COLUMNS = ("change", "id", *fields.FIELDS, "reward", "value", *GROUPS)
SEPARATORS = (",", ";", "\t")
CLEARED = "-"


def read(content: Content, currency: str, encoding: Encoding | None = None) -> Staged:
    """Read a table of promotions. Bad rows are listed; raises BadPromotionFile when it is no such table."""
    text, read_with = source.text(content, encoding)
    first = next(iter(text[: cells.LINE_CHARACTERS_MAX].lstrip().splitlines()), "")
    separator = first[4] if first.startswith("sep=") and first[4:] in SEPARATORS else ""
    separator = separator or max(SEPARATORS, key=first.count)
    rows = cells.rows(text, separator)
    header = next((row for row in rows if not (row.cells and (row.cells[0] or "").startswith("sep="))), None)
    if header is None:
        raise BadPromotionFile(problem="it is empty")
    columns = _columns(header)
    staging = Staging()
    notes = Notation(currency, decimal_comma=separator != ",")
    for row in rows:
        _read_row(row, columns, notes, staging)
    return staging.done(read_with)


def _columns(header: cells.Row) -> list[str]:
    names = [(name or "").strip().lower() for name in header.cells]
    while names and not names[-1]:
        names.pop()  # spreadsheets leave empty columns behind
    known = [name for name in names if not name.startswith("#")]
    for name in known:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            meant = f"; is {near[0]} meant?" if near else ""
            raise BadPromotionFile(problem=f"there is no column {quoted(name)}{meant}")
    if doubled := [name for name, count in Counter(known).items() if count > 1]:
        raise BadPromotionFile(problem=f"it has two columns {doubled[0]!r}")
    if "id" not in known:
        raise BadPromotionFile(problem="the column 'id' is missing")
    return names


def _read_row(row: cells.Row, columns: list[str], notes: Notation, staging: Staging) -> None:
    cell = {name: text for name, text in zip(columns, row.cells, strict=False) if text and not name.startswith("#")}
    promotion_id, kind = cell.pop("id", ""), cell.pop("change", "add").lower()
    wrong = row.wrong or _misfit(row, columns)
    draft = None if wrong else begin(row.line, kind, promotion_id, notes, staging)
    if wrong:
        staging.report(row.line, promotion_id, "", wrong)
    elif draft:
        if draft.change != "delete":
            _take(cell, draft)
        draft.finish(staging)


def _misfit(row: cells.Row, columns: list[str]) -> Wrong | None:
    if len(row.cells) < len(columns):
        text = f"the row has {len(row.cells)} of {len(columns)} cells; it may have been cut off"
        return Wrong("cut-off", text, "Write all cells, also the empty ones.")
    if any(row.cells[len(columns) :]):
        text = f"the row has {len(row.cells)} cells for {len(columns)} columns"
        return Wrong("too-many-cells", text, "Put a text that holds the separator in quotes.")
    return None


def _take(cell: dict[str, str], draft: Draft) -> None:
    """Put all cells of a row into its promotion."""
    kind, value, tiers = cell.pop("reward", None), cell.pop("value", None), cell.get("tiers")
    for name, text in cell.items():
        if text == CLEARED:
            draft.clear(name)
        elif name in GROUPS:
            try:
                _take_groups(name, text, kind, draft)
            except Wrong as wrong:
                draft.complain(name, wrong)
        else:
            draft.take(name, text)
    if tiers in {None, CLEARED} or value is not None:
        draft.reward(kind, value)


def _take_groups(name: str, text: str, kind: str | None, draft: Draft) -> None:
    """Raises Wrong."""
    if name == "tiers":
        draft.put((name,), notation.tiers(text, kind, draft.notation))
    elif name == "qualify":
        draft.select(name, notation.selector(text, draft.notation))
    else:
        draft.put((name,), notation.slots(text, draft.notation, amounts=name == "requisites"))
