"""A drawer that is plugged into a receipt printer, as nearly all are."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from devices.drawers.interface import DrawerState
from devices.printers.interface import Printer
from shared.model.strict import Code, Strict

# What the drawer's switch does to pin 3 of its plug while the drawer is open. Makes differ, and so do cables.
Switch = Literal["not_wired", "high_is_open", "low_is_open"]


class PrinterDrawerSettings(Strict):
    """One drawer of a node."""

    kind: Literal["drawer"]
    make: Literal["printer"]
    name: Code
    printer: Code  # the name of the printer it is plugged into
    switch: Switch = "not_wired"
    left_open_s: Annotated[int, Field(ge=5, le=3_600)] = 60  # open for longer, it is told as a problem


@dataclass(frozen=True, slots=True)
class PrinterDrawer:
    """The printer sends the pulse and does not know why: who asks keeps the reason."""

    printer: Printer
    switch: Switch = "not_wired"

    async def open(self, reason: str) -> None:
        assert reason
        await self.printer.kick_drawer()

    async def state(self) -> DrawerState:
        if self.switch == "not_wired":
            return "unknown"
        is_high = (await self.printer.status()).drawer_open
        return "open" if is_high == (self.switch == "high_is_open") else "closed"


def open_drawer(settings: PrinterDrawerSettings, printer: Printer) -> PrinterDrawer:
    return PrinterDrawer(printer, settings.switch)
