"""Draws what a printer's code pages lack as dots: lines of any script, and the shop's logo."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING

from wcwidth import iter_graphemes, width

from devices.printers import bidi
from devices.printers.fonts import Face, FontChain
from shared.model.logo import LOGO_SIDE_MAX

if TYPE_CHECKING:
    from PIL.Image import Image

CELL_DOTS = 12  # the width of a letter of font A
LINE_DOTS = 30  # the height of its line with its gap
BASELINE_DOTS = 23  # from the top of the line
LETTER_DOTS = 21  # em: an average letter is as wide as a cell
TYPEWRITER_DOTS = 20  # em: each letter is exactly as wide as a cell
WIDE_DOTS = 24  # letters that take two cells, and emoji
INK = 110  # of 255: how dark a drawn dot must be to be burnt
SUBSTITUTE = "?"
LOGO_HEIGHT_MAX = 240  # dots: 3 cm
BAND_BYTES_MAX = 4_000  # cheap printers hold 4 KiB, and none of an image until all of it is there
FIELD = re.compile(r"\S+(?: \S+)*")  # two spaces and more separate what stands in columns
SKIN = re.compile("(?<=.)[\U0001f3fb-\U0001f3ff]")
INDENT_MAX = 3  # cells; what begins further in is centred or stands at the edge
# Printers obey DLE EOT, DLE ENQ and DLE DC4 even inside an image.
REAL_TIME_SECOND = b"\x04\x05\x14"
REAL_TIME_START = re.compile(rb"\x10(?=[\x04\x05\x14])")


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one font and size that run one way."""

    text: str
    face: Face | None
    em_dots: int
    level: int  # of `bidi.places`
    place: int  # from the left

    @property
    def is_right_to_left(self) -> bool:
        return self.level % 2 == 1


def draw(
    text: str, fonts: FontChain, columns: int, *, scale: int = 1, bold: bool = False, right_to_left: bool = False
) -> bytes | None:
    """Return GS v 0 images of one line, or None when there is no font at all.

    columns: of font A on the paper. scale: 2 for text twice as wide and high. right_to_left: of the whole receipt,
    whose columns then begin at the right edge. What stands in columns keeps them: the fields of a line are drawn apart,
    and made narrower where letters take more room than their cells.
    """
    from PIL import Image, ImageChops

    if not fonts.faces:
        return None
    line = Image.new("L", (columns * CELL_DOTS // 8 * 8, LINE_DOTS * scale), 0)
    room = columns // scale
    for index, found in enumerate(FIELD.finditer(text)):
        start = width(text[: found.start()])
        end = min(room, start + width(found[0]))
        field = drawn(found[0], fonts, scale, right_to_left=right_to_left)
        widest = max(1, (end - start) * CELL_DOTS * scale + CELL_DOTS // 2)
        if field.width > widest:
            field = field.resize((widest, field.height), Image.Resampling.BOX)
        anchor = kept_place(index, start, end, room)
        left = round((start + (end - start) * anchor) * CELL_DOTS * scale - anchor * field.width)
        line.paste(field, (line.width - left - field.width if right_to_left else left, 0))
    if bold:  # as printers do it: once more, one dot further
        line = ImageChops.lighter(line, ImageChops.offset(line, 1, 0))
    return commands(line.point(lambda ink: 255 if ink >= INK else 0).convert("1", dither=Image.Dither.NONE))


def kept_place(index: int, start: int, end: int, room: int) -> float:
    """Tell which point of a field stays where its cells are: 0 its beginning, 0.5 its middle, 1 its end."""
    if index or (start and end >= room):
        return 1
    return 0 if start <= INDENT_MAX or abs(start - (room - end)) > 1 else 0.5


def drawn(text: str, fonts: FontChain, scale: int, *, right_to_left: bool = False) -> "Image":
    """Return the text alone, as wide as it is, light on dark."""
    from PIL import Image, ImageDraw, ImageFont

    parts: list[Image.Image] = []
    for run in runs(text, fonts, right_to_left=right_to_left):
        if run.face is None:
            continue
        if run.face.is_bitmap:
            parts += [emoji(cluster, run.face, scale) for cluster in iter_graphemes(run.text)]
            continue
        font = ImageFont.truetype(run.face.path, run.em_dots * scale, run.face.index)
        direction = None
        if font.layout_engine == ImageFont.Layout.RAQM:
            direction = "rtl" if run.is_right_to_left else "ltr"
        part = Image.new("L", (max(1, round(font.getlength(run.text, direction=direction))), LINE_DOTS * scale), 0)
        ink = ImageDraw.Draw(part)
        ink.text((0, BASELINE_DOTS * scale), run.text, fill=255, font=font, anchor="ls", direction=direction)
        parts.append(part)
    whole = Image.new("L", (max(1, sum(part.width for part in parts)), LINE_DOTS * scale), 0)
    left = 0
    for part in parts:
        whole.paste(part, (left, 0))
        left += part.width
    return whole


def runs(text: str, fonts: FontChain, *, right_to_left: bool = False) -> list[Run]:
    """Cut a text into runs of one font, size and direction, from left to right as they stand on paper."""
    places = bidi.places(text, from_the_right=right_to_left)
    letters: list[Run] = []
    index = 0
    for cluster in iter_graphemes(text):
        face, letter = fonts.find(cluster) or fonts.find(SUBSTITUTE) or (None, "")
        shown = letter if letter in cluster else SUBSTITUTE
        size = WIDE_DOTS if width(cluster) == 2 else TYPEWRITER_DOTS if face and face.is_typewriter else LETTER_DOTS
        if cluster.isspace() and letters and not (letters[-1].face and letters[-1].face.is_bitmap):
            face, size = letters[-1].face, letters[-1].em_dots  # a space like its word does not cut the run
        letters.append(Run(shown, face, size, level=places[index][1], place=places[index][0]))
        index += len(cluster)
    joined = []
    for (face, size, level), group in groupby(letters, lambda run: (run.face, run.em_dots, run.level)):
        members = list(group)
        together = "".join(run.text for run in members)
        joined.append(Run(together, face, size, level, min(run.place for run in members)))
    return sorted(joined, key=lambda run: run.place)


def emoji(cluster: str, face: Face, scale: int) -> "Image":
    """Return one picture of a colour font as its outline and its dark parts: dithered, so small a one is mud."""
    from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

    font = ImageFont.truetype(face.path, face.probe.size, face.index)
    cluster = SKIN.sub("", cluster)  # in black and white a dark hand would be a blot
    length = max(1, round(font.getlength(cluster)))
    picture = Image.new("RGBA", (length, length), (255, 255, 255, 0))
    ImageDraw.Draw(picture).text((0, 0), cluster, font=font, embedded_color=True)
    side = WIDE_DOTS * scale
    small = picture.resize((side, side), Image.Resampling.LANCZOS)
    shape = small.getchannel("A").point(lambda opaque: 255 if opaque > INK else 0)
    outline = ImageChops.subtract(shape, shape.filter(ImageFilter.MinFilter(3)))
    sheet = Image.new("RGBA", small.size, "white")
    sheet.alpha_composite(small)
    dark = ImageOps.autocontrast(sheet.convert("L"), mask=shape).point(lambda light: 255 if light < INK else 0)
    whole = Image.new("L", (side, LINE_DOTS * scale), 0)
    whole.paste(ImageChops.lighter(outline, dark), (0, (LINE_DOTS * scale - side) // 2))
    return whole


def logo(file: bytes, columns: int) -> bytes | None:
    """Return a PNG as GS v 0 images in the middle of the paper, dithered; None when it is no PNG or far too big.

    A picture wider than the paper or higher than LOGO_HEIGHT_MAX is made smaller.
    """
    from PIL import Image

    paper = columns * CELL_DOTS // 8 * 8
    try:
        with Image.open(BytesIO(file), formats=["PNG"]) as picture:
            if max(picture.size) > LOGO_SIDE_MAX:
                return None
            picture.load()
            coloured = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError):  # what Pillow raises for broken files
        return None
    coloured.thumbnail((paper, LOGO_HEIGHT_MAX), Image.Resampling.LANCZOS)
    sheet = Image.new("RGBA", (paper, coloured.height), "white")
    sheet.alpha_composite(coloured, ((paper - coloured.width) // 2, 0))
    return commands(sheet.convert("L").point(lambda light: 255 - light).convert("1"))


def commands(picture: "Image") -> bytes:
    """Return GS v 0 commands that print the picture, 1 being black, and hold no real-time command."""
    row_bytes = picture.width // 8
    header = b"\x1dv0\x00" + row_bytes.to_bytes(2, "little")
    return b"".join(
        header + (len(band) // row_bytes).to_bytes(2, "little") + band
        for band in harmless(picture.tobytes(), row_bytes)
    )


def harmless(dots: bytes, row_bytes: int) -> Iterator[bytes]:
    """Cut an image into what a small printer holds, and between two rows that make a real-time command together.

    Inside a row nothing can be cut: there one dot is blackened.
    """
    band = bytearray()
    for start in range(0, len(dots), row_bytes):
        row = REAL_TIME_START.sub(b"\x18", dots[start : start + row_bytes])
        is_full = len(band) + row_bytes > BAND_BYTES_MAX
        if band and (is_full or (band[-1] == 0x10 and row[0] in REAL_TIME_SECOND)):
            yield bytes(band)
            band.clear()
        band += row
    if band:
        yield bytes(band)
