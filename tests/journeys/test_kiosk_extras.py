"""What stands beside the goods on a kiosk's screen: a discount by the staff, and something given away."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.journeys.test_promotions_screen import look
from tests.journeys.test_screens import CHROMIUM, KIOSK, browser
from tests.world import ATTENDANT_KEY, World, open_world, until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")


async def sign_in(page: Page, key: str) -> None:
    await page.get_by_test_id("help").click()
    await page.get_by_test_id("staff").click()
    await page.get_by_test_id("staff-name").fill("ann")
    await page.get_by_test_id("staff-key").fill(key)
    await page.keyboard.press("Enter")


async def take_off(page: Page, *digits: str) -> None:
    for digit in digits:
        await page.get_by_test_id(f"key-{digit}").click()
    await page.get_by_test_id("discount-give").click()


async def test_the_staff_give_a_discount_within_the_stores_cap_and_take_it_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK, refusals=1) as page:
        await world.scan("mug")
        await page.goto(f"{world.shop_url}/kiosk/")
        await sign_in(page, ATTENDANT_KEY)
        await page.get_by_role("button", name="Damaged").click()
        await look(page, "discount")
        await take_off(page, "2", "5")
        await expect(page.get_by_test_id("discount-problem")).to_contain_text("At most £1.00 may be taken off")
        await look(page, "discount-cap")
        for _ in range(2):
            await page.get_by_role("button", name="Erase the last one").click()
        await take_off(page, "1", "0")
        await expect(page.get_by_test_id("total")).to_contain_text("4.50")
        await expect(page.get_by_test_id("extra")).to_contain_text("Damaged")

        await page.get_by_test_id("extra").get_by_role("button").click()

        await expect(page.get_by_test_id("total")).to_contain_text("5.00")


async def test_who_has_not_the_key_gives_no_discount(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK, refusals=1) as page:
        await world.scan("mug")
        await page.goto(f"{world.shop_url}/kiosk/")
        await sign_in(page, "a guess that is long")
        await page.get_by_role("button", name="Damaged").click()
        await take_off(page, "5")

        await expect(page.get_by_test_id("staff-problem")).to_contain_text("Only staff may do this")
        assert (await world.lane())["basket"]["total_minor"] == 500


async def donating(world: World, **settings: object) -> None:
    """Let the store ask for donations in its own way."""
    await world.call_office("PUT", "/api/donations/trees", {"name": "Trees for the valley"})
    store = (await world.call_office("GET", "/api/stores"))[1]["stores"][0]
    wanted = {"name": store["name"], "timezone": store["timezone"], **settings}
    status, told = await world.call_office("PUT", f"/api/stores/{store['id']}/settings", wanted)
    assert status == 200, told

    async def known() -> bool:
        catalogue = world.shop.catalogue
        return "trees" in catalogue.donations and catalogue.store.model_dump(include=set(settings)) == settings

    await until(known)


async def test_a_shopper_rounds_up_for_somebody_and_may_think_better_of_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK) as page:
        await donating(world, donation_amounts_minor=(50, 100))
        await world.scan("milk")
        await page.goto(f"{world.shop_url}/kiosk/")
        await page.get_by_test_id("pay").click()
        await expect(page.get_by_test_id("give-amount")).to_have_text(["£0.50", "£1.00"])
        await look(page, "donation")
        await page.get_by_test_id("give-amount").first.click()
        await page.get_by_test_id("give-nothing").click()
        await page.get_by_test_id("give-round").click()
        await expect(page.get_by_test_id("given-away")).to_contain_text("£0.85")
        await page.get_by_test_id("pay-cash").click()
        await page.get_by_test_id("cash-exact").click()
        await page.get_by_test_id("confirm-payment").click()
        await expect(page.get_by_test_id("thank-you")).to_be_visible()
        await world.settle(orders=1)
        given = (await world.call_office("GET", "/api/donations"))[1]["donations"][0]["donated"]

    assert given == [{"currency": "GBP", "donations": 1, "minor": 85}]


async def test_a_store_that_does_not_ask_shows_nothing_to_give(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=KIOSK) as page:
        await donating(world, asks_for_donations=False)
        await world.scan("milk")
        await page.goto(f"{world.shop_url}/kiosk/")
        await page.get_by_test_id("pay").click()

        await expect(page.get_by_test_id("pay-cash")).to_be_visible()
        await expect(page.get_by_test_id("give")).to_have_count(0)
