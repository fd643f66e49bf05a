"""A display that a test or a demo holds: it decodes what it is sent, and its rows can be read."""

from dataclasses import dataclass, field

from devices.displays.text import CODE_PAGES, Profile
from devices.ports.simulated import SimulatedLine

ROWS = 2
# Commands that have a meaning here, and how many bytes follow.
COMMANDS = {b"\x1b@": 0, b"\x1bt": 1, b"\x1f$": 2, b"\x1fC": 1}
INTRODUCERS = b"\x1b\x1f"
FIRST_LETTER = 0x20


@dataclass(slots=True)
class SimulatedDisplay:
    """Shows on `rows`. What it does not know it shows as a blank and keeps in `unknown`, newest last."""

    line: SimulatedLine
    profile: Profile = "epson"
    columns: int = 20
    rows: list[str] = field(default_factory=list, init=False)
    unknown: list[str] = field(default_factory=list, init=False)  # hex
    _at: tuple[int, int] = field(default=(0, 0), init=False)  # row, column
    _page: str = field(default="ascii", init=False)
    _rest: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        self._reset()

    async def plug(self) -> None:
        """Switch it on: it is dark."""
        self._reset()
        await self.line.plug(self._hear)

    async def unplug(self) -> None:
        await self.line.unplug()

    def _reset(self) -> None:
        self.rows = [" " * self.columns] * ROWS
        self._at, self._page, self._rest = (0, 0), "ascii", b""

    def _hear(self, data: bytes) -> None:
        data = self._rest + data
        while data:
            length = 1
            if data[0] in INTRODUCERS:
                length = 2 + COMMANDS.get(data[:2], 0)
            if len(data) < max(length, 2 if data[0] in INTRODUCERS else 1):
                break
            self._do(data[:length])
            data = data[length:]
        self._rest = data

    def _do(self, command: bytes) -> None:
        match command[:2]:
            case b"\x1b@":
                self._reset()
            case b"\x0c":
                self.rows = [" " * self.columns] * ROWS
                self._at = (0, 0)
            case b"\x1f$" if 1 <= command[2] <= self.columns and 1 <= command[3] <= ROWS:
                self._at = (command[3] - 1, command[2] - 1)
            case b"\x1bt":
                numbers = {number: page for page, number in CODE_PAGES[self.profile].items()}
                self._page = numbers.get(command[2], "ascii")
                if command[2] not in numbers:
                    self.unknown.append(command.hex())
            case b"\x1fC":
                pass  # the cursor
            case _ if len(command) == 1 and command[0] >= FIRST_LETTER:
                self._put(command)
            case _:
                self.unknown.append(command.hex())

    def _put(self, letter: bytes) -> None:
        row, column = self._at
        try:
            character = letter.decode(self._page)
        except UnicodeDecodeError:
            self.unknown.append(letter.hex())
            character = " "
        self.rows[row] = self.rows[row][:column] + character + self.rows[row][column + 1 :]
        column += 1
        self._at = (row, column) if column < self.columns else ((row + 1) % ROWS, 0)
