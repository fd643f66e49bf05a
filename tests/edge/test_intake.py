"""From the scanner's port to the basket: whatever it reads, the lane is told and reading goes on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from devices.drivers import build
from devices.scanners.serial_scanner import SerialScanner, SerialScannerSettings
from devices.scanners.simulated import SimulatedScanner
from devices.supervision import BackOff, supervise
from edge import intake
from edge.intake import read_scans
from shared.model.strict import QUANTITY_MAX
from tests.edge.small_shop import BARCODES, HandClock, Till
from tests.world import until

SOON = BackOff(first_s=0.02, longest_s=0.1)


@pytest.fixture
def scanner(tmp_path: Path) -> Any:
    simulated = SimulatedScanner(tmp_path)
    yield simulated
    simulated.unplug()


@pytest.fixture
async def lane(till: Till, scanner: SimulatedScanner) -> AsyncIterator[Till]:
    """A till with a scanner that is read."""
    settings = SerialScannerSettings(kind="scanner", make="serial", name="scanner", path=str(scanner.path))
    driver = build(settings, {})
    assert isinstance(driver, SerialScanner)
    work = partial(read_scans, till.shop, "scanner", "kiosk", driver)
    reading = asyncio.create_task(supervise("scanner", "scanner", work, till.shop.device_changed, SOON))
    yield till
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert reading.cancelled(), reading.exception()


async def shows(till: Till, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait until the lane's screen shows something; returns what it shows."""

    async def is_so() -> bool:
        return holds(await till.lane())

    await until(is_so)
    return await till.lane()


def noticed(code: str) -> Callable[[dict[str, Any]], bool]:
    return lambda view: bool(view["notice"] and view["notice"]["code"] == code)


def holding(quantity: int) -> Callable[[dict[str, Any]], bool]:
    return lambda view: bool(view["basket"] and view["basket"]["quantity"] == quantity)


async def test_every_scan_becomes_a_unit_in_the_basket(lane: Till, scanner: SimulatedScanner) -> None:
    for sku in ("milk", "tea", "milk"):
        await scanner.scan(BARCODES[sku], "EAN-13/UPC")

    view = await shows(lane, holding(3))

    assert [(line["sku"], line["quantity"]) for line in view["basket"]["lines"]] == [("milk", 2), ("tea", 1)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"5000128104518\r", "damaged-barcode"),
        (b"4012345678901\r", "no-price"),
        (b"96385074\r", "ambiguous-barcode"),
        (b"NOBODY-KNOWS\r", "unknown-barcode"),
        (b"9780201379624\r", "no-tax-rate"),
        (b"5000\x001281\r", "bad-frame"),
        (b"\xff\xfe\xfd\r", "bad-frame"),
        (b"5000\x1d12810\r", "damaged-barcode"),
        (b"x" * 65 + b"\r", "damaged-barcode"),
        (b"x" * 9_000 + b"\r", "bad-frame"),
        ("חלב\r".encode(), "unknown-barcode"),
        (b"]C1(01)05000128104517\r", "damaged-barcode"),  # brackets are never in a symbol
        (b"]d20105000128104517" + b"3103001250\r", "not-by-weight-yet"),
        (b"]C100106141412345678908\r", "names-no-product"),
    ],
)
async def test_what_cannot_be_used_is_told_and_the_next_scan_works(
    lane: Till, scanner: SimulatedScanner, data: bytes, code: str
) -> None:
    await scanner.send(data)
    told = (await shows(lane, noticed(code)))["notice"]
    await scanner.scan(BARCODES["milk"])
    after = await shows(lane, holding(1))

    assert told["title"]
    assert told["hint"]
    assert after["notice"] is None  # a scan that works clears it


async def test_every_symbol_of_a_product_finds_it(lane: Till, scanner: SimulatedScanner) -> None:
    gtin = BARCODES["milk"].zfill(14)
    await scanner.scan(f"01{gtin}17291231" + "10LOT7\x1d21A1", "GS1 DataMatrix")
    await scanner.scan(f"https://example.com/01/{gtin}", "QR")
    await scanner.scan(f"{BARCODES['milk']}12", "EAN + add-on")

    view = await shows(lane, holding(3))

    assert [line["sku"] for line in view["basket"]["lines"]] == ["milk"]


async def test_a_scanner_that_was_unplugged_is_used_again_when_it_is_back(
    lane: Till, scanner: SimulatedScanner
) -> None:
    await scanner.scan(BARCODES["milk"])
    await shows(lane, holding(1))
    scanner.unplug()
    away = (await shows(lane, lambda view: view["devices"][0]["state"] == "failed"))["devices"][0]
    scanner.plug()
    await scanner.scan(BARCODES["milk"])
    back = await shows(lane, holding(2))

    assert (away["code"], "cable" in away["hint"]) == ("device-disconnected", True)
    assert back["devices"][0]["state"] == "ready"


async def test_a_notice_goes_by_itself_and_each_has_a_number(till: Till, clock: HandClock) -> None:
    await intake.take_scan(till.shop, "kiosk", "NOTHING")
    first = (await till.lane())["notice"]
    await intake.take_scan(till.shop, "kiosk", "NOTHING")
    second = (await till.lane())["notice"]
    clock.passed_s += 9

    assert second["id"] == first["id"] + 1  # the same mistake twice is two notices
    assert (await till.lane())["notice"] is None


async def test_a_scan_too_many_is_told_and_the_basket_stays(till: Till) -> None:
    basket = await till.fill("milk")
    await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": QUANTITY_MAX})

    await intake.take_scan(till.shop, "kiosk", BARCODES["milk"])

    view = await till.lane()
    assert view["notice"]["code"] == "quantity-out-of-range"
    assert view["basket"]["quantity"] == QUANTITY_MAX


async def test_many_scans_at_once_are_all_counted(till: Till) -> None:
    scans: list[Awaitable[None]] = [intake.take_scan(till.shop, "kiosk", BARCODES["milk"]) for _ in range(200)]
    await asyncio.gather(*scans)

    assert (await till.lane())["basket"]["quantity"] == 200
