"""What came out of a printer, from top to bottom."""

from dataclasses import dataclass
from typing import Literal

Alignment = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line on the paper."""

    text: str
    bold: bool = False
    wide: bool = False
    tall: bool = False
    align: Alignment = "left"

    def placed(self, columns: int) -> str:
        """The text where it stands on the paper."""
        room = columns // 2 if self.wide else columns
        if self.align == "left":
            return self.text
        return (self.text.center(room) if self.align == "centre" else self.text.rjust(room)).rstrip()


@dataclass(frozen=True, slots=True)
class Raster:
    """One image: rows of `width_bytes`, the highest bit at the left, 1 is black."""

    width_bytes: int
    height: int
    dots: bytes
    align: Alignment = "left"


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code and how large its modules are, in dots."""

    text: str
    module_dots: int
    align: Alignment = "left"


@dataclass(frozen=True, slots=True)
class Bars:
    """A barcode. text: what a scanner reads; of code128, FNC1 is 0x1D."""

    symbology: Literal["ean13", "code128"]
    text: str
    module_dots: int
    height: int  # dots
    is_told: bool  # whether the text stands below
    align: Alignment = "left"


Part = PrintedLine | Raster | QrCode | Bars


@dataclass(frozen=True, slots=True)
class PrintedReceipt:
    """One piece of paper, as it came out."""

    parts: tuple[Part, ...]  # from top to bottom
    columns: int
    is_cut: bool
    process_id: str | None  # of the job that asked for a confirmation after it
    raw: bytes  # the commands that printed it
    unknown: tuple[str, ...]  # commands the printer does not know, as hex: a driver's mistakes

    @property
    def lines(self) -> tuple[PrintedLine, ...]:
        return tuple(part for part in self.parts if isinstance(part, PrintedLine))

    @property
    def rasters(self) -> tuple[Raster, ...]:
        return tuple(part for part in self.parts if isinstance(part, Raster))

    @property
    def qrs(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts if isinstance(part, QrCode))

    @property
    def barcodes(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts if isinstance(part, Bars))

    @property
    def text(self) -> str:
        """The whole text, one printed line a line, centred lines centred."""
        return "\n".join(line.placed(self.columns) for line in self.lines)

    def to_json(self) -> dict[str, object]:
        """What `json.dumps` takes."""
        return {
            "text": self.text,
            "lines": [
                {"text": line.text, "bold": line.bold, "wide": line.wide, "tall": line.tall, "align": line.align}
                for line in self.lines
            ],
            "qrs": list(self.qrs),
            "barcodes": list(self.barcodes),
            "rasters": len(self.rasters),
            "cut": self.is_cut,
            "process_id": self.process_id,
            "unknown": list(self.unknown),
        }
