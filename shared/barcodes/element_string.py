"""GS1 element strings: pairs of an application identifier and its value, in a row or in brackets.

Source: GS1 General Specifications, section 7.8; brackets as people write them, with \\( for a bracket in a value.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shared.barcodes import ai_content, ai_table
from shared.barcodes.ai_table import Identifier
from shared.barcodes.characters import GS
from shared.barcodes.damage import DamagedBarcode

FNC1_SHOWN = "^"  # how people write FNC1

BRACKETED = re.compile(rf"{GS}?\((\d+)\)((?:\\\(|[^(])*?)(?={GS}?\(|\Z)")


class Element(NamedTuple):
    """One value and what it is."""

    ai: str
    value: str


def split(text: str) -> list[Element]:
    """Take a row of element strings apart; a GS in front, behind and after values of fixed length is tolerated.

    Raises DamagedBarcode where nobody can tell what follows. Values are not checked yet.
    """
    elements = []
    text = text.removeprefix(GS)
    if not text:
        raise DamagedBarcode(problem="there is no element string")
    start = 0
    while start < len(text):
        identifier = _identifier(text, start)
        start += len(identifier.ai)
        end = text.find(GS, start)
        end = len(text) if end < 0 else end
        if identifier.is_predefined:
            end = min(end, start + identifier.longest)
        elements.append(Element(identifier.ai, text[start:end]))
        start = end + 1 if text.startswith(GS, end) else end
    return elements


def split_bracketed(text: str) -> list[Element]:
    """Take element strings in brackets apart. Raises DamagedBarcode. Values are not checked yet.

    Blanks behind a value are padding, because no value holds blanks.
    """
    elements, start = [], 0
    for match in BRACKETED.finditer(text):
        if match.start() != start:
            break
        start = match.end()
        if match[1] not in ai_table.identifiers():
            raise DamagedBarcode(problem=f"there is no AI {match[1]}")
        elements.append(Element(match[1], match[2].replace("\\(", "(").rstrip(" ")))
    if start != len(text) or not elements:
        raise DamagedBarcode(problem=f"there is no AI in brackets at {text[start : start + 10]!r}")
    return elements


def check(elements: Iterable[Element]) -> None:
    """Raises DamagedBarcode with the first value that breaks a rule."""
    known = ai_table.identifiers()
    for ai, value in elements:
        ai_content.check(known[ai], value)


def joined(elements: Iterable[Element], separator: str = FNC1_SHOWN) -> str:
    """Return a row of element strings with FNC1 in front and where it is needed."""
    return "".join(_joined(elements, separator))


def _joined(elements: Iterable[Element], separator: str) -> Iterator[str]:
    known = ai_table.identifiers()
    is_needed = True
    for ai, value in elements:
        yield f"{separator if is_needed else ''}{ai}{value}"
        is_needed = not known[ai].is_predefined


def _identifier(text: str, start: int) -> Identifier:
    identifier = ai_table.find(text, start)
    if identifier is None:
        raise DamagedBarcode(problem=f"there is no AI that begins {text[start : start + 4]!r}")
    return identifier
