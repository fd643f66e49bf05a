"""An installer's view of a running box: what is bound, how it is doing, and a test of each device."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from devices.printers.simulated import VirtualPrinter
from devices.scanners.simulated import SimulatedScanner
from edge import app
from edge.fleet import service as fleet
from tests.edge.small_shop import NODE, STAFF, HandClock, assortment, publish, settings
from tests.world import until


@dataclass(slots=True)
class Site:
    """A daemon with a scanner, a printer and a drawer."""

    url: str
    http: aiohttp.ClientSession
    scanner: SimulatedScanner
    printer: VirtualPrinter

    async def devices(self) -> dict[str, dict[str, Any]]:
        async with self.http.get(f"{self.url}/api/devices") as answer:
            return {one["name"]: one for one in (await answer.json())["bound"]}

    async def test(self, name: str, headers: dict[str, str] = STAFF) -> tuple[int, dict[str, Any]]:
        async with self.http.post(f"{self.url}/api/devices/{name}/test", json={}, headers=headers) as answer:
            return answer.status, await answer.json()

    async def is_ready(self) -> bool:
        return {one["state"] for one in (await self.devices()).values() if one["kind"] != "drawer"} == {"ready"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    scanner = SimulatedScanner(tmp_path)
    async with VirtualPrinter() as printer, aiohttp.ClientSession() as http:
        config = settings(
            devices=(
                {"kind": "scanner", "make": "serial", "name": "hand", "path": str(scanner.path)},
                {"kind": "printer", "make": "escpos", "name": "till", "port": printer.port},
                {"kind": "drawer", "make": "printer", "name": "cash", "printer": "till"},
            )
        )
        async with app.open_database(tmp_path / "data") as db:
            await db.transact(fleet.key_for_enrolment)
            await db.transact(fleet.enrol, NODE)
        async with app.selling(config, tmp_path / "data", HandClock()) as (shop, url):
            await publish(shop.catalogue, *assortment())
            here = Site(url, http, scanner, printer)
            await until(here.is_ready)
            yield here
    scanner.unplug()


async def test_each_device_says_where_it_is_and_how_it_does(site: Site) -> None:
    devices = await site.devices()

    assert {name: (one["kind"], one["make"], one["state"]) for name, one in devices.items()} == {
        "cash": ("drawer", "printer", "unwatched"),
        "hand": ("scanner", "serial", "ready"),
        "till": ("printer", "escpos", "ready"),
    }
    assert devices["hand"]["address"] == str(site.scanner.path)
    assert devices["till"]["address"] == f"127.0.0.1:{site.printer.port}"
    assert devices["cash"]["address"] == "till"


async def test_a_device_that_is_unplugged_is_shown_with_what_to_do(site: Site) -> None:
    site.scanner.unplug()

    async def is_failed() -> bool:
        return (await site.devices())["hand"]["state"] == "failed"

    await until(is_failed)
    hand = (await site.devices())["hand"]
    assert (hand["code"], bool(hand["hint"])) == ("device-disconnected", True)
    status, problem = await site.test("hand")
    assert (status, problem["code"]) == (503, "device-disconnected")
    site.scanner.plug()
    await until(site.is_ready)


async def test_a_scanner_on_trial_tells_its_scan_and_sells_nothing(site: Site) -> None:
    trying = asyncio.create_task(site.test("hand"))
    await asyncio.sleep(0.05)

    await site.scanner.scan("4006381333931", symbology="EAN-13/UPC")

    assert await trying == (200, {"name": "hand", "kind": "scanner", "read": "4006381333931 (EAN-13/UPC)"})
    async with site.http.get(f"{site.url}/api/lanes/kiosk") as answer:
        assert (await answer.json())["basket"] is None


async def test_a_bad_frame_on_trial_is_told(site: Site) -> None:
    trying = asyncio.create_task(site.test("hand"))
    await asyncio.sleep(0.05)

    await site.scanner.send(b"\x00\x01\r")

    status, problem = await trying
    assert (status, problem["code"]) == (400, "bad-frame")


async def test_two_tests_of_one_scanner_do_not_share_a_scan(site: Site) -> None:
    first = asyncio.create_task(site.test("hand"))
    await asyncio.sleep(0.05)

    status, problem = await site.test("hand")

    assert (status, problem["code"]) == (409, "already-tried")
    await site.scanner.scan("1")
    assert (await first)[0] == 200


async def test_a_scanner_sells_again_after_its_test(site: Site) -> None:
    trying = asyncio.create_task(site.test("hand"))
    await asyncio.sleep(0.05)
    await site.scanner.scan("4006381333931")
    await trying

    await site.scanner.scan("4006381333931")

    async def is_sold() -> bool:
        async with site.http.get(f"{site.url}/api/lanes/kiosk") as answer:
            return bool((await answer.json())["basket"])

    await until(is_sold)


async def test_a_printer_prints_a_page_and_a_drawer_opens(site: Site) -> None:
    assert await site.test("till") == (200, {"name": "till", "kind": "printer", "read": ""})
    (page,) = site.printer.receipts
    assert "till" in page.text
    assert "Σύνολο" in page.text
    assert page.unknown == ()

    assert (await site.test("cash"))[0] == 200
    assert site.printer.drawer_kicks == 1


async def test_a_printer_without_paper_says_so(site: Site) -> None:
    site.printer.paper_out()

    status, problem = await site.test("till")

    assert (status, problem["code"]) == (503, "printer-out-of-paper")


async def test_only_staff_may_test_and_only_what_is_there(site: Site) -> None:
    assert (await site.test("till", headers={}))[0] == 403
    assert (await site.test("tail"))[0] == 404
