"""Closing the day at the kiosk, with the line to head office cut: figures, paper, and the next day."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.journeys.test_promotions_screen import look
from tests.journeys.test_screens import CHROMIUM, KIOSK, browser
from tests.world import ATTENDANT_KEY, open_world

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")


async def test_staff_closes_the_day_while_the_line_is_cut(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK, refusals=2) as page:
        await page.goto(f"{world.shop_url}/kiosk/")
        await page.get_by_test_id("help").click()
        await page.get_by_test_id("day").click()
        await world.sell("mug", 3)
        await world.line.cut()
        await world.sell("tea")
        await page.locator(".day-key .field").fill("not the key at all")
        await page.get_by_test_id("show-day").click()
        await expect(page.get_by_test_id("day-problem")).to_be_visible()
        await page.locator(".day-key .field").fill(ATTENDANT_KEY)
        await page.get_by_test_id("show-day").click()
        await expect(page.get_by_test_id("open-day")).to_contain_text("T1K1-000001 – T1K1-000002")
        await look(page, "day-open")
        await page.get_by_test_id("print-x").click()
        await expect(page.get_by_test_id("day-news")).to_contain_text("printing")

        await page.get_by_test_id("close-day").click()
        await look(page, "day-sure")
        await page.get_by_test_id("close-sure").click()
        await expect(page.get_by_test_id("day-news")).to_contain_text("Z report 1")
        await page.get_by_test_id("closing-1").locator("summary").click()
        await look(page, "day-closed")
        await page.get_by_test_id("close-day").click()
        await page.get_by_test_id("close-sure").click()
        await expect(page.get_by_test_id("day-problem")).to_contain_text("has not begun")

        await world.printed(4)
        papers = ["\n".join(line.text for line in receipt.lines) for receipt in world.printer.receipts]
        assert [title for title in ("X report", "Z report 1") if any(title in paper for paper in papers)] == [
            "X report",
            "Z report 1",
        ]
        await world.line.mend()
        await world.settle(orders=2)


async def test_staff_sees_what_works_while_the_line_is_cut(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK) as page:
        await page.goto(f"{world.shop_url}/kiosk/")
        await page.get_by_test_id("help").click()
        await page.get_by_test_id("what-works").click()
        await expect(page.get_by_text("Head office can be reached now.")).to_be_visible()
        await world.line.cut()
        await expect(page.get_by_text("Head office is away now")).to_be_visible()
        await expect(page.get_by_test_id("can-pay_cash")).to_contain_text("Works")
        await expect(page.get_by_test_id("can-pay_by_office")).to_contain_text("Needs head office")
        await look(page, "offline")
        await page.get_by_role("button", name="עברית").click()
        await look(page, "offline-he")
