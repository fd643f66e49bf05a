"""Our printed bytes, judged by a printer that others wrote: emupos 0.4, which needs a Python of its own (3.13)."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
import zxingcpp
from PIL import Image

from devices.errors import PrinterCoverOpen, PrinterOutOfPaper
from devices.ports.tcp import TcpPort
from devices.printers.escpos import EscposPrinter
from devices.printers.escpos_commands import take_command
from devices.printers.escpos_render import EscposProfile, render
from devices.printers.fonts import FontChain
from devices.printers.interface import Barcode, PrintJob
from devices.printers.paper import Paper
from edge.demo.daemons import free_port
from shared.model.store import Language
from shared.receipts.document import of_order
from shared.receipts.lines import PrintLine
from shared.receipts.paper import lay_out
from tests.builders import order, sold, store

INSTALLED = Path(__file__).parents[2] / ".setup" / "emupos" / "bin" / "emupos"
EMUPOS = str(INSTALLED) if INSTALLED.is_file() else shutil.which("emupos")
pytestmark = pytest.mark.skipif(EMUPOS is None, reason="emupos is not installed: it needs Python 3.13")
COLUMNS = 48
# Epson's numbers of ESC t for 80 mm printers; the profile that emupos brings has the Latin ones only.
PROFILE = """\
type: printer
name: Epson with the code pages of Europe
dpi: 203
width_dots: 576
font_a: { width: 12, height: 24 }
font_b: { width: 9, height: 17 }
code_pages: { 0: PC437, 14: PC737, 16: WPC1252, 17: PC866, 18: PC852, 19: PC858, 47: WPC1253 }
default_code_page: 0
drawer_sensor_open_level: high
"""
CONFIG = """\
schema: 1
api: {{ host: 127.0.0.1, port: {api} }}
devices:
  - id: front
    type: printer
    profile: {profile}
    receipts_dir: {folder}
    connections:
      - tcp: {{ port: {port} }}
"""


@dataclass(frozen=True, slots=True)
class Judge:
    """A printer of another make, and the door behind which its paper lies."""

    printer: EscposPrinter
    url: str
    http: aiohttp.ClientSession

    async def text(self) -> str:
        async with self.http.get(f"{self.url}/receipts/latest/text") as answer:
            assert answer.status == 200
            return await answer.text()

    async def picture(self) -> Image.Image:
        async with self.http.get(f"{self.url}/receipts/latest/image") as answer:
            assert answer.status == 200
            return Image.open(BytesIO(await answer.read())).convert("L")

    async def scanned(self) -> set[str]:
        picture = await self.picture()
        large = picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.NEAREST)
        return {found.text for found in zxingcpp.read_barcodes(large)}

    async def have(self, fault: str) -> None:
        async with self.http.put(f"{self.url}/faults/{fault}") as answer:
            assert answer.status == 204

    async def repair(self, fault: str) -> None:
        async with self.http.delete(f"{self.url}/faults/{fault}") as answer:
            assert answer.status == 204


@pytest.fixture
async def judge(tmp_path: Path) -> AsyncIterator[Judge]:
    assert EMUPOS
    api, port = free_port(0), free_port(0)
    config = tmp_path / "emupos.yaml"
    model = tmp_path / "printer.yaml"
    model.write_text(PROFILE)
    config.write_text(CONFIG.format(api=api, port=port, profile=model, folder=tmp_path / "receipts"))
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(EMUPOS, "run", "--config", str(config), stdout=log, stderr=log)
    profile = EscposProfile(columns=COLUMNS)
    printer = EscposPrinter(TcpPort("127.0.0.1", port), profile, confirms=False)
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(60):
            while not await is_open(port):
                assert process.returncode is None, (tmp_path / "log").read_text()
                await asyncio.sleep(0.05)
            yield Judge(printer, f"http://127.0.0.1:{api}/api/v1/devices/front", http)
    finally:
        await printer.close()
        process.terminate()
        await process.wait()


async def is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


@pytest.mark.parametrize(("language", "total"), [("en", "TOTAL GBP"), ("el", "ΣΥΝΟΛΟ GBP")])
async def test_a_receipt_says_the_same_on_a_foreign_printer(judge: Judge, language: Language, total: str) -> None:
    sale = order(sold("Milk", 3, 120, discount_minor=20), sold("Φέτα Δωδώνης €"), language=language)
    receipt = of_order(sale, store(receipt_barcode=True))
    lines = lay_out(receipt, COLUMNS)
    assert receipt.barcode

    job = PrintJob("order-1", lines, receipt.code, barcode=Barcode("code128", receipt.barcode))
    await judge.printer.print_job(job)

    text = await judge.text()
    for line in lines:
        assert line.text.strip() in text
    assert total in text
    assert receipt.total in text
    assert await judge.scanned() == {receipt.code, receipt.barcode}


@pytest.mark.parametrize(
    ("barcode", "text"),
    [
        (Barcode("ean13", "4006381333931"), "4006381333931"),
        (Barcode("gs1_128", "0104006381333931\x1d10AB"), "(01)04006381333931(10)AB"),
        (Barcode("code128", "160405 a{b}"), "160405 a{b}"),
    ],
)
async def test_bars_are_read_as_they_were_meant(judge: Judge, barcode: Barcode, text: str) -> None:
    await judge.printer.print_job(PrintJob("order-1", (PrintLine("bars"),), qr=None, barcode=barcode))

    assert text in await judge.scanned()


async def test_what_is_drawn_comes_out_dot_for_dot(judge: Judge) -> None:
    if not FontChain().faces:
        pytest.skip("no font is installed")
    job = PrintJob("order-1", (PrintLine("שלום 茶 😀 Ω"), PrintLine("תודה", "large")), qr=None, right_to_left=True)
    paper, buffer = Paper(COLUMNS), bytearray(render(job, judge.printer.profile))
    while command := take_command(buffer):
        paper.print(command)
    dots = sum(byte.bit_count() for raster in paper.tear().rasters for byte in raster.dots)

    await judge.printer.print_job(job)

    assert sum(light < 128 for light in (await judge.picture()).tobytes()) == dots


async def test_its_state_is_read_and_its_changes_are_heard(judge: Judge) -> None:
    assert (await judge.printer.status()).paper == "ok"
    for fault, error in [("paper-out", PrinterOutOfPaper), ("cover-open", PrinterCoverOpen)]:
        async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
            tasks.create_task(judge.printer.changed())
            await judge.have(fault)
        with pytest.raises(error):
            await judge.printer.print_job(PrintJob("order-1", (PrintLine("Milk"),), qr=None))
        await judge.repair(fault)
    await judge.have("paper-near-end")

    status = await judge.printer.status()
    assert (status.online, status.paper, status.cover_open) == (True, "near_end", False)


async def test_the_drawer_is_kicked(judge: Judge) -> None:
    before = (await judge.printer.status()).drawer_open
    await judge.printer.kick_drawer()

    assert (await judge.printer.status()).drawer_open is not before
