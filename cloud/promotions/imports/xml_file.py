"""Promotions from XML of our own: the fields of `fields.py` as attributes, groups and tiers as elements.

    <promotions>
      <delete-all/>
      <promotion id="A1" name="Lunch" family="combo" reward="set_price" value="4.50" from="2026-11-01" days="1-5">
        <slot qty="1"><tag>sandwich</tag><tag>wrap</tag></slot>
        <slot qty="1"><tag>drink</tag><not-sku>111</not-sku></slot>
      </promotion>
      <promotion change="modify" id="A2" to="2026-12-31" clear="coupon max_units"/>
      <promotion change="delete" id="A3"/>
    </promotions>

Groups are `target`, `qualify`, `slot` (qty), `requisite` (qty or min_amount) and `rewarded` (qty). What they take is in
them as `sku, category, brand, tag, not-sku, not-category, not-brand, not-tag`, each with one text, and in the
attributes `min_unit_price, max_unit_price, not_discounted`; `<everything/>` alone is every product. `tier` has the
attributes min_qty, min_amount, over_amount, reward and value. The lists `stores` and `channels` are written `1|2`.

Without `change` a promotion is added. In a `modify` what is not there stays as it is; groups and tiers that are there
replace those before them, and `clear` names what is cleared: fields, or target, qualify, slots, requisites, targets,
tiers.
"""

from collections.abc import Iterable

from cloud.promotions.imports import fields, values, xml_stream
from cloud.promotions.imports.draft import Draft, begin, reward_of
from cloud.promotions.imports.source import Content
from cloud.promotions.imports.staged import Change, Staged, Staging, Values, Wrong, quoted
from cloud.promotions.imports.values import Notation
from cloud.promotions.imports.xml_stream import Element

SELECTED = {
    "sku": "skus", "category": "categories", "brand": "brands", "tag": "tags",
    "not-sku": "not_skus", "not-category": "not_categories", "not-brand": "not_brands", "not-tag": "not_tags",
}  # fmt: skip
SINGLE = ("min_unit_price", "max_unit_price", "not_discounted")
SETS = {"slot": "slots", "requisite": "requisites", "rewarded": "targets"}
SIZES: dict[str, values.Reader] = {"qty": fields.QUANTITY, "min_amount": values.amount}
TIER: dict[str, values.Reader] = {**SIZES, "min_qty": fields.QUANTITY, "over_amount": values.amount}
CLEARABLE = {*fields.FIELDS, "target", "qualify", *SETS.values(), "tiers"}
# The target is an element here.
SCALARS = {name for name, field in fields.FIELDS.items() if field.path[0] != "target"}


def read(content: Content, currency: str) -> Staged:
    """Read a document of promotions. Bad ones are listed; raises BadPromotionFile when it is no such document."""
    staging = Staging()
    notation = Notation(currency)
    for element in xml_stream.records(content, {"promotions"}):
        if element.tag == "delete-all":
            staging.add(Change(element.line, "delete_all"))
        elif element.tag == "promotion":
            _promotion(element, notation, staging)
        else:
            text = f"<{element.tag}> is not known here"
            staging.report(element.line, "", "", Wrong("unknown-element", text, "Write promotion or delete-all."))
    return staging.done("utf-8")


def _promotion(element: Element, notation: Notation, staging: Staging) -> None:
    written = dict(element.attributes)
    promotion_id, change = written.pop("id", ""), written.pop("change", "add")
    draft = begin(element.line, change, promotion_id, notation, staging)
    if draft is None:
        return
    _attributes(written, draft)
    for child in element.children:
        try:
            _part(child, draft)
        except Wrong as wrong:
            draft.complain(child.tag, wrong, child.line)
    if element.text:
        draft.complain("", Wrong("stray-text", f"{quoted(element.text)} stands between elements", "Remove it."))
    draft.finish(staging)


def _attributes(written: dict[str, str], draft: Draft) -> None:
    draft.reward(written.pop("reward", None), written.pop("value", None))
    for name in written.pop("clear", "").split():
        if name in CLEARABLE or name in {"reward", "value"}:
            draft.clear("reward" if name == "value" else name)
        else:
            draft.complain("clear", Wrong("unknown-word", f"{quoted(name)} is no field", "Correct the name."))
    for name, text in written.items():
        if name in SCALARS and not text.strip():
            if draft.change == "modify":
                hint = f'Leave it out, or write clear="{name}".'
                draft.complain(name, Wrong("empty", "it is there and says nothing", hint))
        elif name in SCALARS:
            draft.take(name, text.strip())
        else:
            draft.complain(name, Wrong("unknown-field", f"{quoted(name)} is no field", "Correct the name."))


def _part(element: Element, draft: Draft) -> None:
    """Put one group or tier into its promotion. Raises Wrong."""
    if element.tag in {"target", "qualify"}:
        if element.tag in draft.values:
            raise Wrong("repeated", f"there are two <{element.tag}>", "Write one with all products in it.")
        selected = _selector(element, draft.notation, ())
        if element.tag == "target" and not selected:
            draft.everything()
        draft.select(element.tag, selected)
    elif element.tag in SETS:
        select = _selector(element, draft.notation, SIZES)
        size = _read(element, SIZES, draft.notation) or {"qty": 1}
        if len(size) > 1 or ("min_amount" in size and element.tag != "requisite"):
            raise Wrong("two-sizes", "min_amount stands where it cannot", "Give qty; a requisite may have min_amount.")
        draft.append(SETS[element.tag], {"select": select, **size})
    elif element.tag == "tier":
        _only(element, {*TIER, "reward", "value"} - {"qty"}, set())
        reward = reward_of(element.attributes.get("reward"), element.attributes.get("value"), draft.notation)
        tier = {**_read(element, TIER, draft.notation), "reward": reward}
        draft.append("tiers", tier)
    else:
        raise Wrong("unknown-element", f"<{element.tag}> is not known here", "Correct its name.")


def _selector(element: Element, notation: Notation, sizes: Iterable[str]) -> Values:
    _only(element, {*SINGLE, *sizes}, {*SELECTED, "everything"})
    found: Values = {}
    for child in element.children:
        if child.children or child.attributes:
            raise Wrong("unknown-element", f"<{child.tag}> holds one text only", "Write one element for each.")
        if child.tag != "everything":
            found.setdefault(SELECTED[child.tag], []).append(child.text)
    selector: Values = {name: values.distinct(_each(name, texts, notation)) for name, texts in found.items()}
    selector |= _read(element, {name: fields.SELECTOR[name] for name in SINGLE}, notation)
    if bool(selector) == any(child.tag == "everything" for child in element.children):
        text = f"<{element.tag}> does not say which products"
        raise Wrong("empty-list", text, "Name products, or write <everything/> alone.")
    return selector


def _each(name: str, texts: list[str], notation: Notation) -> list[str]:
    read = values.name if name in {"brands", "not_brands"} else values.code
    return [read(text, notation) for text in texts]


def _read(element: Element, readers: dict[str, values.Reader], notation: Notation) -> Values:
    written = element.attributes
    return {name: read(written[name].strip(), notation) for name, read in readers.items() if name in written}


def _only(element: Element, attributes: set[str], children: set[str]) -> None:
    """Refuse what is not known: a condition that is passed over would make an offer wider than it was meant."""
    unknown = [name for name in element.attributes if name not in attributes]
    unknown += [f"<{child.tag}>" for child in element.children if child.tag not in children]
    if unknown:
        raise Wrong("unknown-field", f"{quoted(unknown[0])} is not known in <{element.tag}>", "Correct its name.")
    if element.text:
        raise Wrong("stray-text", f"{quoted(element.text)} stands between elements", "Remove it.")
