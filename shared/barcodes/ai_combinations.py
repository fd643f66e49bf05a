"""Which application identifiers may stand together, and which cannot stand alone.

Source: GS1 General Specifications, section 4.13 (invalid pairs, mandatory associations).
"""

from collections.abc import Sequence

from shared.barcodes import ai_table
from shared.barcodes.ai_table import Identifier, matches
from shared.barcodes.damage import DamagedBarcode
from shared.barcodes.element_string import Element

SERIAL, SIGNATURE = "21", "8030"
SSCC = "00"
# A signature is of one single thing, so these keys need their serial behind the check digit: key -> length without.
LENGTH_WITHOUT_SERIAL = {"253": 13, "255": 13, "8003": 14}


def check(elements: Sequence[Element]) -> None:
    """Raises DamagedBarcode when the elements of one message contradict each other or miss another.

    What describes goods is checked beside a GTIN or SSCC only: without one, the symbol is one of several on a thing,
    and what it misses may be in another. Keys, serials and signatures identify, and do so together or not at all.
    """
    present = {ai: ai_table.identifiers()[ai] for ai, _ in elements}
    _check_repeats(elements)
    for identifier in present.values():
        _check_excluded(identifier, present)
    is_of_goods = not present.keys().isdisjoint(ai_table.GTINS | {SSCC})
    for identifier in present.values():
        if is_of_goods or identifier.is_key or identifier.ai in {SERIAL, SIGNATURE}:
            _check_needed(identifier, present)
    if SIGNATURE in present:
        _check_signed(elements)


def _check_repeats(elements: Sequence[Element]) -> None:
    values: dict[str, str] = {}
    for ai, value in elements:
        if values.setdefault(ai, value) != value:
            raise DamagedBarcode(problem=f"AI {ai} stands twice with different values")


def _check_excluded(identifier: Identifier, present: dict[str, Identifier]) -> None:
    for pattern in identifier.excludes:
        for other in present:
            if other != identifier.ai and matches(pattern, other):
                raise DamagedBarcode(problem=f"AI {identifier.ai} and AI {other} exclude each other")


def _check_needed(identifier: Identifier, present: dict[str, Identifier]) -> None:
    for group in identifier.needs:
        if all(any(matches(pattern, ai) for ai in present) for pattern in group):
            return
    if identifier.needs:
        groups = " or ".join("+".join(group) for group in identifier.needs)
        raise DamagedBarcode(problem=f"AI {identifier.ai} needs AI {groups} beside it")


def _check_signed(elements: Sequence[Element]) -> None:
    for ai, value in elements:
        if len(value) <= LENGTH_WITHOUT_SERIAL.get(ai, 0):
            raise DamagedBarcode(problem=f"a signature needs a serial number in AI {ai}")
