"""What any receipt printer promises."""

import re
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.receipts.lines import PrintLine

LINES_MAX = 5_000  # ten times the longest receipt; 20 m of paper
QR_BYTES_MAX = 1_000  # a receipt's link has 100; more makes a code too fine for a thermal printer
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One piece of paper."""

    job_id: str  # names the job in the printer's confirmation
    lines: tuple[PrintLine, ...]
    qr: str | None  # what the code under the text says; no control characters
    cut: bool = True

    def __post_init__(self) -> None:
        assert self.job_id
        assert len(self.lines) <= LINES_MAX
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

        Raises PrinterOutOfPaper, PrinterCoverOpen, PrinterFault, DeviceDisconnected or DeviceSilent when nothing of
        the job was sent, OutcomeUnknown when some was and no confirmation came. After a cancellation the outcome is
        unknown, too.
        """

    async def status(self) -> PrinterStatus:
        """Ask now. Raises DeviceDisconnected, DeviceSilent."""

    async def kick_drawer(self) -> None:
        """Open the drawer that is plugged into the printer; errors as for `print_job`.

        Refused while paper is out or the cover is open: the printer would keep the kick and open the drawer later,
        with nobody there.
        """

    async def close(self) -> None:
        """Give the link up; the next call makes a new one."""
