"""Trying a device out: what an installer does once on site, and a supporter when somebody calls."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from devices.drawers.interface import Drawer
from devices.errors import BadFrame, DeviceError
from devices.printers.interface import Printer, PrintJob
from devices.scanners.interface import Scan, Scanner
from shared import ids
from shared.receipts.lines import PrintLine

SCAN_WAIT_S = 20.0  # for a hand that has to find a code first
RULER = "1234567890"
SAMPLES = ("Käse 1,99 € · Σύνολο · Сметана", "שלום · مرحبا · 你好")
QR_SAMPLE = "https://example.test/self-test"


class NothingScanned(DeviceError):
    """Nothing was scanned."""

    hint = "Start the test again and scan a code at once; if nothing comes, check the scanner's cable and its settings."


async def scan_once(scanner: Scanner, name: str) -> str:
    """Wait for one scan and say what it was. Raises NothingScanned, BadFrame, DeviceDisconnected."""
    await scanner.open()
    try:
        async with asyncio.timeout(SCAN_WAIT_S):
            return told(await scanner.read())
    except TimeoutError as nothing:
        raise NothingScanned(device=name) from nothing
    finally:
        await scanner.close()


def told(scan: Scan | BadFrame) -> str:
    """Say what was scanned. Raises BadFrame."""
    if isinstance(scan, BadFrame):
        raise scan
    return f"{scan.text} ({scan.symbology})" if scan.symbology else scan.text


async def print_self_test(printer: Printer, name: str) -> str:
    """Print a page that shows the width, the scripts and a QR code. Raises what `print_job` raises."""
    head = (PrintLine(name, "large"), PrintLine("Self-test", "centred"))
    await printer.print_job(PrintJob(ids.new_id(), (*head, *map(PrintLine, (RULER * 5, *SAMPLES))), QR_SAMPLE))
    return ""


async def open_once(drawer: Drawer, name: str) -> str:
    """Open a drawer. Raises what `Drawer.open` raises."""
    await drawer.open("self-test")
    return ""


# By kind of device: takes the device and its name, returns what it read, "" where there is nothing to read.
TRIALS: Mapping[str, Callable[[Any, str], Awaitable[str]]] = {
    "scanner": scan_once,
    "printer": print_self_test,
    "drawer": open_once,
}
