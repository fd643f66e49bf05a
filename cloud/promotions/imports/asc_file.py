"""Promotions from a till's .ASC file: comma separated, quoted, no header, one record in each line.

A record begins with its type, a change code and the promotion's id. All positions of its type must be there.

    P   the promotion itself    33 positions
        1 P, 2 change code, 3 id, 4 external_id, 5 name, 6 family, 7 layer, 8 priority, 9 exclusive, 10 n, 11 m,
        12 same_sku, 13 reward, 14 value, 15 lesser_value, 16 basis, 17 repeat, 18 set_scope, 19 allocate, 20 from,
        21 to, 22 days, 23 hours, 24 coupon, 25 member_tag, 26 stores, 27 channels, 28 max_uses_per_customer,
        29 max_uses_total, 30 max_units, 31 max_units_per_line, 32 max_applications, 33 max_discount
    G   a member of a group     9 positions
        1 G, 2 change code, 3 id, 4 role, 5 group number, 6 qty, 7 min_amount, 8 what it names, 9 the name
        Roles: target, qualify, slot, requisite, rewarded. The last three have groups numbered from 1, with their
        qty, or min_amount for a requisite, on one record at least. Position 8 is a condition of `fields.py` (skus,
        tags, not_skus, min_unit_price …), or `*` with an empty position 9 for every product.
    T   a tier                  8 positions
        1 T, 2 change code, 3 id, 4 min_qty, 5 min_amount, 6 over_amount, 7 reward, 8 value

Fields are written as `fields.py` says. Change codes of P: 1 add, 2 modify, 3 delete, 99 delete all (without an id). In
a P record an empty field leaves a value unchanged; a quoted empty field `""`, or 0, clears it. A price of nothing is
therefore written 0.00. G and T records follow their P and have code 1: together they are all the groups of a role, or
all tiers, which a `modify` replaces whole; without any it leaves them. Code 99 clears the role, or the tiers.

    "P",1,"A1",,"Lunch",combo,,,,,,,set_price,4.50,,,,,,2026-11-01,,1-5,,,,,,,,,,,
    "G",1,"A1",slot,1,1,,tags,sandwich
    "G",1,"A1",slot,2,1,,tags,drink

A promotion has one P record, or a delete and then an add. A bad record takes its promotion with it: half a group must
not be sold.
"""

from dataclasses import dataclass, field

from cloud.promotions.imports import cells, fields, source, values
from cloud.promotions.imports.draft import Draft, reward_of
from cloud.promotions.imports.families import SLOTS_MAX
from cloud.promotions.imports.source import Content, Encoding
from cloud.promotions.imports.staged import (
    CHANGES_MAX,
    BadPromotionFile,
    Change,
    Kind,
    Staged,
    Staging,
    Values,
    Wrong,
    quoted,
)
from cloud.promotions.imports.values import Notation

CHANGES: dict[str, Kind] = {"1": "add", "2": "modify", "3": "delete", "99": "delete_all"}
P = (
    "external_id", "name", "family", "layer", "priority", "exclusive", "n", "m", "same_sku", "reward", "value",
    "lesser_value", "basis", "repeat", "set_scope", "allocate", "from", "to", "days", "hours", "coupon", "member_tag",
    "stores", "channels", "max_uses_per_customer", "max_uses_total", "max_units", "max_units_per_line",
    "max_applications", "max_discount",
)  # fmt: skip
FIRST = 4  # the position of the first of these
POSITIONS = {"P": FIRST - 1 + len(P), "G": 9, "T": 8}
ROLES = {"target": "target", "qualify": "qualify", "slot": "slots", "requisite": "requisites", "rewarded": "targets"}
NUMBERED = {"slot", "requisite", "rewarded"}
GROUP_NUMBER = values.whole(1, SLOTS_MAX)
CLEARING = ("", "0")
EMPTY = (None, *CLEARING)
THRESHOLDS: dict[str, values.Reader] = {
    "min_qty": fields.QUANTITY,
    "min_amount": values.amount,
    "over_amount": values.amount,
}


@dataclass(slots=True)
class Records:
    """One promotion's records: its P, and what its G and T records add to it."""

    draft: Draft
    groups: dict[tuple[str, int], Values] = field(default_factory=dict)  # by role and number
    tiers: list[Values] = field(default_factory=list)

    def finish(self, staging: Staging) -> None:
        rows: dict[str, list[Values]] = {}
        for (role, _), group in sorted(self.groups.items()):
            try:
                select = _lists(group.pop("select"))
            except Wrong as wrong:
                self.draft.complain(role, wrong)
                continue
            if role in NUMBERED:
                size = group or {"qty": 1}
                rows.setdefault(ROLES[role], []).append({"select": select, **size})
            else:
                self.draft.select(ROLES[role], select)
        for key, found in rows.items():
            self.draft.put((key,), found)
        if self.tiers:
            self.draft.put(("tiers",), self.tiers)
        self.draft.finish(staging)


@dataclass(slots=True)
class Reader:
    """Keeps the promotions of the file until all their records have been seen."""

    notation: Notation
    staging: Staging = field(default_factory=Staging)
    waiting: list[Records] = field(default_factory=list)
    by_id: dict[str, Records] = field(default_factory=dict)

    def take(self, row: cells.Row) -> None:
        if wrong := row.wrong or _misfit(row):
            self._spoil(row, wrong)
            return
        kind, code, promotion_id = (text or "" for text in (*row.cells, None)[:3])
        if kind == "P":
            self._promotion(row, CHANGES[code], promotion_id)
            return
        records = self.by_id.get(promotion_id)
        if records is None:
            text = f"no P record for {quoted(promotion_id)} stands before it"
            self.staging.report(row.line, promotion_id, "", Wrong("no-promotion", text, "Write the P record first."))
            return
        try:
            (_group if kind == "G" else _tier)(row, records)
        except Wrong as found:
            records.draft.complain("", found, row.line)

    def finish(self) -> None:
        """Stage what was read so far. Records that follow begin anew."""
        for records in self.waiting:
            records.finish(self.staging)
        self.waiting.clear()
        self.by_id.clear()

    def _promotion(self, row: cells.Row, change: Kind, promotion_id: str) -> None:
        if change == "delete_all":
            self.finish()
            self.staging.add(Change(row.line, "delete_all"))
            return
        if first := self.staging.claim(row.line, promotion_id, change):
            text = f"{quoted(promotion_id)} already has a P record in line {first}; neither is taken"
            self.by_id[promotion_id].draft.complain("3 id", Wrong("duplicate", text, "Keep one of them."), row.line)
            return
        draft = self._begin(row.line, change, promotion_id)
        try:
            fields.PROMOTION_ID(promotion_id, self.notation)
        except Wrong as wrong:
            draft.complain("3 id", wrong)
        if change != "delete":
            _fields(row, draft)

    def _begin(self, line: int, change: Kind, promotion_id: str) -> Draft:
        """Raises BadPromotionFile when the file has too many."""
        if len(self.waiting) >= CHANGES_MAX:
            raise BadPromotionFile(problem=f"it changes more than {CHANGES_MAX} promotions")
        records = Records(Draft(line, change, promotion_id, self.notation))
        self.waiting.append(records)
        self.by_id[promotion_id] = records
        return records.draft

    def _spoil(self, row: cells.Row, wrong: Wrong) -> None:
        """Report a record that cannot be read, and leave its promotion out; one that names none belongs to the last."""
        named = row.cells[2] if len(row.cells) > 2 else None
        if named in self.by_id:
            self.by_id[named].draft.complain("", wrong, row.line)
        elif named and row.cells[0] == "P":
            self.staging.claim(row.line, named, "add")
            self._begin(row.line, "add", named).complain("", wrong)
        elif self.waiting:
            self.waiting[-1].draft.complain("", wrong, row.line)
        else:
            self.staging.report(row.line, named or "", "", wrong)


def read(content: Content, currency: str, encoding: Encoding | None = None) -> Staged:
    """Read a file of records. Bad ones are listed; raises BadPromotionFile when the file holds none at all."""
    text, read_with = source.text(content, encoding)
    reader = Reader(Notation(currency))
    empty = True
    for row in cells.rows(text, ","):
        reader.take(row)
        empty = False
    if empty:
        raise BadPromotionFile(problem="it is empty")
    reader.finish()
    return reader.staging.done(read_with)


def _misfit(row: cells.Row) -> Wrong | None:
    """Return what is wrong with a record's type, code or length."""
    kind, code = (*row.cells, None)[:2]
    if kind not in POSITIONS:
        return Wrong("unknown-record", f"{quoted(kind or '')} is no record type", "A record begins with P, G or T.")
    if code not in CHANGES or (kind != "P" and code not in {"1", "99"}):
        hint = "P has 1 add, 2 modify, 3 delete or 99 delete all; G and T have 1, or 99 to clear."
        return Wrong("unknown-code", f"{quoted(code or '')} is no change code of {kind}", hint)
    if code == "99" and kind == "P":
        if any(row.cells[2:]):
            return Wrong("unknown-code", "99 deletes all promotions and names none", "To delete one, use 3.")
        return None
    if len(row.cells) != POSITIONS[kind]:
        text = f"the record has {len(row.cells)} of {POSITIONS[kind]} positions; it may have been cut off"
        return Wrong("cut-off", text, "Write all positions, also the empty ones.")
    return None


def _fields(row: cells.Row, draft: Draft) -> None:
    written = dict(zip(P, row.cells[FIRST - 1 :], strict=True))
    reward, value = written.pop("reward"), written.pop("value")
    for position, name in enumerate(P, FIRST):
        text = written.get(name)
        if text in CLEARING:
            draft.clear(name, f"{position} {name}")
        elif text is not None:
            draft.take(name, text, f"{position} {name}")
    if reward in CLEARING or value in CLEARING:
        hint = "Write a price of nothing as 0.00 (00 where there are no decimals)."
        draft.complain("14 value", Wrong("not-clearable", "a reward cannot be cleared", hint))
    else:
        draft.reward(reward, value, "14 value")


def _group(row: cells.Row, records: Records) -> None:
    """Put one member into its group. Raises Wrong."""
    _not_deleted(records)
    role, number, qty, amount, name, value = row.cells[3:]
    notation = records.draft.notation
    if role not in ROLES:
        raise Wrong("unknown-word", f"{quoted(role or '')} is no role", f"Write one of: {', '.join(ROLES)}.")
    if row.cells[1] == "99":
        records.draft.clear(ROLES[role])
        return
    index = GROUP_NUMBER(number or "", notation) if role in NUMBERED else 0
    group = records.groups.setdefault((role, index), {"select": {}})
    if qty not in EMPTY:
        _agree(group, "qty", fields.QUANTITY(qty or "", notation), allowed=role in NUMBERED)
    if amount not in EMPTY:
        _agree(group, "min_amount", values.amount(amount or "", notation), allowed=role == "requisite")
    if {"qty", "min_amount"} <= group.keys():
        raise Wrong("two-sizes", "the group has a quantity and an amount", "Give one of them.")
    if name == fields.EVERYTHING:
        if role == "target":
            records.draft.everything()
        return
    if name not in fields.SELECTOR:
        hint = f"Write * or one of: {', '.join(fields.SELECTOR)}."
        raise Wrong("unknown-word", f"{quoted(name or '')} is no condition on products", hint)
    found = fields.SELECTOR[name](value or "", notation)
    if isinstance(found, list):
        group["select"].setdefault(name, {}).update(dict.fromkeys(found))  # a dictionary keeps the order of the file
    else:
        _agree(group["select"], name, found, allowed=True)


def _lists(select: Values) -> Values:
    """Return a selector as the case format has it. Raises Wrong when a list is too long."""
    return {name: values.distinct(found) if isinstance(found, dict) else found for name, found in select.items()}


def _not_deleted(records: Records) -> None:
    if records.draft.change == "delete":
        raise Wrong("deleted", "its P record deletes the promotion", "Leave this record out.")


def _agree(place: Values, name: str, found: object, *, allowed: bool) -> None:
    if not allowed:
        raise Wrong("not-of-role", f"this role has no {name}", "Leave it empty.")
    if place.setdefault(name, found) != found:
        raise Wrong("contradiction", f"another record of the group says {place[name]}", f"Give one {name}.")


def _tier(row: cells.Row, records: Records) -> None:
    """Add one tier. Raises Wrong."""
    _not_deleted(records)
    if row.cells[1] == "99":
        records.draft.clear("tiers")
        return
    notation = records.draft.notation
    *thresholds, reward, value = row.cells[3:]
    tier = {
        name: read(text or "", notation)
        for (name, read), text in zip(THRESHOLDS.items(), thresholds, strict=True)
        if text not in EMPTY
    }
    records.tiers.append({**tier, "reward": reward_of(reward, value, notation)})
