"""A shopper goes on at another till: the code large on one screen, typed at the other, in every light and direction."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.journeys.test_neighbours import Running, Street, street
from tests.journeys.test_promotions_screen import look
from tests.journeys.test_screens import CHROMIUM, KIOSK, browser
from tests.world import BARCODES, until

__all__ = ["street"]  # a fixture

PHONE = {"width": 390, "height": 844}
COUNTER = {"width": 1366, "height": 768}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")


@asynccontextmanager
async def all_running(street: Street) -> AsyncIterator[dict[str, Running]]:
    """Open all boxes of the store, and wait until each has found the others."""
    async with AsyncExitStack() as stack:
        boxes = {name: await stack.enter_async_context(node.running()) for name, node in street.nodes.items()}

        async def met() -> bool:
            return all(len(box.shop.company.addresses) == len(boxes) - 1 for box in boxes.values())

        await until(met)
        yield boxes


async def fill(box: Running, *skus: str) -> dict[str, Any]:
    for sku in skus:
        basket = await box.call("POST", "/api/lanes/kiosk/scans", {"code": BARCODES[sku]})
    return dict(basket)


async def code_on(page: Page) -> str:
    code = await page.get_by_test_id("parked-code").get_attribute("data-code")
    assert code is not None
    return code


async def type_code(page: Page, code: str) -> None:
    for key in code:
        await page.get_by_test_id(f"code-{key}").click()
    await page.get_by_test_id("go-on").click()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.neighbours.worker.LOOK_EVERY_S", 0.2)


async def test_a_shopper_parks_at_one_till_and_pays_at_another(street: Street) -> None:
    async with all_running(street) as boxes, browser(viewport=KIOSK, refusals=1) as page:
        shown = await fill(boxes["kiosk"], "mug", "mug", "mug", "tea")
        await page.goto(f"{boxes['kiosk'].url}/kiosk/")
        await expect(page.get_by_test_id("line")).to_have_count(2)
        await look(page, "handover-basket")
        await page.get_by_test_id("park").click()
        await expect(page.get_by_test_id("parked")).to_contain_text("Nothing was paid")
        code = await code_on(page)
        await page.reload()
        assert await code_on(page) == code
        await look(page, "handover-parked")
        await page.get_by_test_id("parked-done").click()
        await expect(page.get_by_test_id("start-pick")).to_be_visible()

        await page.goto(f"{boxes['gateway'].url}/kiosk/")
        await page.get_by_test_id("continue").click()
        await type_code(page, "222222" if code != "222222" else "333333")
        await expect(page.get_by_test_id("continue-problem")).to_contain_text("letter by letter")
        await look(page, "handover-unknown")
        await type_code(page, code)
        await expect(page.get_by_test_id("line")).to_have_count(2)
        await expect(page.get_by_test_id("total")).to_contain_text("13.14")
        await look(page, "handover-continued")
        await page.get_by_test_id("pay").click()
        await page.get_by_test_id("pay-cash").click()
        await page.get_by_test_id("cash-exact").click()
        await page.get_by_test_id("confirm-payment").click()
        await expect(page.get_by_test_id("thank-you")).to_be_visible()
        await street.has(shown["id"])


async def test_a_shopper_who_thinks_better_of_it_goes_on_at_the_same_till(street: Street) -> None:
    async with all_running(street) as boxes, browser(viewport=PHONE) as page:
        await fill(boxes["kiosk"], "milk")
        await page.goto(f"{boxes['kiosk'].url}/kiosk/")
        await page.get_by_test_id("park").click()
        await page.get_by_test_id("take-back").click()
        await expect(page.get_by_test_id("line")).to_have_count(1)


async def test_a_scanner_that_types_reads_the_code_off_the_other_screen(street: Street) -> None:
    async with all_running(street) as boxes, browser(viewport=COUNTER) as page:
        shown = await fill(boxes["kiosk"], "milk")
        parked = await boxes["kiosk"].call("POST", f"/api/baskets/{shown['id']}/parking")
        await page.goto(f"{boxes['gateway'].url}/kiosk/")
        await page.get_by_test_id("continue").click()
        await page.get_by_test_id("basket-code").type(f"SHOPWRIGHT{parked['code']}")
        await page.keyboard.press("Enter")

        await expect(page.get_by_test_id("line")).to_have_count(1)


async def test_what_does_not_hold_at_the_other_till_is_said_by_name_until_it_was_read(street: Street) -> None:
    gift = {"name": "מתנה לחג", "kind": "shared", "text": "HOLIDAY"}
    offer = {"id": "H", "name": "Holiday", "family": "special", "layer": 40, "gate": {"coupon": "holiday"},
             "reward": {"kind": "percent", "value": 2000}}  # fmt: skip
    async with all_running(street) as boxes, browser(viewport=KIOSK) as page:
        await street.office("PUT", "/api/promotions", {"promotions": [offer]})
        await street.office("PUT", "/api/coupons/holiday", gift)

        async def known() -> bool:
            catalogues = [box.shop.catalogue for box in boxes.values()]
            return all("holiday" in one.campaigns and len(one.pack.promotions) == 1 for one in catalogues)

        await until(known)
        basket = await fill(boxes["kiosk"], "mug")
        await boxes["kiosk"].call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": "HOLIDAY"})
        await street.nodes["kiosk"].line.cut()
        await street.office("DELETE", "/api/coupons/holiday")

        async def ended() -> bool:
            return "holiday" not in boxes["gateway"].shop.catalogue.campaigns

        await until(ended)
        parked = await boxes["kiosk"].call("POST", f"/api/baskets/{basket['id']}/parking")
        await page.goto(f"{boxes['gateway'].url}/kiosk/")
        await page.get_by_test_id("continue").click()
        await type_code(page, parked["code"])
        note = page.get_by_test_id("arrived")
        await expect(note).to_contain_text("מתנה לחג")
        await expect(note).to_contain_text("4.00")
        for name, viewport in (("kiosk", KIOSK), ("counter", COUNTER), ("phone", PHONE)):
            await page.set_viewport_size(viewport)
            await fits(page)
            await look(page, f"handover-arrived-{name}")
        await page.get_by_role("button", name="עברית").click()
        await look(page, "handover-arrived-phone-he")
        await page.get_by_test_id("arrived-seen").click()
        await expect(note).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("size", "viewport"), [("phone", PHONE), ("large", PHONE), ("counter", COUNTER), ("kiosk", KIOSK)]
)
async def test_both_acts_fit_every_screen_and_direction(
    street: Street, scheme: str, size: str, viewport: dict[str, int]
) -> None:
    async with all_running(street) as boxes, browser(viewport=viewport, color_scheme=scheme) as page:
        shown = await fill(boxes["kiosk"], "mug", "tea")
        for spoken, name in (("en", "English"), ("he", "עברית"), ("el", "Ελληνικά")):
            await page.goto(f"{boxes['kiosk'].url}/kiosk/")
            await page.get_by_role("button", name=name).click()
            if size == "large":  # the next shopper begins with the usual size
                await page.get_by_test_id("large-type").click()
            await fits(page)
            await look(page, f"handover-{size}-{scheme}-{spoken}-1-basket")
            await page.get_by_test_id("park").click()
            await expect(page.get_by_test_id("parked")).to_be_visible()
            await fits(page)
            await look(page, f"handover-{size}-{scheme}-{spoken}-2-parked")
            code = await code_on(page)
            await page.get_by_test_id("parked-done").click()
            await page.get_by_role("button", name=name).click()
            await look(page, f"handover-{size}-{scheme}-{spoken}-3-attract")
            await page.get_by_test_id("continue").click()
            for key in code[:4]:
                await page.get_by_test_id(f"code-{key}").click()
            await fits(page)
            await look(page, f"handover-{size}-{scheme}-{spoken}-4-continue")
            for key in code[4:]:
                await page.get_by_test_id(f"code-{key}").click()
            await page.get_by_test_id("go-on").click()
            await expect(page.get_by_test_id("line")).to_have_count(2)
        assert (await boxes["kiosk"].call("GET", "/api/lanes/kiosk"))["basket"]["id"] == shown["id"]


async def fits(page: Page) -> None:
    """See that nothing is wider than the screen, and that what is pressed can be seen."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = await page.evaluate(
        """[...document.querySelectorAll("main button, dialog button")].filter(button => {
            const box = button.getBoundingClientRect();
            return box.left < 0 || box.right > innerWidth + 1 || button.scrollWidth > button.clientWidth + 1;
        }).map(button => button.textContent)"""
    )
    assert wide == []
