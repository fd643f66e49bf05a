"""The demo's page of receipts in a real browser: it begins empty, shows each receipt as it is printed, newest first."""

import pytest
from playwright.async_api import expect

from devices.ports.tcp import TcpPort
from devices.printers.escpos import EscposPrinter
from devices.printers.interface import PrintJob
from devices.printers.simulated import VirtualPrinter
from edge.demo.gallery import web_application
from shared.api.serving import serving
from shared.receipts.lines import PrintLine
from tests.journeys.test_screens import CHROMIUM, browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")
DRAWN = "images => images.every(image => image.complete && image.naturalWidth > 0)"


@pytest.mark.parametrize("viewport", [{"width": 390, "height": 844}, {"width": 1366, "height": 768}])
async def test_receipts_appear_as_they_are_printed(viewport: dict[str, int]) -> None:
    async with (
        VirtualPrinter() as table,
        serving(web_application(table), "127.0.0.1", 0) as url,
        browser(viewport=viewport, color_scheme="dark") as page,
    ):
        printer = EscposPrinter(TcpPort(table.host, table.port))
        await page.goto(f"{url}/")
        await expect(page.get_by_text("No receipt yet")).to_be_visible()

        for name in ("Milk", "Tea"):
            await printer.print_job(PrintJob(name, (PrintLine(name),), qr=f"https://example.test/{name}"))
        await printer.close()

        receipts = page.get_by_role("listitem")
        await expect(receipts).to_have_count(2)
        await expect(receipts.first.get_by_role("img")).to_have_attribute(
            "alt", "Tea\nQR code: https://example.test/Tea"
        )
        await expect(page.get_by_text("No receipt yet")).to_be_hidden()
        await expect(page.locator("img.drawn")).to_have_count(2)
        assert await page.locator("img").evaluate_all(DRAWN)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
