"""Head office's pages for what stands beside promotions, and for the settings of a store."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.journeys.test_promotions_screen import enter, fill, look
from tests.journeys.test_screens import CHROMIUM, OFFICE, browser
from tests.journeys.test_specials import summer
from tests.world import open_world, until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")


async def test_a_campaign_is_begun_its_codes_downloaded_and_ended(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE, refusals=1) as page:
        await summer(world)
        await enter(page, world, "specials")
        await expect(page.get_by_test_id("campaign")).to_contain_text("SUN… × 100")
        await page.get_by_test_id("new-campaign").click()
        await page.get_by_test_id("form-kind").select_option("batch")
        await fill(page, {"name": "Winter", "id": "winter", "text": "SUN", "size": "25", "closes": "2027-02-28"})
        await page.get_by_test_id("edit-save").click()
        await expect(page.get_by_test_id("edit-problem")).to_contain_text("Another campaign uses the text SUN")
        await fill(page, {"text": "SNOW"})
        await look(page, "coupon")
        await page.get_by_test_id("edit-save").click()
        await expect(page.get_by_test_id("campaign")).to_have_count(2)
        await look(page, "coupons")
        async with page.expect_download() as downloading:
            await page.get_by_test_id("download").nth(1).click()
        file = await (await downloading.value).path()
        await page.get_by_role("button", name="Winter").click()
        for _ in range(2):
            await page.get_by_test_id("end").click()
        await expect(page.get_by_test_id("campaign").nth(1)).to_contain_text("Ended")
        terms = (await world.call_office("GET", "/api/coupons/winter"))[1]["terms"]
        codes = file.read_text().splitlines()

    assert (len(codes), codes[0], terms["closes"], terms["max_uses_per_code"]) == (26, "code", "2027-02-28", 1)


async def test_a_lottery_is_begun_and_gets_its_codes(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("code\nL1\nL2\nL2\n")
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await enter(page, world, "specials/lotteries")
        await page.get_by_test_id("new-lottery").click()
        await fill(page, {"name": "Win a bicycle", "id": "bike", "from_minor": "20"})
        await page.get_by_test_id("edit-save").click()
        await page.get_by_test_id("codes-file").set_input_files(tmp_path / "codes.csv")
        await expect(page.get_by_test_id("codes-taken")).to_have_text("2 codes taken, 1 left out")
        await expect(page.get_by_test_id("lottery")).to_contain_text("£20.00")
        await look(page, "lottery")
        [lottery] = (await world.call_office("GET", "/api/lotteries"))[1]["lotteries"]

    assert (lottery["free"] + lottery["leased"], lottery["terms"]["from_minor"]) == (2, 2000)


async def test_a_cause_is_added_and_its_gifts_are_seen(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await enter(page, world, "specials/donations")
        await page.get_by_test_id("new-cause").click()
        await fill(page, {"name": "Trees", "id": "trees"})
        await page.get_by_test_id("edit-save").click()
        await expect(page.get_by_test_id("cause")).to_contain_text("Nothing given yet")

        async def known() -> bool:
            return "trees" in world.shop.catalogue.donations

        await until(known)
        basket = await world.scan("milk")
        gift = {"campaign": "trees", "amount_minor": 50}
        await world.call("PUT", f"/api/baskets/{basket['id']}/donation", gift)
        await world.sell("milk")
        await world.settle(orders=1)
        await page.reload()
        await expect(page.get_by_test_id("cause")).to_contain_text("£0.50")


async def test_settings_that_are_changed_on_the_page_reach_the_shop(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE, refusals=1) as page:
        await enter(page, world, "specials/operators")
        await page.get_by_test_id("capped-store").get_by_role("link").click()
        await fill(page, {"name": "Corner shop & co", "operator_discount_max_bp": "12.5", "timezone": "Europe/Nowhere"})
        await fill(page, {"donation_amounts_minor": "0.50; 1", "cash_increment_minor": "0.05", "tax-standard": "21"})
        await page.get_by_test_id("form-reprice_open_baskets").check()
        await page.get_by_test_id("settings-save").click()
        await expect(page.get_by_test_id("settings-problem")).to_be_visible()
        await fill(page, {"timezone": "Europe/London"})
        await page.get_by_test_id("settings-save").click()
        await expect(page.get_by_test_id("settings-saved")).to_be_visible()
        await look(page, "settings")

        async def arrived() -> bool:
            return world.shop.catalogue.store.name == "Corner shop & co"

        await until(arrived)
        store = world.shop.catalogue.store

    assert (store.operator_discount_max_bp, store.reprice_open_baskets, store.tax_rates_bp["standard"]) == (
        1250,
        True,
        2100,
    )
    assert (store.donation_amounts_minor, store.cash_rule.increment_minor) == ((50, 100), 5)
    assert store.tax_rates_bp["reduced"] == 500


async def test_what_was_one_too_many_leads_to_its_order(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await world.call_office("PUT", "/api/lotteries/bike", {"name": "Win a bicycle", "from_minor": 100})
        await enter(page, world, "specials/exceptions")
        await expect(page.get_by_role("heading", name="Nothing was used too often")).to_be_visible()

        async def known() -> bool:
            return "bike" in world.shop.catalogue.lotteries

        await until(known)
        order = await world.sell("mug")  # worth codes that nobody imported
        await world.settle(orders=1)
        await page.reload()
        await expect(page.get_by_test_id("exception")).to_contain_text("Fewer lottery codes than were due")
        await page.get_by_test_id("exception").get_by_role("link").click()

        await expect(page.get_by_test_id("order-panel")).to_contain_text(order["receipt_number"])
