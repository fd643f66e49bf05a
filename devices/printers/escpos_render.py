"""From a job to ESC/POS bytes. No port and no clock.

python-escpos writes styles, QR codes and code page changes. Which code page a text gets is decided here, because the
library takes whatever page happens to hold the next letter (Greek alpha among the mathematical signs of page 437),
and sends Chinese as bare GB18030.
"""

import hashlib
import re
import string
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wcwidth import center, iter_graphemes, width

from devices.printers import barcodes, raster
from devices.printers.fonts import FontChain
from devices.printers.interface import CONTROL, PrintJob
from shared.errors import Misconfigured
from shared.receipts.lines import PrintLine

if TYPE_CHECKING:
    from escpos.magicencode import Encoder
    from escpos.printer import Dummy

QR_DOTS_PER_MODULE = 6
FEED_AND_CUT_LINES = 6  # from the print head to the knife, done by python-escpos
# Tried in this order; the rest of the profile's pages follow. 858 is 850 with the euro sign; Latin 437 is on
# every printer; the euro of page ISO 8859-7 is missing on old ones, so Greek goes to 1253 or 737.
CODE_PAGES = ("CP437", "CP858", "CP1252", "CP1253", "CP737", "CP852", "CP1250", "CP866", "CP1251", "CP857", "CP1254")
RIGHT_TO_LEFT = {"R", "AL", "AN"}  # a printer would print these letters in reverse
SUBSTITUTE = "?"
TELL_CHANGES = b"\x1da\xff"  # GS a: tell each change of state; the reset before it made the printer forget
LEAVE_DOUBLE_BYTE = b"\x1c."  # FS .: printers made for China start in a mode that pairs bytes
# Real-time commands, which printers obey wherever the bytes appear.
REAL_TIME = re.compile(rb"\x10(?:\x04[\x01-\x08]|\x05[\x00-\x03]|\x14[\x01-\x08])")

ID_LETTERS = string.digits + string.ascii_letters
ID_LENGTH = 4

STYLES: dict[str, dict[str, object]] = {
    "plain": {"align": "left", "bold": False, "normal_textsize": True},
    "bold": {"align": "left", "bold": True, "normal_textsize": True},
    "large": {"align": "left", "bold": False, "double_width": True, "double_height": True},
    "centred": {"align": "center", "bold": False, "normal_textsize": True},
}


@dataclass(frozen=True, slots=True)
class EscposProfile:
    """One printer's abilities."""

    name: str = "default"  # in python-escpos; decides the numbers of the code pages
    columns: int = 42  # of font A
    fonts: FontChain = field(default_factory=FontChain)  # draw what no code page has


def process_id(job_id: str) -> bytes:
    """Four letters that name the job in the printer's confirmation; one in 14 million clashes."""
    number = int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:8], "big")
    letters = ""
    for _ in range(ID_LENGTH):
        number, digit = divmod(number, len(ID_LETTERS))
        letters += ID_LETTERS[digit]
    return letters.encode()


def render(job: PrintJob, profile: EscposProfile) -> bytes:
    """Return the whole job: reset, logo, lines, codes, cut, and the request for a confirmation (GS ( H).

    A text that no code page holds is drawn as an image; "?" stands for letters that no font has, too. A logo that
    cannot be read and a barcode that is wider than the paper are left out: a receipt is worth more than they are.
    Raises Misconfigured when python-escpos does not know the profile.
    """
    from escpos.constants import QR_ECLEVEL_M

    library = library_of(profile)
    library.hw("INIT")
    parts = [taken(library), LEAVE_DOUBLE_BYTE, TELL_CHANGES]
    if job.logo:
        parts.append(raster.logo(job.logo, profile.columns) or b"")
    parts += [rendered(line, job, library, profile) for line in job.lines]
    if job.barcode:
        parts.append(barcodes.render(job.barcode, profile.columns * raster.CELL_DOTS) or b"")
    if job.qr:
        library.set(align="center")
        library.qr(job.qr, ec=QR_ECLEVEL_M, size=QR_DOTS_PER_MODULE, native=True)
        library.set(align="left")
    if job.cut:
        library.cut()
    parts.append(taken(library))
    parts.append(b"\x1d(H\x06\x00\x30\x30" + process_id(job.job_id))
    content = b"".join(parts)
    assert not REAL_TIME.search(content)
    return content


def library_of(profile: EscposProfile) -> "Dummy":
    """Return python-escpos set up for a profile. Raises Misconfigured when it does not know it."""
    from escpos.printer import Dummy

    try:
        return Dummy(profile=profile.name)
    except KeyError as unknown:
        raise Misconfigured(problem=f"there is no printer profile {profile.name!r}") from unknown


def rendered(line: PrintLine, job: PrintJob, library: "Dummy", profile: EscposProfile) -> bytes:
    """Return one line's bytes; what is wider than the paper goes on in the next line."""
    scale = 2 if line.style == "large" else 1
    columns = profile.columns // scale
    library.set(**STYLES[line.style])
    parts = []
    for text in wrapped(CONTROL.sub(" ", line.text), columns):
        runs = code_page_runs(text, library.magic.encoder)
        if any(page is None for page, _ in runs):
            image = raster.draw(
                center(text, columns) if line.style == "centred" else text,
                profile.fonts,
                profile.columns,
                scale=scale,
                bold=line.style == "bold",
                right_to_left=job.right_to_left,
            )
            if image:
                parts += [taken(library), image]
                continue
        elif job.right_to_left and line.style != "centred":
            runs = code_page_runs(mirrored(text, columns), library.magic.encoder)
        for page, run in runs:
            if page is None:
                library.text(SUBSTITUTE * len(run))
            else:
                library.magic.write_with_encoding(page, run)
        library.text("\n")
    return b"".join([*parts, taken(library)])


def mirrored(text: str, columns: int) -> str:
    """Set the fields of a line the other way round, as they stand on a receipt that runs from right to left."""
    line = ""
    for found in reversed(list(raster.FIELD.finditer(text))):
        end = columns - width(text[: found.start()])
        line = line.ljust(end - width(found[0])) + found[0]
    return line


def unprintable(job: PrintJob, profile: EscposProfile) -> set[str]:
    """Return the letters of a job that neither its code pages nor its fonts have. Raises as `render` does."""
    encoder = library_of(profile).magic.encoder
    doubtful = {
        run
        for line in job.lines
        if not line.text.isascii()
        for page, run in code_page_runs(CONTROL.sub(" ", line.text), encoder)
        if page is None
    }
    letters = {cluster for run in doubtful for cluster in iter_graphemes(run)}
    return {letter for letter in letters if profile.fonts.find(letter) is None}


def wrapped(text: str, columns: int) -> list[str]:
    """Cut a text into lines of at most `columns` cells, at a space where there is one; keeps every letter.

    A letter of Chinese, and an emoji, takes two cells.
    """
    lines = []
    while width(text) > columns:
        whole = fitting(text, columns)
        space = text.rfind(" ", 1, len(whole) + 1)
        end = space if space > 0 and text[:space].strip() else len(whole)
        lines.append(text[:end])
        text = text[end:].removeprefix(" ") if end == space else text[end:]
    return [*lines, text]


def fitting(text: str, columns: int) -> str:
    """Return the beginning of a text that stands in so many cells: one letter with its marks at least."""
    fits = ""
    for cluster in iter_graphemes(text):
        if fits and width(fits + cluster) > columns:
            break
        fits += cluster
    return fits


def code_page_runs(text: str, encoder: "Encoder") -> list[tuple[str | None, str]]:
    """Cut a text into runs, each with the code page that holds it, or None where none does.

    One page for the whole text is best; otherwise the page that reaches furthest, again and again.
    """
    pages = [page for page in CODE_PAGES if page in encoder.codepages]
    pages += sorted(set(encoder.codepages) - set(pages))
    runs: list[tuple[str | None, str]] = []
    while text:
        best, end = None, 0
        for page in pages:
            if (reached := reach(text, page, encoder)) > end:
                best, end = page, reached
            if end == len(text):
                break
        end = end or 1
        runs.append((best, text[:end]))
        text = text[end:]
    return runs


def reach(text: str, page: str, encoder: "Encoder") -> int:
    """Return how many characters from the start of `text` the code page holds."""
    for index, character in enumerate(text):
        if unicodedata.bidirectional(character) in RIGHT_TO_LEFT or not encoder.can_encode(page, character):
            return index
    return len(text)


def taken(library: "Dummy") -> bytes:
    """Take what python-escpos has written so far."""
    content = bytes(library.output)
    library.clear()
    return content
