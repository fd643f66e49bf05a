"""The picture of a receipt: what scanners read from it, and where the ink is."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from devices.printers import barcodes
from devices.printers.escpos_commands import take_command
from devices.printers.escpos_render import EscposProfile, render
from devices.printers.fonts import FontChain
from devices.printers.interface import Barcode, PrintJob
from devices.printers.paper import Paper
from devices.printers.picture import BOLD_TYPEWRITERS, HEIGHT_DOTS_MAX, PIXELS_PER_DOT, Drawer
from devices.printers.printed import PrintedReceipt
from shared.receipts.lines import PrintLine

LINK = "https://example.test/r/0190c1a2-7c3e-7d44-9f1b-6c1f0a2b3c4d"


def paper_of(content: bytes, *, is_cut: bool = True) -> PrintedReceipt:
    paper, buffer = Paper(42), bytearray(content)
    while command := take_command(buffer):
        paper.print(command)
    return paper.tear(is_cut=is_cut)


def receipt(*lines: PrintLine, qr: str | None = None, barcode: Barcode | None = None) -> PrintedReceipt:
    return paper_of(render(PrintJob("order-1", lines, qr, barcode=barcode), EscposProfile()))


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGBA")


def on_white(png: bytes) -> Image.Image:
    picture = opened(png)
    sheet = Image.new("RGBA", picture.size, "white")
    sheet.alpha_composite(picture)
    return sheet.convert("L")


def read(png: bytes) -> list[tuple[str, str]]:
    """Scan everything on the picture."""
    return [(str(found.format), found.text) for found in zxingcpp.read_barcodes(on_white(png))]


def ink(*lines: PrintLine) -> int:
    return sum(light < 128 for light in on_white(Drawer().png(receipt(*lines))).tobytes())


@pytest.mark.parametrize(
    ("barcode", "kind", "text"),
    [
        (Barcode("code128", "L1K1-000001"), "Code 128", "L1K1-000001"),
        (Barcode("code128", "a{b}C 123456789"), "Code 128", "a{b}C 123456789"),
        (Barcode("code128", "160405"), "Code 128", "160405"),
        (Barcode("ean13", "4006381333931"), "EAN-13", "4006381333931"),
        (Barcode("gs1_128", "0104006381333931\x1d10AB"), "Code 128", "(01)04006381333931(10)AB"),
    ],
)
def test_codes_on_the_picture_can_be_scanned(barcode: Barcode, kind: str, text: str) -> None:
    found = dict(reversed(pair) for pair in read(Drawer().png(receipt(PrintLine("Milk"), qr=LINK, barcode=barcode))))

    assert found.keys() == {LINK, text}
    assert "".join(kind.split()).lower().replace("-", "") in found[text].lower().replace("-", "").replace(" ", "")


def test_a_picture_is_as_wide_as_the_paper_with_its_edges() -> None:
    narrow, wide = (
        opened(Drawer().png(PrintedReceipt((), columns, is_cut=True, process_id=None, raw=b"", unknown=())))
        for columns in (32, 48)
    )

    assert wide.width - narrow.width == 16 * 12 * PIXELS_PER_DOT
    assert narrow.getpixel((0, 0)) == (0, 0, 0, 0)  # between the teeth of the knife


def test_only_a_cut_leaves_teeth() -> None:
    cut, torn = (opened(Drawer().png(paper_of(b"Milk\n", is_cut=is_cut))) for is_cut in (True, False))

    assert cut.getchannel("A").getpixel((0, cut.height - 1)) == 0
    assert torn.getchannel("A").getpixel((0, torn.height - 1)) == 255


@pytest.mark.skipif(not FontChain(BOLD_TYPEWRITERS).faces, reason="no bold font is installed (fonts-dejavu-core)")
def test_bold_and_large_letters_have_more_ink() -> None:
    plain, bold, large = (ink(PrintLine("TOTAL 12.50", style)) for style in ("plain", "bold", "large"))

    assert plain < bold < large
    assert large > 3 * plain


def test_a_letter_stands_in_its_cell() -> None:
    words = on_white(Drawer().png(receipt(PrintLine(" " * 10 + "|" + " " * 30 + "|"))))

    dark = [left for left in range(words.width) if min(words.crop((left, 80, left + 1, 160)).tobytes()) < 128]
    marks = [(30 + cell * 12 + 6) * PIXELS_PER_DOT for cell in (10, 41)]
    assert all(min(abs(left - mark) for mark in marks) < 6 for left in dark)
    assert dark


def test_a_receipt_without_end_is_shown_as_far_as_it_goes() -> None:
    long = receipt(*(PrintLine(f"line {number}") for number in range(2_000)))

    assert opened(Drawer().png(long)).height < (HEIGHT_DOTS_MAX + 200) * PIXELS_PER_DOT


def test_an_image_is_where_the_printer_set_it() -> None:
    black = paper_of(b"\x1ba\x02\x1dv0\x00\x02\x00\x10\x00" + b"\xff" * 32)

    box = on_white(Drawer().png(black)).point(lambda light: 255 if light < 128 else 0).getbbox()

    left, top = (30 + 504 - 16), 44
    assert box == tuple(PIXELS_PER_DOT * edge for edge in (left, top, left + 16, top + 16))


def test_bars_of_the_driver_fit_the_paper_they_were_made_for() -> None:
    for letters in range(1, 40):
        commands = barcodes.render(Barcode("code128", "X" * letters), 504)
        if commands:
            width = (opened(Drawer().png(paper_of(commands))).width - 2 * 30 * PIXELS_PER_DOT) // PIXELS_PER_DOT
            assert width == 504
            assert "X" * letters in [text for _, text in read(Drawer().png(paper_of(commands)))]
