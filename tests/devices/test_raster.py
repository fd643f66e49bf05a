"""Lines and logos as dots. What a script looks like is looked at by people; here stands what must hold of the dots."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from devices.printers import raster
from devices.printers.escpos_commands import take_command
from devices.printers.escpos_render import EscposProfile, render, unprintable
from devices.printers.fonts import FontChain, knows_directions, package_for
from devices.printers.interface import PrintJob
from devices.printers.paper import Paper
from devices.printers.printed import PrintedReceipt
from shared.receipts.lines import PrintLine

COLUMNS = 42
WIDTH = COLUMNS * 12
SCRIPTS = {
    "Hebrew": "חלב טרי",
    "Arabic": "تفاح أحمر",
    "Chinese": "龙井茶",
    "Devanagari": "हिन्दी",
    "an emoji": "😀",
    "emoji of several parts": "👨‍👩‍👧 👍🏽",
}
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
needs_dejavu = pytest.mark.skipif(not DEJAVU.is_file(), reason="fonts-dejavu-core is not installed")
needs_fribidi = pytest.mark.skipif(not knows_directions(), reason="libfribidi0 is not installed")


def printed(commands: bytes) -> PrintedReceipt:
    paper, buffer = Paper(COLUMNS), bytearray(commands)
    while command := take_command(buffer):
        paper.print(command)
    return paper.tear()


def picture(commands: bytes) -> Image.Image:
    """Return what a printer makes of the commands, ink as 255."""
    bands = printed(commands).rasters
    dots = b"".join(band.dots for band in bands)
    return Image.frombytes("1", (bands[0].width_bytes * 8, sum(band.height for band in bands)), dots).convert("L")


def line(text: str, fonts: FontChain | None = None, *, right_to_left: bool = False, bold: bool = False) -> Image.Image:
    drawn = raster.draw(text, fonts or FontChain(), COLUMNS, right_to_left=right_to_left, bold=bold)
    assert drawn
    return picture(drawn)


def ink(image: Image.Image) -> tuple[int, int]:
    """Return the first and the last column that has ink."""
    box = image.getbbox()
    assert box
    return box[0], box[2]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_line_in_any_script_is_drawn_where_a_font_is_installed(script: str) -> None:
    text = SCRIPTS[script]
    job = PrintJob("order-1", (PrintLine(text),), qr=None)
    if lacking := unprintable(job, EscposProfile()):
        pytest.skip(f"not installed: {', '.join(sorted({package_for(letter[0]) for letter in lacking}))}")

    receipt = printed(render(job, EscposProfile()))

    assert receipt.rasters
    assert receipt.text == ""


@needs_dejavu
@needs_fribidi
def test_a_line_may_mix_scripts_and_runs_as_its_readers_read() -> None:
    runs = raster.runs("שלום (abc) 12% לחם", FontChain())

    # From left to right on the paper; what runs from right to left is written as it is read.
    assert [(run.text, run.is_right_to_left) for run in runs] == [
        ("לחם", True),
        (" ", True),
        ("12%", False),
        (") ", True),
        ("abc", False),
        ("(", True),  # set in another font than the word beside it
        ("שלום ", True),
    ]


@needs_dejavu
@needs_fribidi
def test_a_foreign_name_on_a_hebrew_receipt_is_read_from_the_right() -> None:
    runs = raster.runs("Coca-Cola זירו 1.5L", FontChain(), right_to_left=True)

    assert [run.text.strip() for run in runs if run.text != " "] == ["1.5L", "זירו", "Coca-Cola"]


@needs_dejavu
@needs_fribidi
def test_letters_that_are_apart_on_paper_are_no_run() -> None:
    runs = raster.runs("abc שלום 1.5L", FontChain())

    assert [run.text.strip() for run in runs] == ["abc", "1.5", "שלום", "L"]


@needs_dejavu
def test_amounts_look_as_the_printer_s_own_do() -> None:
    """Font A of a printer is a typewriter's: twelve dots a letter."""
    fonts = FontChain()

    for text in ("12.50", "-0.20", "TOTAL", "Crème"):
        assert raster.drawn(text, fonts, 1).width == 12 * len(text)
    (face,) = {run.face for run in raster.runs("שלום", fonts)}
    assert face
    assert not face.is_typewriter


@needs_dejavu
def test_what_stands_in_columns_keeps_them() -> None:
    left, right = ink(line("Ω 2 dozen" + "12.50".rjust(COLUMNS - 9)))
    indented, _ = ink(line("  Ω"))
    middle = sum(ink(line("Ωραία!".center(COLUMNS)))) / 2

    assert left <= 2
    assert right >= WIDTH - 2
    assert 24 <= indented <= 27
    assert abs(middle - WIDTH / 2) <= 4


@needs_dejavu
@needs_fribidi
def test_a_receipt_that_runs_from_right_to_left_begins_at_the_right_edge() -> None:
    first, last = ink(line("שלום", right_to_left=True))

    assert last >= WIDTH - 2
    assert first > WIDTH / 2


@needs_dejavu
def test_a_text_wider_than_its_cells_is_made_narrower_and_touches_no_other() -> None:
    image = line("WWWWWWWWWWΩ" + "12.50".rjust(COLUMNS - 11))

    assert image.crop((11 * 12 + 7, 0, WIDTH - 5 * 15, image.height)).getbbox() is None


@needs_dejavu
def test_bold_has_more_ink() -> None:
    assert sum(line("Ωmega", bold=True).tobytes()) > 1.2 * sum(line("Ωmega").tobytes())


def test_without_any_font_nothing_is_drawn(tmp_path: Path) -> None:
    no_font = tmp_path / "no.ttf"
    no_font.write_bytes(b"not a font")

    assert raster.draw("茶", FontChain((str(no_font), str(tmp_path / "missing.ttf"))), COLUMNS) is None


@pytest.mark.parametrize(
    ("letter", "package"),
    [("茶", "fonts-noto-cjk"), ("한", "fonts-noto-cjk"), ("🎁", "fonts-noto-color-emoji"), ("ह", "fonts-noto-core")],
)
def test_a_letter_without_a_font_names_the_package_that_has_one(letter: str, package: str) -> None:
    fontless = EscposProfile(fonts=FontChain(()))

    assert unprintable(PrintJob("order-1", (PrintLine(f"tea {letter}"),), qr=None), fontless) == {letter}
    assert package_for(letter) == package


@given(st.binary(min_size=8 * 3, max_size=8 * 3), st.sampled_from([1, 2, 3, 8]))
def test_no_image_holds_a_real_time_command_and_no_row_is_lost(dots: bytes, row_bytes: int) -> None:
    poisoned = dots[:10] + b"\x10\x04\x01" + dots[13:]

    bands = list(raster.harmless(poisoned, row_bytes))

    assert not any(raster.REAL_TIME_START.search(band) for band in bands)
    assert all(len(band) % row_bytes == 0 for band in bands)
    assert b"".join(bands).replace(b"\x18", b"\x10") == poisoned.replace(b"\x18", b"\x10")


def test_a_command_across_two_rows_costs_no_dot() -> None:
    dots = b"\x00\x10" + b"\x04\x01" + b"\x00\x00"

    assert list(raster.harmless(dots, 2)) == [b"\x00\x10", b"\x04\x01\x00\x00"]


def png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_a_logo_is_dithered_in_the_middle_and_its_transparent_parts_stay_white() -> None:
    logo = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    logo.paste((128, 128, 128, 255), (50, 0, 150, 100))

    commands = raster.logo(png(logo), COLUMNS)

    assert commands
    image = picture(commands)
    assert image.height == 100
    assert ink(image) == (WIDTH // 2 - 50, WIDTH // 2 + 50)
    assert 0.4 < image.crop((WIDTH // 2 - 50, 0, WIDTH // 2 + 50, 100)).resize((1, 1)).getpixel((0, 0)) / 255 < 0.6  # type: ignore[operator]


def test_a_large_logo_is_made_to_fit() -> None:
    commands = raster.logo(png(Image.new("L", (1_900, 1_900), 0)), COLUMNS)

    assert commands
    assert picture(commands).getbbox() == (132, 0, 132 + raster.LOGO_HEIGHT_MAX, raster.LOGO_HEIGHT_MAX)


@pytest.mark.parametrize(
    "file",
    [b"", b"GIF89a", png(Image.new("1", (8, 8)))[:40], png(Image.new("1", (raster.LOGO_SIDE_MAX + 1, 1)))],
)
def test_a_logo_that_cannot_be_read_costs_no_receipt(file: bytes) -> None:
    content = render(PrintJob("order-1", (PrintLine("Milk"),), qr=None, logo=file), EscposProfile())

    assert b"\x1dv0" not in content
    assert b"Milk\n" in content
