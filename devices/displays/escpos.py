"""Pole displays that speak the display commands of ESC/POS (Epson DM-D and the many that follow it)."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from devices.displays.interface import Row
from devices.displays.text import CODE_PAGES, Profile, encoded, fitted
from devices.ports.line import LineSettings, port_of
from devices.ports.port import Port
from shared.model.strict import Code, Name

COLUMNS = 20
RESET, CLEAR, CURSOR_OFF = b"\x1b@", b"\x0c", b"\x1fC\x00"
GO_TO = b"\x1f$"  # US $ column row, both from 1

TIMEOUT_S = 2.0  # both rows take 60 ms at 9600 baud


class EscposDisplaySettings(LineSettings):
    """One customer display of a node."""

    kind: Literal["display"]
    make: Literal["escpos"]
    name: Code
    columns: Annotated[int, Field(ge=10, le=40)] = COLUMNS
    profile: Profile = "epson"
    lane: Code = "kiosk"  # whose basket it shows
    idle_text: Name | None = None  # while nobody is served; the store's name if not told


def render(upper: Row, lower: Row, profile: Profile = "epson", columns: int = COLUMNS) -> bytes:
    """Return the bytes that overwrite both rows. Nothing is cleared first, so nothing flickers.

    Source: Epson DM-D series user's manual, US $ and ESC t.
    """
    pages = CODE_PAGES[profile]
    return b"".join(
        GO_TO + bytes([1, number]) + encoded(fitted(row, pages, columns), pages)
        for number, row in enumerate((upper, lower), start=1)
    )


@dataclass(slots=True)
class EscposDisplay:
    """A display at the other end of a port. It only listens."""

    port: Port
    profile: Profile = "epson"
    columns: int = COLUMNS
    timeout_s: float = TIMEOUT_S
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _is_open: bool = field(default=False, init=False)

    async def show(self, upper: Row, lower: Row) -> None:
        content = render(upper, lower, self.profile, self.columns)
        async with self._turn, AsyncExitStack() as on_failure:
            on_failure.push_async_callback(self._drop)
            if not self._is_open:
                await self.port.open()
                self._is_open = True
                content = RESET + CLEAR + CURSOR_OFF + content
            await self.port.write(content, self.timeout_s)
            on_failure.pop_all()

    async def close(self) -> None:
        async with self._turn:
            await self._drop()

    async def _drop(self) -> None:
        self._is_open = False
        await self.port.close()


def open_display(settings: EscposDisplaySettings) -> EscposDisplay:
    return EscposDisplay(port_of(settings), settings.profile, settings.columns)
