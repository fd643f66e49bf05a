"""The screens in a real browser: scan, pay, see the receipt; and the same order at head office."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.journeys.test_specials import summer
from tests.world import BARCODES, World, open_world

CHROMIUM = shutil.which("chromium")
KIOSK = {"width": 1080, "height": 1920}
OFFICE = {"width": 1366, "height": 768}
PATIENCE_MS = 10_000
REFUSED = "Failed to load resource: the server responded with a status of 4"

# A keyboard-wedge scanner types like this; single calls would be as slow as this machine is busy.
TYPE_QUICKLY = """keys => keys.forEach(key =>
    document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")


@asynccontextmanager
async def browser(*, refusals: int = 0, **options: object) -> AsyncIterator[Page]:
    """Open a page that fails the test for every error that it logs.

    refusals: requests that shall be refused, which the browser logs by itself.
    """
    errors: list[str] = []
    expect.set_options(timeout=2 * PATIENCE_MS)
    # Chromium's own sandbox does not start as root.
    arguments = ["--disable-gpu", "--disable-background-networking"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        context = await chromium.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        yield page
        await chromium.close()
    refused = [error for error in errors if error.startswith(REFUSED)]
    assert len(refused) == refusals
    assert errors == refused


async def sell_on_screen(page: Page, world: World) -> str:
    """Scan three mugs, pay in cash on the screen; returns the receipt number that it shows."""
    await page.goto(f"{world.shop_url}/kiosk/")
    await expect(page.get_by_test_id("start-pick")).to_be_visible()
    for _ in range(3):
        await world.scanner.scan(BARCODES["mug"])
    await expect(page.get_by_test_id("line")).to_contain_text("Mug with a very long name")
    await expect(page.get_by_test_id("saving")).to_contain_text("5.00")
    await expect(page.get_by_test_id("total")).to_contain_text("10.00")
    await page.get_by_test_id("pay").click()
    await page.get_by_test_id("pay-cash").click()
    await page.get_by_test_id("cash-exact").click()
    await page.get_by_test_id("confirm-payment").click()
    await expect(page.get_by_test_id("thank-you")).to_be_visible()
    return (await page.get_by_test_id("receipt-number").inner_text()).split()[-1]


async def test_a_shopper_scans_pays_and_sees_the_receipt_and_head_office_sees_the_order(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        async with browser(viewport=KIOSK) as page:
            number = await sell_on_screen(page, world)
            await page.get_by_test_id("show-receipt").click()
            await expect(page.get_by_test_id("receipt-total")).to_contain_text("10.00")
        await world.settle(orders=1)
        async with browser(viewport=OFFICE) as page:
            await page.goto(f"{world.office_url}/office/#key={world.office_key}")
            await expect(page.get_by_test_id("store-row")).to_contain_text("Corner shop")
            await page.get_by_test_id("go-orders").click()
            row = page.get_by_test_id("order-row")
            await expect(row).to_contain_text(number)
            await row.click()
            panel = page.get_by_test_id("order-panel")
            await expect(panel).to_contain_text("Mugs: 3 for 2")
            await expect(panel.get_by_test_id("receipt-total")).to_contain_text("10.00")
            assert world.office_key not in page.url


async def test_an_order_arrives_on_an_open_head_office_page_by_itself(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await page.goto(f"{world.office_url}/office/orders#key={world.office_key}")
        await expect(page.get_by_test_id("order-row")).to_have_count(0)

        await world.sell("milk")

        await expect(page.get_by_test_id("order-row")).to_have_count(1)


async def test_a_reload_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK) as page:
        await page.goto(f"{world.shop_url}/kiosk/")
        await world.scan("milk", units=2)
        await expect(page.get_by_test_id("total")).to_contain_text("2.30")

        await page.reload()

        await expect(page.get_by_test_id("total")).to_contain_text("2.30")


async def test_a_shopper_can_pay_with_the_keyboard_alone(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK) as page:
        await page.goto(f"{world.shop_url}/kiosk/")
        await expect(page.get_by_test_id("start-pick")).to_be_visible()
        await page.evaluate(TYPE_QUICKLY, [*BARCODES["milk"], "Enter"])
        await expect(page.get_by_test_id("total")).to_contain_text("1.15")
        await page.get_by_test_id("pay").press("Enter")
        for test_id in ("pay-card", "confirm-payment"):
            await expect(page.locator("main h2")).to_be_focused()  # each step begins there
            await page.get_by_test_id(test_id).press("Enter")

        await expect(page.get_by_test_id("thank-you")).to_be_visible()


async def test_hebrew_is_written_from_right_to_left(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK) as page:
        await page.goto(f"{world.shop_url}/kiosk/")
        await page.get_by_test_id("language-he").click()

        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        await world.scan("tea")
        await expect(page.get_by_test_id("pay")).to_contain_text("תשלום")


async def test_trouble_says_what_is_and_what_to_do(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK) as page:
        await page.goto(f"{world.shop_url}/kiosk/")
        await expect(page.get_by_test_id("start-pick")).to_be_visible()
        await world.scanner.scan("5000128104518")
        await expect(page.get_by_test_id("notice")).to_contain_text("Scan it again")

        world.printer.paper_out()
        await world.sell("milk")

        await expect(page.get_by_test_id("device-trouble").first).to_contain_text("paper")
        await expect(page.get_by_test_id("thank-you")).to_be_visible()


async def test_a_coupon_stands_in_the_basket_and_can_be_taken_out(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK) as page:
        codes = await summer(world)
        await page.goto(f"{world.shop_url}/kiosk/")
        await world.scanner.scan(codes[0])
        extra = page.get_by_test_id("extra")
        await expect(extra).to_contain_text("Takes nothing off yet")
        await world.scan("mug")
        await expect(extra).to_contain_text("1.00")
        await expect(page.get_by_test_id("total")).to_contain_text("4.00")

        await extra.get_by_role("button").click()

        await expect(page.get_by_test_id("total")).to_contain_text("5.00")
        await expect(extra).to_have_count(0)
