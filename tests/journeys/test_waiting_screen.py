"""Whoever stands before a box that cannot start is told why, and sees it sell as soon as it can."""

import asyncio
import os
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import async_playwright, expect

from edge import app
from edge.config import Config
from edge.demo.daemons import free_port
from shared.clock import SystemClock
from tests.edge.power.test_full_disk import SELLS_AGAIN_S, fill_up, insist, small_disk
from tests.edge.small_shop import open_small_shop, settings
from tests.journeys.test_promotions_screen import look
from tests.journeys.test_screens import CHROMIUM, KIOSK

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")


async def sell_on(config: Config, folder: Path) -> None:
    async with app.selling(config, folder, SystemClock()):
        await asyncio.Event().wait()


async def test_a_kiosk_that_starts_on_a_full_disk_tells_why_and_then_sells(tmp_path: Path) -> None:
    port = free_port(0)
    config = settings(http={"port": port}, broker={"port": free_port(0)})
    with small_disk(tmp_path / "disk") as disk:
        async with open_small_shop(disk):
            pass
        filler = fill_up(disk)
        daemon = asyncio.create_task(sell_on(config, disk))
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            await insist(http, "/kiosk/")
        async with async_playwright() as playwright:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
            page = await chromium.new_page(viewport=KIOSK)
            await page.goto(f"http://127.0.0.1:{port}/kiosk/")
            await expect(page.locator("section[lang=en] h1")).to_contain_text("its disk is full")
            await expect(page.locator("section[lang=he]")).to_have_attribute("dir", "rtl")
            await look(page, "no-room")
            filler.unlink()
            await expect(page.get_by_test_id("start-pick")).to_be_visible(timeout=SELLS_AGAIN_S * 1000)
            await chromium.close()
        daemon.cancel()
        await asyncio.gather(daemon, return_exceptions=True)
