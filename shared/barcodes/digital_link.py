"""GS1 Digital Link: element strings as a web address, uncompressed.

Source: GS1 Digital Link Standard: URI Syntax, section 4; capital HTTP and HTTPS are allowed, mixed case is not.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, unquote

from shared.barcodes import ai_table
from shared.barcodes.ai_table import Identifier
from shared.barcodes.characters import DIGITS
from shared.barcodes.damage import DamagedBarcode
from shared.barcodes.element_string import Element

CANONICAL = "https://id.gs1.org"
WEB = re.compile("(?:https?|HTTPS?)://")
ADDRESS = re.compile(
    r"(?:https?|HTTPS?)://[A-Za-z0-9.:\[\]-]+(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.DOTALL
)
FOREIGN = re.compile(r"[^\w.~:/?#\[\]@!$&'()*+,;=%-]", re.ASCII)

# Names that earlier versions of the standard allowed in the place of a number.
NAMES = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gmn": "8013", "gln": "414", "party": "417", "gsrnp": "8017",
    "gsrn": "8018", "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003",
    "giai": "8004", "cpv": "22", "lot": "10", "ser": "21", "cpsn": "8011", "glnx": "254", "refno": "8020",
    "srin": "8019",
}  # fmt: skip


def split(uri: str) -> list[Element]:
    """Return the elements of a web address: its key, the key's qualifiers, and what stands behind the question mark.

    Raises DamagedBarcode for an address without a key, and for one that breaks the rules of the standard. Values are
    not checked yet. Compressed addresses are not read: they look like others without a key.
    """
    match = ADDRESS.fullmatch(uri)
    if FOREIGN.search(uri) or match is None:
        raise DamagedBarcode(problem="it is no GS1 web address: only http and https with a host and a path are")
    path = _path_elements(match["path"].split("/")[1:])
    attributes = list(_attributes(match["query"] or ""))
    names = [ai for ai, _ in path + attributes]
    if twice := {ai for ai in names if names.count(ai) > 1}:
        raise DamagedBarcode(problem=f"AI {min(twice)} stands twice in the web address")
    _check_attributes(path, attributes)
    return path + attributes


def made(elements: Sequence[Element], stem: str = CANONICAL) -> str:
    """Return the web address of elements, whose first key leads. Raises DamagedBarcode for what no address can say."""
    known = ai_table.identifiers()
    values = dict(elements)
    key = next((known[ai] for ai in values if known[ai].is_key), None)
    if key is None:
        raise DamagedBarcode(problem="there is no key for a web address")
    fitting = [[ai for ai in order if ai in values] for order in key.qualifiers or ()]
    path = [Element(ai, values.pop(ai)) for ai in (key.ai, *max(fitting, key=len, default=[]))]
    # Values of fixed length first: they need no separator when the address becomes an element string again.
    attributes = [Element(ai, values[ai]) for ai in sorted(values, key=lambda ai: not known[ai].is_predefined)]
    _check_attributes(path, attributes)
    uri = stem.rstrip("/") + "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in path)
    query = "&".join(f"{ai}={quote(value, safe='')}" for ai, value in attributes)
    return f"{uri}?{query}" if query else uri


def _path_elements(segments: Sequence[str]) -> list[Element]:
    """Return key and qualifiers: the pairs at the path's end, back to the last key."""
    pairs: list[tuple[Identifier, str]] = []
    for place in range(len(segments) - 2, -1, -2):
        name = NAMES.get(segments[place], segments[place])
        identifier = ai_table.identifiers().get(name)
        if identifier is None:
            break
        pairs.insert(0, (identifier, unquote(segments[place + 1], "latin-1")))
        if identifier.is_key:
            break
    if not pairs or not pairs[0][0].is_key:
        raise DamagedBarcode(problem="its path names no GS1 key; compressed addresses are not read")
    if not _is_ordered([identifier.ai for identifier, _ in pairs]):
        raise DamagedBarcode(problem="the qualifiers in its path do not belong to its key, or not in this order")
    return [_element(identifier, value) for identifier, value in pairs]


def _attributes(query: str) -> Iterator[Element]:
    for parameter in query.split("&"):
        name, equals, value = parameter.partition("=")
        if not equals or name.strip(DIGITS):
            continue  # another's parameter
        identifier = ai_table.identifiers().get(name)
        if identifier is None:
            raise DamagedBarcode(problem=f"there is no AI {name}")
        yield _element(identifier, unquote(value.replace("+", " "), "latin-1"))


def _element(identifier: Identifier, value: str) -> Element:
    if not value:
        raise DamagedBarcode(problem=f"AI {identifier.ai} has no value")
    return Element(identifier.ai, value)


def _check_attributes(path: Sequence[Element], attributes: Sequence[Element]) -> None:
    order = [ai for ai, _ in path]
    for ai, _ in attributes:
        if not ai_table.identifiers()[ai].is_attribute:
            raise DamagedBarcode(problem=f"AI {ai} may not stand behind the question mark")
        if any(_is_ordered([*order[:place], ai, *order[place:]]) for place in range(1, len(order) + 1)):
            raise DamagedBarcode(problem=f"AI {ai} belongs into the path")


def _is_ordered(order: Sequence[str]) -> bool:
    """Return whether a key is followed by qualifiers of one alternative, in its order."""
    key, *others = order
    alternatives = ai_table.identifiers()[key].qualifiers or ()
    return any([ai for ai in one if ai in others] == others for one in (*alternatives, ()))
