"""Draws a line of text as dots, for scripts that a printer's code pages lack."""

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

LINE_DOTS = 30  # the height of a line of font A with its gap
LETTER_DOTS = 24
NO_SUCH_CHARACTER = "\U0010ffff"  # fonts draw their empty box for it
# Printers obey DLE EOT, DLE ENQ and DLE DC4 even inside an image.
REAL_TIME_START = re.compile(rb"\x10(?=[\x04\x05\x14])")


def draw(text: str, font_path: Path, width_dots: int, scale: int) -> bytes | None:
    """Return a GS v 0 image of the text, or None when the font lacks one of its letters.

    scale: 2 for text twice as wide and high; a text too wide for the paper is drawn smaller. Right-to-left scripts
    are ordered and shaped by libraqm and stand at the right edge.
    """
    from PIL import Image, ImageDraw, ImageFont, features

    if not font_path.is_file() or not features.check("raqm"):
        return None
    font = ImageFont.truetype(font_path, LETTER_DOTS * scale, layout_engine=ImageFont.Layout.RAQM)
    if not has_glyphs(font, text):
        return None
    width_bytes = width_dots // 8
    width, height = width_bytes * 8, LINE_DOTS * scale
    if (length := font.getlength(text)) > width:
        font = font.font_variant(size=LETTER_DOTS * scale * width / length)
    picture = Image.new("1", (width, height), 0)
    corner, anchor = ((width, 0), "ra") if is_right_to_left(text) else ((0, 0), "la")
    ImageDraw.Draw(picture).text(corner, text, fill=1, font=font, anchor=anchor)
    header = b"\x1dv0\x00" + width_bytes.to_bytes(2, "little") + height.to_bytes(2, "little")
    return header + defused(picture.tobytes())


def has_glyphs(font: "FreeTypeFont", text: str) -> bool:
    missing = bytes(font.getmask(NO_SUCH_CHARACTER))
    return all(bytes(font.getmask(letter)) != missing for letter in set(text) if not letter.isspace())


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((way for way in strong if way in {"L", "R", "AL"}), "L") != "L"


def defused(dots: bytes) -> bytes:
    """Blacken one dot wherever the image would hold a real-time command; splitting the image cannot help in a row."""
    return REAL_TIME_START.sub(b"\x18", dots)
