"""A drawer that is plugged into a receipt printer, as nearly all are."""

from dataclasses import dataclass
from typing import Literal

from devices.printers.interface import Printer
from shared.model.strict import Code, Strict


class PrinterDrawerSettings(Strict):
    """One drawer of a node."""

    kind: Literal["drawer"]
    make: Literal["printer"]
    name: Code
    printer: Code  # the name of the printer it is plugged into


@dataclass(frozen=True, slots=True)
class PrinterDrawer:
    """The printer sends the pulse and does not know why: who asks keeps the reason."""

    printer: Printer

    async def open(self, reason: str) -> None:
        assert reason
        await self.printer.kick_drawer()


def open_drawer(_settings: PrinterDrawerSettings, printer: Printer) -> PrinterDrawer:
    return PrinterDrawer(printer)
