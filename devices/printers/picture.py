"""Draws a piece of paper as it came out of a printer, for people to look at and for scanners to read."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from devices.printers.fonts import DEFAULT_FONTS, FontChain
from devices.printers.printed import Bars, Part, PrintedLine, PrintedReceipt, QrCode, Raster

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS_PER_DOT = 2  # sharp on the screens of phones
CELL_DOTS, LINE_DOTS, LETTER_DOTS = 12, 30, 24  # font A: width, line with gap, height
EM_DOTS = 20  # at which a letter of the fonts below is as wide as a cell
BASELINE_DOTS = 19
MARGIN_DOTS = 30  # left and right
HEAD_DOTS, FOOT_DOTS = 44, 64  # white above and below what is printed
CODE_GAP_DOTS = 10  # above and below codes
QUIET_DOTS = 20  # white beside the bars
TOOTH_DOTS = 6  # of the knife
HEIGHT_DOTS_MAX = 12_000  # 1.5 m; what is longer is not shown
SHADES = 15  # with the transparent one 16: four bits a pixel
INK, PAPER = (27, 28, 26), (253, 252, 248)
TYPEWRITERS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansMono-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
)
BOLD_TYPEWRITERS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansMono-Bold.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationMono-Bold.ttf",
)
LETTERS_MAX = 5_000  # drawn letters that are kept for the next receipt


@dataclass(eq=False, slots=True)
class Drawer:
    """Draws receipts; keeps the letters it has drawn. Not to be used by two threads at once."""

    plain: FontChain = field(default_factory=lambda: FontChain(TYPEWRITERS + DEFAULT_FONTS))
    bold: FontChain = field(default_factory=lambda: FontChain(BOLD_TYPEWRITERS + DEFAULT_FONTS))
    _letters: "dict[tuple[str, bool, int, int], Image]" = field(default_factory=dict, init=False)

    def png(self, receipt: PrintedReceipt) -> bytes:
        """Return the paper as a PNG, white around its edges left transparent."""
        from PIL import Image

        columns = receipt.columns * CELL_DOTS
        drawn = [(self._drawn(part), getattr(part, "align", "left")) for part in receipt.parts]
        height = min(sum(part.height for part, _ in drawn), HEIGHT_DOTS_MAX * PIXELS_PER_DOT)
        size = ((columns + 2 * MARGIN_DOTS) * PIXELS_PER_DOT, height + (HEAD_DOTS + FOOT_DOTS) * PIXELS_PER_DOT)
        sheet = Image.new("L", size, 0)
        top = HEAD_DOTS * PIXELS_PER_DOT
        for part, align in drawn:
            if top >= height + HEAD_DOTS * PIXELS_PER_DOT:
                break
            spare = columns * PIXELS_PER_DOT - part.width
            left = {"left": 0, "centre": spare // 2, "right": spare}[align]
            sheet.paste(part, (MARGIN_DOTS * PIXELS_PER_DOT + left, top))
            top += part.height
        return encoded(sheet, is_cut=receipt.is_cut)

    def _drawn(self, part: Part) -> "Image":
        match part:
            case PrintedLine():
                return self._line(part)
            case Raster():
                return raster(part)
            case QrCode():
                return qr_code(part)
            case Bars():
                return self._bars(part)

    def _line(self, line: PrintedLine) -> "Image":
        from PIL import Image

        across, down = 2 if line.wide else 1, 2 if line.tall else 1
        cell = CELL_DOTS * across * PIXELS_PER_DOT
        gap = LINE_DOTS - LETTER_DOTS
        row = Image.new("L", (max(1, cell * len(line.text)), (LETTER_DOTS * down + gap) * PIXELS_PER_DOT), 0)
        for index, letter in enumerate(line.text):
            if not letter.isspace():
                row.paste(self._letter(letter, line.bold, across, down), (index * cell, gap // 2 * PIXELS_PER_DOT))
        return row

    def _letter(self, letter: str, bold: bool, across: int, down: int) -> "Image":
        """Return one letter in its cell. A printer knows no shaping: it sets letter beside letter."""
        key = (letter, bold, across, down)
        if key not in self._letters:
            if len(self._letters) >= LETTERS_MAX:
                self._letters.clear()
            self._letters[key] = self._cast(*key)
        return self._letters[key]

    def _cast(self, letter: str, bold: bool, across: int, down: int) -> "Image":
        from PIL import Image, ImageDraw, ImageFont

        found = (self.bold if bold else self.plain).find(letter)
        size = EM_DOTS * PIXELS_PER_DOT * 2  # twice what is needed, made smaller once
        font: ImageFont.FreeTypeFont | ImageFont.ImageFont = ImageFont.load_default(size)  # Pillow's own, Latin only
        if found and not found[0].is_bitmap:
            font = ImageFont.truetype(found[0].path, size, found[0].index)
        cell = Image.new("L", (CELL_DOTS * PIXELS_PER_DOT * 2, LETTER_DOTS * PIXELS_PER_DOT * 2), 0)
        spot = (cell.width / 2, BASELINE_DOTS * PIXELS_PER_DOT * 2)
        ImageDraw.Draw(cell).text(spot, letter, fill=255, font=font, anchor="ms")
        target = (CELL_DOTS * PIXELS_PER_DOT * across, LETTER_DOTS * PIXELS_PER_DOT * down)
        return cell.resize(target, Image.Resampling.LANCZOS)

    def _bars(self, bars: Bars) -> "Image":
        from PIL import Image

        modules = bar_modules(bars)
        dots = Image.new("L", (len(modules), 1), 0)
        dots.putdata([255 * int(module) for module in modules])
        told = self._line(PrintedLine(bars.text.replace("\x1d", " ").strip())) if bars.is_told else None
        below = told.height if told else 0
        width = len(modules) * bars.module_dots * PIXELS_PER_DOT
        height = bars.height * PIXELS_PER_DOT
        gap = CODE_GAP_DOTS * PIXELS_PER_DOT
        quiet = QUIET_DOTS * PIXELS_PER_DOT
        whole = Image.new("L", (max(width, told.width if told else 0) + 2 * quiet, height + below + 2 * gap), 0)
        whole.paste(dots.resize((width, height), Image.Resampling.NEAREST), ((whole.width - width) // 2, gap))
        if told:
            whole.paste(told, ((whole.width - told.width) // 2, gap + height))
        return whole


def bar_modules(bars: Bars) -> str:
    """Return the bars as 1 and the gaps as 0, one for each module."""
    from barcode import EAN13, Code128, Gs1_128

    if bars.symbology == "ean13":
        code = EAN13(bars.text, no_checksum=True)
    elif bars.text.startswith("\x1d"):
        code = Gs1_128(bars.text[1:].replace("\x1d", Gs1_128.FNC1_CHAR))  # which begins with another one by itself
    else:
        code = Code128(bars.text)
    built: list[str] = code.build()
    return built[0]


def raster(image: Raster) -> "Image":
    from PIL import Image

    dots = Image.frombytes("1", (image.width_bytes * 8, image.height), image.dots).convert("L")
    return dots.resize((dots.width * PIXELS_PER_DOT, dots.height * PIXELS_PER_DOT), Image.Resampling.NEAREST)


def qr_code(code: QrCode) -> "Image":
    from PIL import Image
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    made = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    made.add_data(code.text)
    matrix = made.get_matrix()
    dots = Image.new("L", (len(matrix), len(matrix)), 0)
    dots.putdata([255 * module for row in matrix for module in row])
    side = len(matrix) * code.module_dots * PIXELS_PER_DOT
    gap = CODE_GAP_DOTS * PIXELS_PER_DOT
    whole = Image.new("L", (side, side + 2 * gap), 0)
    whole.paste(dots.resize((side, side), Image.Resampling.NEAREST), (0, gap))
    return whole


def encoded(sheet: "Image", *, is_cut: bool) -> bytes:
    """Return the sheet as a PNG; the knife leaves teeth, a sheet that was not cut off ends straight."""
    from PIL import Image, ImageDraw

    shades = sheet.point(lambda ink: ink * (SHADES - 1) // 255)
    picture = Image.frombytes("P", shades.size, shades.tobytes())
    ramp = [(SHADES - 1 - shade) / (SHADES - 1) for shade in range(SHADES)]
    colours = [round(ink + (paper - ink) * light) for light in ramp for ink, paper in zip(INK, PAPER, strict=True)]
    picture.putpalette([*colours, 0, 0, 0])
    edge = ImageDraw.Draw(picture)
    tooth = TOOTH_DOTS * PIXELS_PER_DOT
    edges = [(0, tooth)] + ([(picture.height - 1, picture.height - 1 - tooth)] if is_cut else [])
    for outer, inner in edges:
        for left in range(0, picture.width + tooth, 2 * tooth):
            edge.polygon([(left - tooth, outer), (left + tooth, outer), (left, inner)], fill=SHADES)
    file = BytesIO()
    picture.save(file, "PNG", transparency=SHADES, bits=4, compress_level=4)
    return file.getvalue()
