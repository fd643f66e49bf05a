"""One decoded text as a line of JSON for support people and scripts."""

from shared.barcodes import ai_values, element_string
from shared.barcodes.decode import Barcode, right_ones


def answer(text: str, barcode: Barcode, year: int) -> dict[str, object]:
    """Return what `shopwright-edge barcode` says of a text; keys that do not apply are None.

    year: the present one, for dates with two digits of it.
    """
    elements = barcode.elements
    values = ai_values.typed(right_ones(elements), year)
    return {
        "input": text,
        "ok": barcode.problem is None,
        "kind": barcode.kind,
        "symbology": barcode.symbology,
        "gtin14": barcode.gtin14,
        "ais": [list(element) for element in elements] or None,
        "values": {ai: ai_values.shown(value) for ai, value in values.items()} if elements else None,
        "element_string": element_string.joined(elements) or None,
        "weight_g": barcode.weight_g,
        "count": barcode.count,
        "price_minor": barcode.price_minor,
        "currency": barcode.currency,
        "boarding_pass": barcode.boarding_pass.shown() if barcode.boarding_pass else None,
        "reason": barcode.problem,
    }


def refusal(text: str, problem: str) -> dict[str, object]:
    """Return the same for a line that holds no text."""
    return answer(text, Barcode("text", problem), 0)
