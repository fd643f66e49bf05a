"""What can be wrong with a device.

    Unavailable
    └── DeviceError
        ├── DeviceDisconnected   no link, or it was lost
        ├── DeviceSilent         a link, but no answer in time
        ├── DeviceGarbled        an answer that makes no sense
        ├── DriverMissing        an optional part of our software is not installed
        ├── DeviceBusy           it serves another program
        ├── DeviceRefused        it will not do what it is told
        ├── DeviceUntrusted      it cannot prove who it is
        ├── PrinterOutOfPaper
        ├── PrinterPaperLow      it prints; what a printer tells before it stops
        ├── PrinterCoverOpen
        ├── PrinterFault         cutter, or another fault the printer reports
        ├── DrawerLeftOpen
        ├── OutcomeUnknown       content was sent and nothing confirmed it
        ├── TerminalBusy         another payment is under way
        └── PaymentUnknown       a card may have been charged
    Invalid
    ├── BadFrame                 a scanner's frame that is no code
    ├── UnreadableCard           pulled too early, or silent
    └── UnprintableBarcode       what the symbology cannot hold

All but OutcomeUnknown and PaymentUnknown promise that nothing of a job was sent to the printer, and nothing charged.
"""

from shared.errors import Invalid, Unavailable


class DeviceError(Unavailable):
    """The device at {address} does not work."""

    hint = "Check its cable and its power, then try again."


class DeviceDisconnected(DeviceError):
    """The device at {address} is not connected."""

    hint = "Check its cable and its power; it is used again as soon as it is back."


class DeviceSilent(DeviceError):
    """The device at {address} does not answer."""

    hint = "Switch it off and on again."


class DeviceGarbled(DeviceError):
    """The device sent something that makes no sense."""

    hint = "Check its cable, and that its line is set up as the device is."


class DriverMissing(DeviceError):
    """The software for this device is not installed: shopwright[{extra}]."""

    hint = "Have it installed, then start this box again; the other devices go on."


class DeviceBusy(DeviceError):
    """The device at {address} serves another program."""

    hint = "Stop the other program that uses it; it is used here as soon as it is free."


class DeviceRefused(DeviceError):
    """The device at {address} refuses: {problem}."""

    hint = "Compare its entry in the configuration with what it can do."


class DeviceUntrusted(DeviceError):
    """The device at {address} cannot prove who it is."""

    hint = "Compare its certificate with the one in the configuration; another device may stand in its place."


class PrinterOutOfPaper(DeviceError):
    """The printer is out of paper."""

    hint = "Change the roll; the receipt prints by itself."


class PrinterPaperLow(DeviceError):
    """The printer's paper is near its end."""

    hint = "Have a new roll at hand; it still prints."


class PrinterCoverOpen(DeviceError):
    """The printer's cover is open."""

    hint = "Close the cover; the receipt prints by itself."


class PrinterFault(DeviceError):
    """The printer reports a fault."""

    hint = "Switch the printer off, clear the paper path, and switch it on again."


class DrawerLeftOpen(DeviceError):
    """The cash drawer was left open."""

    hint = "Close it."


class OutcomeUnknown(DeviceError):
    """The printer was lost in the middle of its work."""

    hint = "Look whether the receipt came out; if it did not, print a copy."


class TerminalBusy(DeviceError):
    """The card terminal is busy with another payment."""

    hint = "Wait until that one is finished, or cancel it at the terminal."


class PaymentUnknown(DeviceError):
    """The card terminal was lost in the middle of a payment."""

    hint = "If anything was charged, it is given back by itself; pay in another way, or try again."


class BadFrame(Invalid):
    """The scanner sent something that is not a code."""

    hint = "Scan it again."


class UnreadableCard(Invalid):
    """The card could not be read."""

    hint = "Hold it still on the reader for a moment."


class UnprintableBarcode(Invalid):
    """{data} cannot be printed as {symbology}."""

    hint = "Check its digits: the last one of an EAN-13 is computed from the others."
