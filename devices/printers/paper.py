"""What a virtual printer puts on paper.

Written from the command reference alone and sharing nothing with the driver's rendering, so that the one can judge
the other.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

# Numbers of ESC t on Epson's TM-T88V and most others.
CODE_PAGES = {
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    13: "cp857",
    14: "cp737",
    15: "iso8859_7",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
    21: "cp874",
    32: "cp720",
    33: "cp775",
    34: "cp855",
    35: "cp861",
    36: "cp862",
    37: "cp864",
    38: "cp869",
    39: "iso8859_2",
    40: "iso8859_15",
    45: "cp1250",
    46: "cp1251",
    47: "cp1253",
    48: "cp1254",
    49: "cp1255",
    50: "cp1256",
    51: "cp1257",
    52: "cp1258",
}
ALIGNMENTS: dict[int, Literal["left", "centre", "right"]] = {0: "left", 1: "centre", 2: "right"}


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line on the paper."""

    text: str
    bold: bool = False
    wide: bool = False
    tall: bool = False
    align: Literal["left", "centre", "right"] = "left"

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


@dataclass(frozen=True, slots=True)
class PrintedReceipt:
    """One piece of paper, as it came out."""

    lines: tuple[PrintedLine, ...]
    qrs: tuple[str, ...]
    rasters: tuple[Raster, ...]
    columns: int
    is_cut: bool
    process_id: str | None  # of the job that asked for a confirmation after it
    raw: bytes  # the commands that printed it
    unknown: tuple[str, ...]  # commands the printer does not know, as hex: a driver's mistakes

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
            "rasters": len(self.rasters),
            "cut": self.is_cut,
            "process_id": self.process_id,
            "unknown": list(self.unknown),
        }


@dataclass(slots=True)
class Paper:
    """Prints command after command; `tear` hands over what has been printed since the last time."""

    columns: int
    _style: PrintedLine = field(default_factory=lambda: PrintedLine(""), init=False)
    _page: int = field(default=0, init=False)
    _line: str = field(default="", init=False)
    _lines: list[PrintedLine] = field(default_factory=list, init=False)
    _qr: str = field(default="", init=False)
    _qrs: list[str] = field(default_factory=list, init=False)
    _rasters: list[Raster] = field(default_factory=list, init=False)
    _unknown: list[str] = field(default_factory=list, init=False)
    _raw: bytearray = field(default_factory=bytearray, init=False)

    @property
    def is_blank(self) -> bool:
        return not (self._line or self._lines or self._qrs or self._rasters)

    def tear(self, *, is_cut: bool = False, process_id: str | None = None) -> PrintedReceipt:
        if self._line:
            self._end_line()
        receipt = PrintedReceipt(
            lines=tuple(self._lines),
            qrs=tuple(self._qrs),
            rasters=tuple(self._rasters),
            columns=self.columns,
            is_cut=is_cut,
            process_id=process_id,
            raw=bytes(self._raw),
            unknown=tuple(self._unknown),
        )
        for part in (self._lines, self._qrs, self._rasters, self._unknown, self._raw):
            part.clear()
        return receipt

    def reset(self) -> None:
        """ESC @: forget the line in the buffer and every mode."""
        self._style, self._page, self._line, self._qr = PrintedLine(""), 0, "", ""

    def print(self, command: bytes) -> None:
        """Carry out one whole command, or one run of text."""
        self._raw += command
        match command[:2]:
            case b"\x1b!":
                mode = command[2]
                self._style = replace(self._style, bold=bool(mode & 8), tall=bool(mode & 16), wide=bool(mode & 32))
            case b"\x1bE":
                self._style = replace(self._style, bold=bool(command[2] & 1))
            case b"\x1ba":
                self._style = replace(self._style, align=ALIGNMENTS[command[2] & 3])
            case b"\x1bt":
                self._page = command[2]
            case b"\x1bd":
                self._feed(command[2])
            case b"\x1d!":
                self._style = replace(self._style, wide=bool(command[2] & 0x70), tall=bool(command[2] & 7))
            case b"\x1d(" if command[2:3] == b"k":
                self._two_dimensional_code(command[5:])
            case b"\x1dv":
                width, height = (int.from_bytes(command[at : at + 2], "little") for at in (4, 6))
                self._rasters.append(Raster(width, height, command[8:]))
            case _:
                self._plain(command)

    def _plain(self, command: bytes) -> None:
        if command == b"\n":
            self._end_line()
        elif command[0] >= 0x20:
            self._type(command)
        elif command[:2] not in HARMLESS and command != b"\r":
            self._unknown.append(command.hex())

    def _type(self, text: bytes) -> None:
        room = self.columns // 2 if self._style.wide else self.columns
        for letter in text.decode(CODE_PAGES.get(self._page, "ascii"), errors="replace"):
            if len(self._line) == room:
                self._end_line()
            self._line += letter

    def _end_line(self) -> None:
        self._lines.append(replace(self._style, text=self._line))
        self._line = ""

    def _feed(self, lines: int) -> None:
        """Print the line in the buffer; the white space below it is not kept."""
        if self._line and lines:
            self._end_line()

    def _two_dimensional_code(self, data: bytes) -> None:
        """GS ( k for QR codes: function 80 stores the content, 81 prints it; others set how it looks."""
        if data[:3] == b"1P0":
            self._qr = data[3:].decode()
        elif data[:3] == b"1Q0":
            self._qrs.append(self._qr)
        elif data[:1] != b"1":
            self._unknown.append(data.hex())


# Commands that change how things look in ways nobody here asks about: font, underline, inverse, line spacing, margins.
HARMLESS = {
    b"\x1bM",
    b"\x1b-",
    b"\x1b2",
    b"\x1b3",
    b"\x1b{",
    b"\x1bR",
    b"\x1c.",
    b"\x1dB",
    b"\x1db",
    b"\x1dL",
    b"\x1dW",
}
