"""What any receipt printer promises."""

import re
from dataclasses import dataclass
from typing import Literal, Protocol

from devices.errors import UnprintableBarcode
from shared.barcodes import check_digit
from shared.model.logo import LOGO_BYTES_MAX
from shared.receipts.lines import PrintLine

LINES_MAX = 5_000  # ten times the longest receipt; 20 m of paper
QR_BYTES_MAX = 1_000  # a receipt's link has 100; more makes a code too fine for a thermal printer
BARCODE_LETTERS_MAX = 48  # the longest element string of GS1-128
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Barcode:
    """Bars under the text, with what they say in letters below them.

    data: of ean13, thirteen digits; of code128, printable ASCII; of gs1_128, an element string, in which FNC1 (0x1D)
    ends values of open length. Raises UnprintableBarcode for anything else, a wrong check digit among it.
    """

    symbology: Literal["ean13", "code128", "gs1_128"]
    data: str

    def __post_init__(self) -> None:
        if not SYMBOLOGIES[self.symbology].fullmatch(self.data):
            raise UnprintableBarcode(symbology=self.symbology, data=self.data[:BARCODE_LETTERS_MAX])
        if self.symbology == "ean13" and check_digit(self.data[:-1]) != self.data[-1]:
            raise UnprintableBarcode(symbology=self.symbology, data=self.data)


SYMBOLOGIES = {
    "ean13": re.compile(r"[0-9]{13}"),
    "code128": re.compile(rf"[ -~]{{1,{BARCODE_LETTERS_MAX}}}"),
    "gs1_128": re.compile(rf"(?=[0-9]{{2}})[!-\"%-?A-Z_a-z\x1d]{{1,{BARCODE_LETTERS_MAX}}}"),
}


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One piece of paper."""

    job_id: str  # names the job in the printer's confirmation
    lines: tuple[PrintLine, ...]
    qr: str | None  # what the code under the text says; no control characters
    cut: bool = True
    barcode: Barcode | None = None  # between the text and the QR code
    logo: bytes | None = None  # above the text: a PNG
    right_to_left: bool = False  # columns begin at the right edge

    def __post_init__(self) -> None:
        assert self.job_id
        assert len(self.lines) <= LINES_MAX
        assert self.logo is None or len(self.logo) <= LOGO_BYTES_MAX
        assert self.qr is None or (0 < len(self.qr.encode()) <= QR_BYTES_MAX and not CONTROL.search(self.qr))


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """What the printer says about itself just now."""

    online: bool
    paper: Literal["ok", "near_end", "out"]
    cover_open: bool
    error: bool  # cutter, or another fault that needs a person
    drawer_open: bool  # the drawer's switch as it reads: high. What that means is the drawer's setting


class Printer(Protocol):
    """A receipt printer. Each driver passes tests/devices/test_printers.py."""

    async def print_job(self, job: PrintJob) -> None:
        """Print, and return only after the printer itself confirmed that the content is on paper.

        Raises PrinterOutOfPaper, PrinterCoverOpen, PrinterFault, DeviceDisconnected, DeviceSilent or DeviceRefused when
        nothing of the job was sent, OutcomeUnknown when some was and no confirmation came. After a cancellation the
        outcome is unknown, too.
        """

    async def status(self) -> PrinterStatus:
        """Ask now. Raises DeviceDisconnected, DeviceSilent."""

    async def changed(self) -> None:
        """Return when the printer tells by itself that its state changed, or when there is no link: ask `status` then.

        A printer that tells nothing never returns: ask now and then, too. A cancellation loses nothing.
        """

    async def kick_drawer(self) -> None:
        """Open the drawer that is plugged into the printer; errors as for `print_job`.

        Refused while paper is out or the cover is open: the printer would keep the kick and open the drawer later,
        with nobody there.
        """

    async def close(self) -> None:
        """Give the link up; the next call makes a new one."""
