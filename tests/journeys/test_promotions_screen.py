"""A buyer's day at head office: a file comes in, is looked at, goes to the shop, and an order explains itself."""

import os
import re
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


# With everything that a promotion can have, for each way to be built.
WHOLE = [
    {
        "id": "W1", "name": "Everything", "external_id": "X 1", "version": 3, "family": "requisite_target", "layer": 12,
        "priority": -5, "exclusive": "unit", "allocate": "all", "lesser_value": True,
        "gate": {
            "coupon": "summer", "member_tag": "gold", "from": "2026-11-30T17:00", "to": "2026-12-24", "days": [1, 7],
            "hours": ["22:00", "02:30"], "stores": ["T1"], "channels": ["kiosk"], "max_uses_per_customer": 1,
            "max_uses_total": 900,
        },
        "limits": {"max_units": 12, "max_units_per_line": 6, "max_applications": 3, "max_discount": 1250},
        "requisites": [{"select": {"tags": ["a", "b"], "not_skus": ["mug"]}, "min_amount": 1050}, {"qty": 2}],
        "targets": [{"select": {"brands": ["Big"], "max_unit_price": 999, "not_discounted": True}, "qty": 2}],
        "reward": {"kind": "amount", "value": 50},
    },
    {
        "id": "W2", "family": "basket_threshold", "qualify": {"categories": ["drinks"]}, "basis": "gross",
        "repeat": True,
        "tiers": [
            {"min_amount": 5000, "min_qty": 2, "reward": {"kind": "set_amount", "value": 500}},
            {"over_amount": 9999, "reward": {"kind": "percent", "value": 1250}},
        ],
    },
    {
        "id": "W3", "family": "special", "set_scope": True, "target": {"min_unit_price": 5},
        "reward": {"kind": "percent", "value": 33},
    },
    {
        "id": "W4", "family": "line_special", "n": 4, "m": 2, "same_sku": True,
        "reward": {"kind": "unit_price", "value": 0},
    },
]  # fmt: skip


async def fill(page: Page, fields: dict[str, str]) -> None:
    for path, typed in fields.items():
        await page.get_by_test_id(f"form-{path}").fill(typed)


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
        await expect(page.get_by_test_id("change")).to_have_count(3)
        await look(page, "publish")
        await page.get_by_test_id("publish-confirm").click()
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
        typed = {"id": "N1", "name": "Milk at 0.99", "target.skus": "milk, tea", "reward.value": "0.99"}
        await fill(page, typed)
        await page.get_by_test_id("form-reward.kind").select_option("unit_price")
        await expect(page.get_by_test_id("sentence")).to_have_text(
            re.compile("Milk 1 l.* or .*Black tea.*: .*£0.99.* each")
        )
        await look(page, "form")
        await page.get_by_test_id("form-save").click()
        await expect(page.get_by_test_id("promotion-row")).to_have_count(3)
        await page.get_by_role("link", name="Mugs: 3 for 2").click()
        await expect(page.get_by_test_id("form-n")).to_have_value("3")
        await page.get_by_test_id("form-n").fill("4")
        await page.get_by_test_id("form-save").click()
        await expect(page.get_by_test_id("promotion-form")).to_have_count(0)
        found = [(await world.call_office("GET", f"/api/promotions/{key}"))[1]["promotion"] for key in ("N1", "P1")]

    assert found[0]["reward"] == {"kind": "unit_price", "value": 99}
    assert (found[0]["target"]["skus"], found[0]["layer"]) == (["milk", "tea"], 10)
    assert (found[1]["n"], found[1]["m"], found[1]["target"]["skus"]) == (4, 1, ["mug"])


async def test_a_buyer_writes_a_meal_deal_with_all_its_conditions(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await enter(page, world, "promotions/new")
        await page.get_by_test_id("kind-combo").click()
        await page.get_by_test_id("add-slots").click()
        await fill(page, {"id": "D1", "name": "Tea time", "slots[1].skus": "tea", "slots[2].categories": "kitchen"})
        await fill(page, {"slots[2].qty": "two", "reward.value": "10"})
        finding = page.get_by_test_id("finding").filter(has_text="Place 2, Units: must be a whole number")
        await expect(finding).to_be_visible()
        await expect(page.get_by_test_id("form-save")).to_be_disabled()
        await page.get_by_test_id("fold-when").locator("summary").click()
        await fill(page, {"slots[2].qty": "2", "gate.from": "2026-11-30", "gate.hours_from": "08:00"})
        await fill(page, {"gate.hours_to": "10:00"})
        await page.get_by_test_id("form-gate.days").get_by_role("button", name="Mon").click()
        await page.get_by_test_id("form-gate.stores").get_by_role("button", name="Corner shop").click()
        await page.get_by_test_id("fold-limits").locator("summary").click()
        await fill(page, {"limits.max_discount": "5.00"})
        await expect(page.get_by_test_id("sound")).to_be_visible()
        await look(page, "form-combo")
        told = re.sub("[\u2068\u2069]", "", await page.get_by_test_id("sentence").inner_text())
        await page.get_by_test_id("form-save").click()
        await expect(page.get_by_test_id("promotion-row")).to_have_count(3)
        written = (await world.call_office("GET", "/api/promotions/D1"))[1]["promotion"]

    assert [told.count(part) for part in ("Black tea", "2 × “kitchen”", "10% off", "Monday", "08:00–10:00")] == [1] * 5
    assert [(slot["select"]["skus"], slot["qty"]) for slot in written["slots"]] == [(["tea"], 1), (None, 2)]
    gate = {name: value for name, value in written["gate"].items() if value is not None}
    assert gate == {"from": "2026-11-30", "days": [1], "hours": ["08:00", "10:00"], "stores": ["T1"]}
    assert (written["reward"], written["limits"]["max_discount"]) == ({"kind": "percent", "value": 1000}, 500)


async def test_the_sentence_tells_every_step_and_threshold(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await world.call_office("PUT", "/api/promotions/W2", {"promotion": WHOLE[1]})
        await enter(page, world, "promotions/edit/W2")
        await expect(page.get_by_test_id("sound")).to_be_visible()
        told = re.sub("[\u2068\u2069]", "", await page.get_by_test_id("sentence").inner_text())

    steps = "from 2 units and from £50.00 £5.00 off together and above £99.99 12.5% off"
    assert told == f"Everything: {steps}; only “drinks” counts; again for each full multiple"


async def test_what_a_buyer_does_not_touch_stays_as_it_was(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        for promotion in WHOLE:
            status, told = await world.call_office(
                "PUT", f"/api/promotions/{promotion['id']}", {"promotion": promotion}
            )
            assert status == 200, told
        before = [(await world.call_office("GET", f"/api/promotions/{one['id']}"))[1] for one in WHOLE]
        for promotion in WHOLE:
            await enter(page, world, f"promotions/edit/{promotion['id']}")
            await page.get_by_test_id("form-save").click()
            await expect(page.get_by_test_id("promotions")).to_be_visible()
        after = [(await world.call_office("GET", f"/api/promotions/{one['id']}"))[1] for one in WHOLE]

    assert [one["promotion"] for one in after] == [one["promotion"] for one in before]
    assert {one["row"]["revision"] for one in after} == {1}


async def test_a_pack_for_one_store_at_a_time_is_asked_for_and_taken_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await world.call_office("PUT", "/api/promotions/W4", {"promotion": WHOLE[3]})
        await enter(page, world, "promotions")
        await page.get_by_test_id("publish").click()
        await page.get_by_test_id("form-to").select_option("some")
        await expect(page.get_by_test_id("publish-confirm")).to_be_disabled()
        await page.get_by_test_id("form-stores").get_by_role("button", name="Corner shop").click()
        await page.get_by_test_id("form-when").select_option("later")
        await fill(page, {"at": "2031-01-02T08:30"})
        await page.get_by_test_id("publish-confirm").click()
        await expect(page.get_by_test_id("last-pack")).to_contain_text("2 Jan 2031")
        [planned, *_] = (await world.call_office("GET", "/api/promotions/packs"))[1]["packs"]
        await page.get_by_test_id("publish").click()
        await page.get_by_test_id("take-back").click()
        await expect(page.get_by_test_id("last-pack")).not_to_contain_text("2031")
        left = (await world.call_office("GET", "/api/promotions/packs"))[1]["packs"]

    assert (planned["stores"], planned["starts_at"][:10], planned["published_at"]) == (["T1"], "2031-01-02", None)
    assert planned["number"] not in [pack["number"] for pack in left]


async def test_drafts_are_tried_on_what_was_sold(tmp_path: Path) -> None:
    half = {"id": "H", "name": "Mugs at half price", "family": "easy", "layer": 1, "target": {"skus": ["mug"]}}
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await world.call_office(
            "PUT",
            "/api/promotions/H",
            {"promotion": {**half, "reward": {"kind": "percent", "value": 5000}}, "state": "draft"},
        )
        order = await world.sell("mug", units=2)
        await world.sell("milk")
        await world.settle(orders=2)
        await enter(page, world, "promotions")
        await page.get_by_test_id("try").click()
        await page.get_by_test_id("trial-begin").click()
        await expect(page.get_by_test_id("trial-difference")).to_have_text("£5.00")
        await expect(page.get_by_test_id("trial-promotion")).to_contain_text("Mugs at half price")
        await look(page, "trial")
        await page.reload()
        await page.get_by_test_id("trial-order").get_by_role("link").click()
        await expect(page.get_by_test_id("order-panel")).to_contain_text(order["receipt_number"])


async def test_hebrew_promotions_are_written_from_right_to_left(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, browser(viewport=OFFICE) as page:
        await enter(page, world, "promotions")
        await page.get_by_test_id("language-he").click()
        await expect(page.get_by_test_id("go-promotions")).to_contain_text("מבצעים")
        await expect(page.get_by_test_id("promotion-row")).to_have_count(2)
        await look(page, "promotions-he")
