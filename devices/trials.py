"""Trying a device out: what an installer does once on site, and a supporter when somebody calls."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from devices.card_readers.interface import Card, CardReader
from devices.card_readers.ndef import TextRecord
from devices.card_terminals.interface import CardTerminal
from devices.displays.interface import Display, Row
from devices.drawers.interface import Drawer
from devices.errors import BadFrame, DeviceError, UnreadableCard
from devices.printers.interface import Barcode, Printer, PrintJob
from devices.rfid.interface import TagReader
from devices.scales.interface import Scale
from devices.scanners.interface import Scan, Scanner
from shared import epc, ids
from shared.receipts.lines import PrintLine

SCAN_WAIT_S = 20.0  # for a hand that has to find a code, or a card, first
SETTLE_WAIT_S = 5.0
LOOK_EVERY_S = 0.2
SHOWN_TIMES = 15  # three seconds
TAGS_WAIT_S = 3.0
TAGS_TOLD_MAX = 5
RULER = "1234567890"
SAMPLES = ("Käse 1,99 € · Σύνολο · Сметана", "שלום · مرحبا · 你好")
QR_SAMPLE = "https://example.test/self-test"
BARCODE_SAMPLE = Barcode("code128", "SELF-TEST")


class NothingScanned(DeviceError):
    """Nothing was scanned."""

    hint = "Start the test again and scan a code at once; if nothing comes, check the scanner's cable and its settings."


class NoCardShown(DeviceError):
    """No card was put on the reader."""

    hint = "Start the test again and put a card on the reader at once; if nothing comes, try another card."


class NothingSettled(DeviceError):
    """The scale shows no settled weight."""

    hint = "Take everything off, set it to zero, put one thing on it and leave it alone; then test again."


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
    """Print a page that shows the width, the scripts, bars and a QR code. Raises what `print_job` raises."""
    head = (PrintLine(name, "large"), PrintLine("Self-test", "centred"))
    lines = (*head, *map(PrintLine, (RULER * 5, *SAMPLES)))
    await printer.print_job(PrintJob(ids.new_id(), lines, QR_SAMPLE, barcode=BARCODE_SAMPLE))
    return ""


async def open_once(drawer: Drawer, name: str) -> str:
    """Open a drawer. Raises what `Drawer.open` raises."""
    await drawer.open("self-test")
    return ""


async def weigh_once(scale: Scale, name: str) -> str:
    """Read one settled weight. Raises NothingSettled, and what `Scale.read` raises."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLE_WAIT_S):
            while True:
                reading = await scale.read()
                if reading.is_stable or reading.status == "zero":
                    return str(reading.net or 0)
                await asyncio.sleep(LOOK_EVERY_S)
    raise NothingSettled(device=name)


async def show_once(display: Display, name: str) -> str:
    """Show a text for some seconds. Raises what `Display.show` raises."""
    for _ in range(SHOWN_TIMES):  # its lane may show something else in between
        await display.show(Row(name), Row("Self-test", "1.23"))
        await asyncio.sleep(LOOK_EVERY_S)
    return ""


async def read_card_once(reader: CardReader, name: str) -> str:
    """Wait for one card and say what is on it. Raises NoCardShown, UnreadableCard, and what `CardReader` raises."""
    await reader.open()
    try:
        async with asyncio.timeout(SCAN_WAIT_S):
            return told_card(await reader.read())
    except TimeoutError as nothing:
        raise NoCardShown(device=name) from nothing
    finally:
        await reader.close()


def told_card(card: Card | UnreadableCard) -> str:
    """Say what is on a card: its UID, or else its kind, and its texts. Raises UnreadableCard."""
    if isinstance(card, UnreadableCard):
        raise card
    texts = [record.text if isinstance(record, TextRecord) else record.uri for record in card.records]
    return ", ".join([card.uid or card.atr, *texts])


async def check_once(terminal: CardTerminal, name: str) -> str:
    """Ask a terminal whether it could take a payment; no money moves. Raises what `CardTerminal.check` raises."""
    await terminal.check()
    return ""


async def read_tags_once(reader: TagReader, name: str) -> str:
    """Look for tags for some seconds; say how many there are, and which came first. Raises what `TagReader` raises."""
    found: dict[str, None] = {}  # in the order in which they came
    await reader.open()
    try:
        await reader.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(TAGS_WAIT_S):
                while True:
                    seen = await reader.read()
                    found |= dict.fromkeys(epc.told(read.epc) for read in seen.reads)
        await reader.stop()
    finally:
        await reader.close()
    first = list(found)[:TAGS_TOLD_MAX]
    return f"{len(found)} EPC{': ' if first else ''}{', '.join(first)}{', …' if len(found) > len(first) else ''}"


# By kind of device: takes the device and its name, returns what it read, "" where there is nothing to read.
TRIALS: Mapping[str, Callable[[Any, str], Awaitable[str]]] = {
    "scanner": scan_once,
    "printer": print_self_test,
    "drawer": open_once,
    "scale": weigh_once,
    "display": show_once,
    "card_reader": read_card_once,
    "card_terminal": check_once,
    "rfid": read_tags_once,
}
