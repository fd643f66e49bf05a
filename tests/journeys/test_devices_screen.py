"""The installer's page: how each device is doing, live, and a test of each."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.journeys.test_promotions_screen import look
from tests.journeys.test_screens import CHROMIUM, KIOSK, browser
from tests.world import ATTENDANT_KEY, open_world

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")


async def test_an_installer_tests_devices_and_sees_one_go_and_come_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK) as page:
        await page.goto(f"{world.shop_url}/kiosk/")
        await page.get_by_test_id("help").click()
        await page.get_by_test_id("devices").click()
        scanner = page.locator("[data-testid=device-scanner]")
        await expect(scanner).to_contain_text("Ready")
        await expect(page.get_by_test_id("test-scanner")).to_be_disabled()
        await page.get_by_label("Attendant key").fill(ATTENDANT_KEY)

        await page.get_by_test_id("test-scanner").click()
        await expect(scanner).to_contain_text("Scan a code now")
        await world.scanner.scan("4006381333931")
        await expect(scanner).to_contain_text("Works. 4006381333931")
        await page.get_by_test_id("test-printer").click()
        await expect(page.get_by_test_id("device-printer")).to_contain_text("Works.")
        await look(page, "devices")

        world.scanner.unplug()
        await expect(scanner).to_contain_text("Not connected.")
        world.scanner.plug()
        await expect(scanner).to_contain_text("Ready")
    assert len(world.printer.receipts) == 1
