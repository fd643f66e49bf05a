"""What can be wrong with a device.

    Unavailable
    └── DeviceError
        ├── DeviceDisconnected   no link, or it was lost
        ├── DeviceSilent         a link, but no answer in time
        ├── PrinterOutOfPaper
        ├── PrinterCoverOpen
        ├── PrinterFault         cutter, or another fault the printer reports
        └── OutcomeUnknown       content was sent and nothing confirmed it
    Invalid
    ├── BadFrame                 a scanner's frame that is no code
    └── UnprintableBarcode       what the symbology cannot hold

All but OutcomeUnknown promise that nothing of a job was sent to the printer.
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


class PrinterOutOfPaper(DeviceError):
    """The printer is out of paper."""

    hint = "Change the roll; the receipt prints by itself."


class PrinterCoverOpen(DeviceError):
    """The printer's cover is open."""

    hint = "Close the cover; the receipt prints by itself."


class PrinterFault(DeviceError):
    """The printer reports a fault."""

    hint = "Switch the printer off, clear the paper path, and switch it on again."


class OutcomeUnknown(DeviceError):
    """The printer was lost in the middle of its work."""

    hint = "Look whether the receipt came out; if it did not, print a copy."


class BadFrame(Invalid):
    """The scanner sent something that is not a code."""

    hint = "Scan it again."


class UnprintableBarcode(Invalid):
    """{data} cannot be printed as {symbology}."""

    hint = "Check its digits: the last one of an EAN-13 is computed from the others."
