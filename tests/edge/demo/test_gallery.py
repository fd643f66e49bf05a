"""The page with the last receipts: newest first, live, and pictures that match."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import aiohttp
import pytest
from PIL import Image

from devices.ports.tcp import TcpPort
from devices.printers.escpos import EscposPrinter
from devices.printers.interface import PrintJob
from devices.printers.simulated import VirtualPrinter
from edge.demo.gallery import SHOWN_MAX, Gallery, web_application
from shared.api.serving import serving
from shared.receipts.lines import PrintLine


@pytest.fixture
async def printer() -> AsyncIterator[VirtualPrinter]:
    async with VirtualPrinter() as printer:
        yield printer


@asynccontextmanager
async def page(printer: VirtualPrinter) -> AsyncIterator[aiohttp.ClientSession]:
    async with serving(web_application(printer), "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as http:
        yield http


async def put_out(printer: VirtualPrinter, *texts: str) -> None:
    driver = EscposPrinter(TcpPort(printer.host, printer.port))
    for text in texts:
        await driver.print_job(PrintJob(text, (PrintLine(text),), qr=f"https://example.test/{text[:2]}"))
    await driver.close()


async def test_the_newest_receipts_stand_first_and_say_what_is_on_them(printer: VirtualPrinter) -> None:
    await put_out(printer, *(f"{number} milk" for number in range(SHOWN_MAX + 2)), "*** COPY *** tea")

    shown = Gallery(printer).pictures()

    assert shown.printed == SHOWN_MAX + 3
    assert len(shown.receipts) == SHOWN_MAX
    assert [receipt.number for receipt in shown.receipts[:2]] == [SHOWN_MAX + 3, SHOWN_MAX + 2]
    assert shown.receipts[0].text == "*** COPY *** tea\nQR code: https://example.test/**"
    assert [receipt.is_copy for receipt in shown.receipts[:2]] == [True, False]


async def test_the_page_hears_of_a_receipt_at_once_and_shows_its_picture(printer: VirtualPrinter) -> None:
    async with page(printer) as http, http.get("/demo/receipts/live") as events:
        empty = json.loads((await events.content.readuntil(b"\n\n")).removeprefix(b"data: "))
        await put_out(printer, "milk")
        one = json.loads((await events.content.readuntil(b"\n\n")).removeprefix(b"data: "))
        async with http.get(f"/demo/receipts/{one['receipts'][0]['id']}.png") as answer:
            picture = Image.open(BytesIO(await answer.read()))

    assert empty == {"printed": 0, "receipts": []}
    assert one["printed"] == 1
    assert (answer.status, answer.content_type, picture.format) == (200, "image/png", "PNG")


async def test_a_receipt_that_nobody_printed_has_no_picture(printer: VirtualPrinter) -> None:
    async with page(printer) as http, http.get("/demo/receipts/0123456789abcdef.png") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(("path", "kind"), [("", "text/html"), (".js", "javascript"), (".css", "text/css")])
async def test_the_page_brings_what_it_needs_and_nothing_from_elsewhere(
    path: str, kind: str, printer: VirtualPrinter
) -> None:
    async with page(printer) as http, http.get(f"/demo/receipts{path}") as answer:
        text = await answer.text()

    assert answer.status == 200
    assert answer.content_type.endswith(kind)
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "http://" not in text
    assert "https://" not in text
