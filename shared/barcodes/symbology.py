"""AIM symbology identifiers: what a scanner says about the symbol in front of its text.

Source: ISO/IEC 15424. Scanners often have them switched off; then the symbology is honestly unknown.
"""

import re

EAN_13, EAN_8, EAN_WITH_ADD_ON, ADD_ON = "EAN-13/UPC", "EAN-8", "EAN + add-on", "add-on"

# The usual modifier of a symbology stands first.
SYMBOLOGIES = {
    "E0": EAN_13,  # also UPC-A and UPC-E
    "E1": ADD_ON,
    "E2": ADD_ON,
    "E3": EAN_WITH_ADD_ON,
    "E4": EAN_8,
    "C0": "Code 128",
    "C1": "GS1-128",
    "C2": "Code 128",
    "C4": "Code 128",
    "e0": "DataBar",  # and every symbol with a composite component
    "e1": "GS1 Composite",
    "e2": "GS1 Composite",
    "d1": "DataMatrix",
    "d0": "DataMatrix",
    "d2": "GS1 DataMatrix",
    "d3": "DataMatrix",
    "d4": "DataMatrix",
    "d5": "GS1 DataMatrix",
    "d6": "DataMatrix",
    "Q1": "QR",
    "Q0": "QR",
    "Q2": "QR",
    "Q3": "GS1 QR",
    "Q4": "GS1 QR",
    "Q5": "QR",
    "Q6": "QR",
    "J0": "DotCode",
    "J1": "GS1 DotCode",
    "J2": "DotCode",
    "J3": "DotCode",
    "J4": "GS1 DotCode",
    "J5": "DotCode",
    "I0": "ITF",
    "I1": "ITF",
    "I3": "ITF",
    "A0": "Code 39",
    "F0": "Codabar",
    "G0": "Code 93",
    "L0": "PDF417",
    "L1": "PDF417",
    "L2": "PDF417",
    "U0": "MaxiCode",
    "U1": "MaxiCode",
    "z0": "Aztec",
    "z3": "Aztec",
}
GS1_SYMBOLOGIES = frozenset({"GS1-128", "DataBar", "GS1 Composite", "GS1 DataMatrix", "GS1 QR", "GS1 DotCode"})

# An identifier that is not in the table is stripped, and the symbology stays unknown.
AIM = re.compile(r"\]([A-UX-Z][0-9A-F]|[cdehopsz][0-9A-F])")


def without_identifier(text: str) -> tuple[str, str | None]:
    """Return (text, symbology) of what a scanner sent."""
    aim = AIM.match(text)
    return (text[aim.end() :], SYMBOLOGIES.get(aim[1])) if aim else (text, None)
