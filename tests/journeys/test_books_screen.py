"""An accountant's morning: days are looked at, alarms settled, entries repaired, a broken box retired."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from shared.events.orders import OrderCompleted
from tests.cloud.boxes import Box, an_id, an_order, raw_entry
from tests.cloud.world import Tenant, World, open_world, send
from tests.journeys.test_promotions_screen import fill, look
from tests.journeys.test_screens import CHROMIUM, OFFICE, browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (as root: apt-get install chromium)")


@dataclass(slots=True)
class Office:
    """A tenant with a box, and a page of head office."""

    world: World
    tenant: Tenant
    box: Box
    page: Page

    async def deliver(self) -> None:
        assert (await send(self.world, self.box)).status == 200
        await self.world.checked()

    async def enter(self, path: str) -> None:
        await self.page.goto(f"{self.world.url}/office/{path}#key={self.tenant.key}")


@asynccontextmanager
async def an_office(folder: Path, refusals: int = 0, **options: object) -> AsyncIterator[Office]:
    async with open_world(folder) as world, browser(refusals=refusals, viewport=OFFICE, **options) as page:
        tenant = await world.tenant()
        store = await tenant.open_store()
        yield Office(world, tenant, await tenant.enrol(store["id"]), page)


def poisoned(box: Box, number: int) -> None:
    """Write an order without its lane, which the box has counted all the same."""
    good = OrderCompleted(order=an_order(box, number))
    body = json.loads(good.model_dump_json())
    body["order"]["lane"] = ""
    seq = len(box.entries) + 1
    text = f'"name": "order.completed", "version": 1, "body": {json.dumps(body)}'
    box.entries.append(raw_entry(seq, text))
    box.facts[seq] = good


async def test_a_day_goes_from_open_to_proven_on_an_open_page(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        page = office.page
        await office.enter("days")
        await expect(page.get_by_role("heading", name="No day was closed yet")).to_be_visible()
        office.box.sold(1)
        await office.deliver()
        await expect(page.get_by_test_id("open-day")).to_contain_text("£10.00")
        office.box.closed()
        await office.deliver()
        await expect(page.get_by_test_id("day-row")).to_contain_text("Proven")
        await page.get_by_test_id("day-row").click()
        await expect(page.get_by_role("heading", name="Z 1")).to_be_visible()
        await expect(page.get_by_test_id("difference")).to_have_count(0)
        await look(page, "day-proven")


async def test_a_difference_is_drilled_down_to_both_numbers(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        page = office.page
        office.box.sold(1)
        office.box.sold(3)
        office.box.closed(figures={"total_minor": 1999})
        await office.deliver()
        await office.enter("alarms")
        await expect(page.get_by_test_id("alarm")).to_have_count(2)
        await expect(page.get_by_test_id("alarms-waiting")).to_have_text("2")
        await page.get_by_role("link", name="Look at the day").click()
        await expect(page.get_by_test_id("finding")).to_contain_text("S1K1-000002")
        row = page.get_by_test_id("difference").filter(has_text="Sold")
        await expect(row).to_contain_text("19.99")
        await expect(row).to_contain_text("20.00")
        await expect(row).to_contain_text("+0.01")
        await look(page, "day-differs")


async def test_an_alarm_is_settled_with_a_name_and_a_note(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        page = office.page
        office.box.sold(2)
        await office.deliver()
        await office.enter("alarms")
        await page.get_by_test_id("settle").click()
        await fill(page, {"author": "Ada Marsh", "note": "The first roll was lost"})
        await page.get_by_test_id("edit-save").click()
        await expect(page.get_by_role("heading", name="Nothing is wrong")).to_be_visible()
        await expect(page.get_by_test_id("alarms-waiting")).to_have_count(0)
        await page.get_by_test_id("tab-settled").click()
        await expect(page.get_by_test_id("alarm")).to_contain_text("The first roll was lost")
        await expect(page.get_by_test_id("alarm")).to_contain_text("Ada Marsh")


async def test_a_poisoned_entry_is_corrected_and_its_day_is_proven(tmp_path: Path) -> None:
    async with an_office(tmp_path, refusals=1) as office:
        page, box = office.page, office.box
        box.sold(1)
        poisoned(box, 2)
        box.closed()
        await office.deliver()
        await office.enter("days")
        await expect(page.get_by_test_id("day-row")).to_contain_text("Incomplete")
        await page.get_by_test_id("day-row").click()
        await page.get_by_test_id("finding").get_by_role("link").click()
        await expect(page.get_by_test_id("entry-reason")).to_contain_text("order.lane")
        async with page.expect_download() as downloading:
            await page.get_by_test_id("download-entry").click()
        raw = (await (await downloading.value).path()).read_bytes()
        await page.get_by_test_id("replay").click()
        await fill(page, {"author": "Ada Marsh"})
        await page.get_by_test_id("edit-save").click()
        await expect(page.get_by_test_id("still-refused")).to_be_visible()
        await page.get_by_test_id("correct").click()
        text = await page.get_by_test_id("form-body").input_value()
        await fill(page, {"note": "The lane was missing"})
        await page.get_by_test_id("edit-save").click()
        await expect(page.get_by_test_id("edit-problem")).to_contain_text("order.lane")
        await fill(page, {"body": text.replace('"lane": ""', '"lane": "kiosk"')})
        await look(page, "entry-correct")
        await page.get_by_test_id("edit-save").click()
        await expect(page.get_by_test_id("entry-standing")).to_contain_text("Applied")
        await expect(page.get_by_test_id("repair")).to_contain_text("The lane was missing")
        await expect(page.get_by_test_id("repair")).to_contain_text("Ada Marsh")
        await page.get_by_test_id("go-days").click()
        await expect(page.get_by_test_id("day-row")).to_contain_text("Proven")

    assert raw == box.entries[1]


async def test_all_entries_are_replayed_and_one_is_settled_in_hebrew(tmp_path: Path) -> None:
    async with an_office(tmp_path, locale="he", color_scheme="dark") as office:
        page, box = office.page, office.box
        box.entries.append(raw_entry(1, '"name": "order.teleported", "version": 1, "body": {}'))
        poisoned(box, 1)
        await office.deliver()
        await office.enter("alarms/entries")
        await expect(page.get_by_test_id("entry-row")).to_have_count(2)
        await page.get_by_test_id("replay-all").click()
        await fill(page, {"author": "עדה"})
        await page.get_by_test_id("edit-save").click()
        await expect(page.get_by_test_id("replayed")).to_contain_text("2")
        await page.get_by_test_id("entry-row").first.get_by_role("link").click()
        await page.get_by_test_id("settle-entry").click()
        await fill(page, {"note": "נרשם ידנית"})
        await look(page, "entry-settle-he")
        await page.get_by_test_id("edit-save").click()
        await expect(page.get_by_test_id("repair")).to_contain_text("נרשם ידנית")
        await page.get_by_test_id("back").click()
        await expect(page.get_by_test_id("entry-row")).to_have_count(1)
        direction = await page.locator("html").get_attribute("dir")

    assert direction == "rtl"


async def test_a_box_that_is_gone_is_retired_after_a_second_press(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        page = office.page
        office.box.started("1.0")
        await office.deliver()
        office.world.clock.pass_by(hours=2)
        await office.enter("stores")
        row = page.get_by_test_id("node-row")
        await expect(row).to_contain_text("Silent")
        for _ in range(2):
            await page.get_by_test_id("retire").click()
        await expect(row).to_contain_text("Retired")
        await expect(row).to_contain_text("kiosk (S1K1)")
        [(retired_at,)] = await office.world.rows("select retired_at from nodes")

    assert retired_at is not None


async def test_the_sum_of_a_day_is_told_once_all_its_closings_are_on_the_page(tmp_path: Path) -> None:
    first = date(2026, 3, 1)
    async with an_office(tmp_path) as office:
        page = office.page
        others = [await office.tenant.enrol(office.box.store_id, name, f"S1{name.upper()}") for name in ("till", "bar")]
        for number, box in enumerate([office.box, *others]):
            box.sold(1, id=an_id(10 + number), business_day=first)
            box.closed(first, id=an_id(20 + number))
        for later in range(1, 59):
            office.box.closed(first + timedelta(days=later))
        for box in [office.box, *others]:
            assert (await send(office.world, box)).status == 200
        await office.world.checked()
        await office.enter("days")
        head = page.locator(".group-head").filter(has_text="Sunday, 1 March 2026")
        await expect(page.get_by_test_id("day-row")).to_have_count(60)  # two of the three of that day
        await expect(head.locator(".amount")).to_have_count(0)
        await page.get_by_role("button", name="Show more").click()
        await expect(page.get_by_test_id("day-row")).to_have_count(61)
        await expect(head).to_contain_text("£30.00")
        office.box.closed(first + timedelta(days=59))
        await office.deliver()  # news push a row from the first page to the second
        await expect(page.get_by_test_id("day-row")).to_have_count(62)


async def test_a_slow_answer_to_a_filter_of_before_replaces_nothing(tmp_path: Path) -> None:
    async def slow(route: Route) -> None:
        await asyncio.sleep(1.0)
        await route.continue_()

    async with an_office(tmp_path) as office:
        page = office.page
        office.box.sold(1)
        office.box.closed()
        await office.deliver()
        await office.enter("days")
        await page.route("**/api/days?*state=differs*", slow)
        async with page.expect_response("**/api/days?*state=differs*"):
            await page.get_by_test_id("day-filter").select_option("differs")
            await page.get_by_test_id("day-filter").select_option("proven")
            await expect(page.get_by_test_id("day-row")).to_have_count(1)
        await asyncio.sleep(0.5)  # until the page has read it
        rows = await page.get_by_test_id("day-row").count()  # at once: the next news would mend it

    assert rows == 1
