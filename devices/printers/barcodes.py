"""Bars as ESC/POS bytes.

Source: Epson ESC/POS command reference, `GS k` function B; symbol widths from ISO/IEC 15417 (Code 128).
"""

import re

from devices.printers.interface import Barcode

HEIGHT_DOTS = 64  # 8 mm: a hand scanner needs no more
DOTS_PER_MODULE = 2  # 0.25 mm; one dot is too fine for many scanners
EAN13_MODULES = 95
CODE128_MODULES = 11  # of each symbol; start and check are symbols too
STOP_MODULES = 13
QUIET_MODULES = 20  # white, ten at either side
FNC1 = "\x1d"
DIGITS = re.compile(r"(?:[0-9]{2}){2,}")  # code set C holds two digits in a symbol; changing sets costs one each way
# Printers obey these wherever they appear, and code set C writes 16, 04 as these bytes.
REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")
LOOKS = b"\x1ba\x01" + b"\x1dh" + bytes([HEIGHT_DOTS]) + b"\x1dw" + bytes([DOTS_PER_MODULE]) + b"\x1dH\x02\x1df\x00"
LEFT = b"\x1ba\x00"


def render(barcode: Barcode, paper_dots: int) -> bytes | None:
    """Return the commands that print the bars centred, or None when they are wider than the paper."""
    if barcode.symbology == "ean13":
        number, data, modules = 67, barcode.data.encode(), EAN13_MODULES
    else:
        start = FNC1 if barcode.symbology == "gs1_128" else ""
        data, symbols = code128(start + barcode.data)
        number, modules = 73, (symbols + 2) * CODE128_MODULES + STOP_MODULES
    if (modules + QUIET_MODULES) * DOTS_PER_MODULE > paper_dots:
        return None
    return LOOKS + b"\x1dk" + bytes([number, len(data)]) + data + LEFT


def code128(text: str) -> tuple[bytes, int]:
    """Return the text in the printer's spelling of code sets B and C, and how many symbols it takes after the first.

    Runs of digits go to C, unless they would spell a real-time command.
    """
    short = spelled(text, DIGITS)
    return spelled(text, None) if REAL_TIME.search(short[0]) else short


def spelled(text: str, in_pairs: re.Pattern[str] | None) -> tuple[bytes, int]:
    data, symbols, at = b"", 0, 0
    for run in in_pairs.finditer(text) if in_pairs else ():
        before = set_b(text[at : run.start()])
        data += before + b"{C" + bytes(int(run[0][index : index + 2]) for index in range(0, len(run[0]), 2))
        symbols += run.start() - at + (1 if before else 0) + 1 + len(run[0]) // 2
        at = run.end()
    rest = set_b(text[at:])
    symbols += len(text) - at + (1 if rest else 0)
    return data + rest, symbols - 1  # the first change of set is the start symbol


def set_b(text: str) -> bytes:
    return b"{B" + text.replace("{", "{{").replace(FNC1, "{1").encode("ascii") if text else b""
