"""How old the prices are is seen where it matters: quietly while they are fresh, and by everybody when they are not."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.journeys.test_promotions_screen import enter, look
from tests.journeys.test_screens import CHROMIUM, KIOSK, OFFICE, browser
from tests.world import World, open_world, until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")

DEARER = "sku,name,barcode,price,tax_class\nmilk,Milk 1 l,5000128104517,1.25,zero\n"


async def publish(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.office_key}", "Content-Type": "text/csv"}
    url = f"{world.office_url}/api/catalogue/imports?currency=GBP"
    async with world.http.post(url, data=DEARER.encode(), headers=headers) as answer:
        assert answer.status == 200


async def test_old_prices_are_told_at_the_kiosk_and_at_head_office_until_they_are_fresh_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        async with browser(viewport=KIOSK) as page:
            await page.goto(f"{world.shop_url}/kiosk/")
            await expect(page.get_by_test_id("prices-as-of")).to_contain_text("Prices as of")

            await world.line.cut()
            await publish(world)
            soon = world.shop.config.head_office.model_copy(update={"prices_old_after_s": 0.01})
            world.shop.config = world.shop.config.model_copy(update={"head_office": soon})
            world.shop.announce_all_lanes()
            await expect(page.get_by_test_id("offline")).to_contain_text("not confirmed since")
            await look(page, "old-prices")
        async with browser(viewport=OFFICE) as page:
            await enter(page, world, "stores")
            await expect(page.get_by_test_id("prices")).to_contain_text("2 changes behind")
            await look(page, "behind")

            await world.line.mend()

            async def taken() -> bool:
                return world.shop.catalogue.picked("milk").price_minor == 125

            await until(taken)
            await expect(page.get_by_test_id("prices")).to_contain_text("Up to date")


async def test_staff_see_how_new_the_prices_are(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK) as page:
        await page.goto(f"{world.shop_url}/kiosk/#devices")
        await expect(page.get_by_test_id("prices-as-of")).to_contain_text("Prices as of")
