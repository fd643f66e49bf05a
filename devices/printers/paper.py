"""What a virtual printer puts on paper.

Written from the command reference alone and sharing nothing with the driver's rendering, so that the one can judge
the other.
"""

import re
from dataclasses import dataclass, field, replace

from devices.printers.printed import Alignment, Bars, Part, PrintedLine, PrintedReceipt, QrCode, Raster

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
ALIGNMENTS: dict[int, Alignment] = {0: "left", 1: "centre", 2: "right"}
# How codes look after a reset.
QR_MODULE_DOTS = 3
STANDARD_BARS = Bars("code128", "", module_dots=3, height=162, is_told=False)


@dataclass(slots=True)
class Paper:
    """Prints command after command; `tear` hands over what has been printed since the last time."""

    columns: int
    _style: PrintedLine = field(default_factory=lambda: PrintedLine(""), init=False)
    _page: int = field(default=0, init=False)
    _line: str = field(default="", init=False)
    _parts: list[Part] = field(default_factory=list, init=False)
    _qr: QrCode = field(default_factory=lambda: QrCode("", QR_MODULE_DOTS), init=False)
    _bars: Bars = field(default_factory=lambda: STANDARD_BARS, init=False)
    _unknown: list[str] = field(default_factory=list, init=False)
    _raw: bytearray = field(default_factory=bytearray, init=False)

    @property
    def is_blank(self) -> bool:
        return not (self._line or self._parts)

    def tear(self, *, is_cut: bool = False, process_id: str | None = None) -> PrintedReceipt:
        if self._line:
            self._end_line()
        receipt = PrintedReceipt(
            parts=tuple(self._parts),
            columns=self.columns,
            is_cut=is_cut,
            process_id=process_id,
            raw=bytes(self._raw),
            unknown=tuple(self._unknown),
        )
        for kept in (self._parts, self._unknown, self._raw):
            kept.clear()
        return receipt

    def reset(self) -> None:
        """ESC @: forget the line in the buffer and every mode."""
        self._style, self._page, self._line = PrintedLine(""), 0, ""
        self._qr, self._bars = QrCode("", QR_MODULE_DOTS), STANDARD_BARS

    def print(self, command: bytes) -> None:
        """Carry out one whole command, or one run of text or of NULs, which print nothing."""
        if command[0] == 0:
            return
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
            case b"\x1dv":
                width, height = (int.from_bytes(command[at : at + 2], "little") for at in (4, 6))
                self._parts.append(Raster(width, height, command[8:], self._style.align))
            case b"\x1d(" | b"\x1dh" | b"\x1dw" | b"\x1dH" | b"\x1dk":
                self._code(command)
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
        self._parts.append(replace(self._style, text=self._line))
        self._line = ""

    def _feed(self, lines: int) -> None:
        """Print the line in the buffer; the white space below it is not kept."""
        if self._line and lines:
            self._end_line()

    def _code(self, command: bytes) -> None:
        match command[:2]:
            case b"\x1dh":
                self._bars = replace(self._bars, height=command[2])
            case b"\x1dw":
                self._bars = replace(self._bars, module_dots=command[2])
            case b"\x1dH":
                self._bars = replace(self._bars, is_told=command[2] in b"\x02\x03")
            case b"\x1dk":
                self._barcode(command)
            case _ if command[2:3] == b"k":
                self._two_dimensional_code(command[5:])
            case _:
                self._unknown.append(command.hex())

    def _two_dimensional_code(self, data: bytes) -> None:
        """GS ( k for QR codes: function 67 sets the size, 80 stores the content, 81 prints it."""
        if data[:2] == b"1C":
            self._qr = replace(self._qr, module_dots=data[2])
        elif data[:3] == b"1P0":
            self._qr = replace(self._qr, text=data[3:].decode(errors="replace"))
        elif data[:3] == b"1Q0":
            self._parts.append(replace(self._qr, align=self._style.align))
        elif data[:1] != b"1":
            self._unknown.append(data.hex())

    def _barcode(self, command: bytes) -> None:
        """GS k, function B."""
        bars = replace(self._bars, align=self._style.align)
        if command[2] == 67 and re.fullmatch(rb"[0-9]{13}", command[4:]):
            self._parts.append(replace(bars, symbology="ean13", text=command[4:].decode("ascii")))
        elif command[2] == 73 and (text := code128_text(command[4:])):
            self._parts.append(replace(bars, symbology="code128", text=text))
        else:
            self._unknown.append(command.hex())


def code128_text(data: bytes) -> str:
    """Read what GS k says as Code 128: {A, {B, {C choose a set, {1 is FNC1, {{ a brace; empty without a set."""
    text, code_set = "", b""
    for token in re.findall(rb"\{[A-C1-4S{]|[^{]", data, re.DOTALL):
        if token in (b"{A", b"{B", b"{C"):
            code_set = token
        elif not code_set or token[0] > 0x7F:
            return ""
        elif token == b"{1":
            text += "\x1d"
        elif code_set == b"{C":
            text += f"{token[0]:02d}"
        else:
            text += token[-1:].decode("latin-1")
    return text


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
    b"\x1df",
    b"\x1dL",
    b"\x1dW",
}
