"""A buyer's day at head office: a file comes in, is looked at, goes to the shop, and an order explains itself."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from cloud.database import Transaction
from tests.journeys.test_screens import CHROMIUM, OFFICE, browser
from tests.world import World, open_world, until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")

# Where to put pictures for people who want to look at the pages.
PICTURES = os.environ.get("SHOPWRIGHT_PICTURES")
FILE = """change,id,name,family,skus,tags,n,m,reward,value,from,to
add,P3,Milk half price from two,line_special,milk,,2,1,percent,50%,,2030-11-30
add,P4,Christmas,easy,,christmas,,,amount,0.50,2030-12-01,2030-12-24
add,P5,Broken,easy,tea,,,,percent,150%,,
modify,P2,15 % off drinks,,,,,,percent,15%,,
"""


async def look(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png")


async def enter(page: Page, world: World, path: str) -> None:
    await page.goto(f"{world.office_url}/office/{path}#key={world.office_key}")


async def test_a_file_is_looked_at_taken_published_and_sold_with(tmp_path: Path) -> None:
    (tmp_path / "offers.csv").write_text(FILE)
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await enter(page, world, "promotions")
        await expect(page.get_by_test_id("promotion-row")).to_have_count(2)
        await expect(page.get_by_test_id("publish")).to_be_disabled()
        await page.get_by_test_id("import").click()
        await page.get_by_test_id("import-file").set_input_files(tmp_path / "offers.csv")
        await expect(page.get_by_test_id("import-problem")).to_contain_text("P5")
        await expect(page.get_by_test_id("import-commit")).to_be_disabled()
        await look(page, "import-report")
        await page.get_by_test_id("skip-bad").check()
        await page.get_by_test_id("import-commit").click()
        await expect(page.get_by_test_id("import-commit")).to_have_count(0)
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("promotion-row")).to_have_count(4)
        await look(page, "promotions")
        before = world.shop.catalogue.pack.version
        await page.get_by_test_id("publish").click()
        await expect(page.get_by_test_id("publish")).to_be_disabled()

        async def arrived() -> bool:
            return world.shop.catalogue.pack.version != before

        await until(arrived)
        sold = await world.sell("milk", units=2)

    assert sold["total_minor"] == 172  # the second one at 0.575, rounded for the shopper


async def test_an_order_says_why_and_an_alarm_is_looked_at(tmp_path: Path) -> None:
    def hide(tx: Transaction) -> None:
        tx.execute(text("update packs set version = 'x' || version"))

    def show(tx: Transaction) -> None:
        tx.execute(text("update packs set version = substr(version, 2)"))

    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await world.head_office.db.write(hide)
        await world.sell("tea")
        await world.settle(orders=1)
        await world.head_office.db.write(show)
        await world.scan("tea")
        order = await world.sell("mug", units=2)
        await world.settle(orders=2)

        await enter(page, world, f"orders/{order['id']}")
        await page.get_by_test_id("order-reasons").locator("summary").click()
        reasons = page.get_by_test_id("reason")
        await expect(reasons).to_have_count(2)
        await expect(reasons.nth(0)).to_contain_text("0.35 GBP")
        await expect(reasons.nth(1)).to_contain_text("1 more of its products would have been needed")
        await reasons.nth(1).scroll_into_view_if_needed()
        await look(page, "reasons")
        await page.get_by_test_id("go-promotions").click()
        await expect(page.get_by_test_id("alarm")).to_have_count(1)
        await look(page, "alarms")
        await page.get_by_test_id("acknowledge").click()
        await expect(page.get_by_test_id("promotion-alarms")).to_have_count(0)


async def test_a_buyer_writes_a_promotion_and_changes_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await enter(page, world, "promotions")
        await page.get_by_test_id("new-promotion").click()
        for field, typed in {"id": "N1", "name": "Milk at 0.99", "skus": "milk, tea", "value": "0.99"}.items():
            await page.get_by_test_id(f"form-{field}").fill(typed)
        await page.get_by_test_id("form-kind").select_option("unit_price")
        await look(page, "form")
        await page.get_by_test_id("form-save").click()
        await expect(page.get_by_test_id("promotion-row")).to_have_count(3)
        await page.get_by_role("button", name="Mugs: 3 for 2").click()
        await expect(page.get_by_test_id("form-n")).to_have_value("3")
        await page.get_by_test_id("form-n").fill("4")
        await page.get_by_test_id("form-save").click()
        await expect(page.get_by_test_id("promotion-form")).to_have_count(0)
        found = [(await world.call_office("GET", f"/api/promotions/{key}"))[1]["promotion"] for key in ("N1", "P1")]

    assert found[0]["reward"] == {"kind": "unit_price", "value": 99}
    assert (found[0]["target"]["skus"], found[0]["layer"]) == (["milk", "tea"], 10)
    assert (found[1]["n"], found[1]["m"], found[1]["target"]["skus"]) == (4, 1, ["mug"])


async def test_hebrew_promotions_are_written_from_right_to_left(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await enter(page, world, "promotions")
        await page.get_by_test_id("language-he").click()
        await expect(page.get_by_test_id("go-promotions")).to_contain_text("מבצעים")
        await expect(page.get_by_test_id("promotion-row")).to_have_count(2)
        await look(page, "promotions-he")
