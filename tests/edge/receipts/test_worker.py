"""The printer gets every receipt once, whatever happens to it meanwhile, and the lane's screen says what to do."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from devices.drawers.printer_drawer import PrinterDrawer
from devices.ports.tcp import TcpPort
from devices.printers.escpos import NULS, EscposPrinter, EscposPrinterSettings, Patience
from devices.printers.escpos_render import EscposProfile
from devices.printers.simulated import VirtualPrinter
from devices.supervision import BackOff, supervise
from edge.receipts.worker import LOOK_EVERY_S, keep_printing
from edge.shop import Shop
from tests.edge.small_shop import Till, open_small_shop, open_till, publish, setting
from tests.world import until

SHORT = Patience(status_s=0.3, progress_s=0.3, confirm_s=0.4)
SOON = BackOff(first_s=0.02, longest_s=0.1)
# Eight black dots by eight.
LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQAAAADsdIMmAAAAC0lEQVR4nGNgQAUAABAAATm9j2UAAAAASUVORK5CYII="
BEFORE_A_JOB = 18  # bytes: the worker asks how the printer is, and so does the driver
BEFORE_THE_FIRST = BEFORE_A_JOB + len(NULS)


@asynccontextmanager
async def printing(shop: Shop, table: VirtualPrinter, profile: str = "default") -> AsyncIterator[None]:
    """Feed the printer on the table while the context is open."""
    settings = EscposPrinterSettings(kind="printer", make="escpos", name="printer", port=table.port)
    driver = EscposPrinter(TcpPort(table.host, table.port), EscposProfile(profile), patience=SHORT)
    work = partial(keep_printing, shop, settings, driver, PrinterDrawer(driver))
    worker = asyncio.create_task(supervise("printer", "printer", work, shop.device_changed, SOON))
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        assert worker.cancelled(), worker.exception()


@pytest.fixture
async def table() -> AsyncIterator[VirtualPrinter]:
    async with VirtualPrinter() as printer:
        yield printer


@pytest.fixture
async def counter(till: Till, table: VirtualPrinter) -> AsyncIterator[Till]:
    """A till with a printer beside it that works."""
    async with printing(till.shop, table):
        await shown(till, "ready")
        yield till


async def shown(till: Till, state: str, code: str | None = None) -> dict[str, Any]:
    """Wait until the lane's screen shows the printer so; returns what it shows."""

    async def is_shown() -> bool:
        devices = (await till.lane())["devices"]
        return bool(devices) and (devices[0]["state"], devices[0]["code"]) == (state, code)

    await until(is_shown)
    device: dict[str, Any] = (await till.lane())["devices"][0]
    return device


async def printed(till: Till, order: dict[str, Any]) -> None:
    """Wait until an order's receipt is known to be on paper."""

    async def is_printed() -> bool:
        _, paid = await till.pay(order["id"])  # a repeat: answers the order
        return bool(paid["printing"] == "printed")

    await until(is_printed)


def originals(table: VirtualPrinter) -> list[str]:
    """Return the orders whose receipt came out whole and is no copy."""
    return [receipt.qrs[0] for receipt in table.receipts if "COPY" not in receipt.text]


def copies(table: VirtualPrinter) -> list[str]:
    return [receipt.qrs[0] for receipt in table.receipts if "COPY" in receipt.text]


async def test_receipts_come_out_in_order_and_once(counter: Till, table: VirtualPrinter) -> None:
    orders = [await counter.sell("milk") for _ in range(5)]
    await printed(counter, orders[-1])

    assert originals(table) == [order["id"] for order in orders]
    assert copies(table) == []
    assert table.drawer_kicks == 5


@pytest.mark.parametrize(
    ("trouble", "repair", "code", "hint"),
    [
        (VirtualPrinter.paper_out, VirtualPrinter.load_paper, "printer-out-of-paper", "Change the roll"),
        (VirtualPrinter.cover_open, VirtualPrinter.close_cover, "printer-cover-open", "Close the cover"),
    ],
)
async def test_a_printer_that_needs_a_hand_says_so_and_prints_by_itself_afterwards(
    counter: Till, table: VirtualPrinter, trouble: Any, repair: Any, code: str, hint: str
) -> None:
    trouble(table)
    order = await counter.sell("milk")
    device = await shown(counter, "failed", code)
    waiting = (await counter.lane())["order"]
    came_out_before = list(table.receipts)
    repair(table)
    await shown(counter, "ready")
    await printed(counter, order)

    assert device["title"]
    assert hint in device["hint"]
    assert (waiting["id"], waiting["printing"]) == (order["id"], "waiting")
    assert came_out_before == []
    assert (originals(table), copies(table)) == ([order["id"]], [])


async def test_paper_that_runs_out_while_nothing_prints_is_shown_within_a_moment(
    counter: Till, table: VirtualPrinter
) -> None:
    for trouble, repair, code in [
        (table.paper_out, table.load_paper, "printer-out-of-paper"),
        (table.cover_open, table.close_cover, "printer-cover-open"),
    ]:
        trouble()
        async with asyncio.timeout(LOOK_EVERY_S / 3):  # long before anybody asks the printer
            await shown(counter, "failed", code)
        repair()
        await shown(counter, "ready")


async def test_what_a_store_wants_on_its_receipts_is_on_them(counter: Till, table: VirtualPrinter) -> None:
    await publish(counter.shop.catalogue, setting(logo=LOGO, receipt_barcode=True))

    order = await counter.sell("milk")
    await printed(counter, order)

    (receipt,) = table.receipts
    assert receipt.barcodes == (order["receipt_number"],)
    assert [(raster.width_bytes, raster.height) for raster in receipt.rasters] == [(63, 8)]


async def test_a_printer_that_is_off_stops_no_sale(counter: Till, table: VirtualPrinter) -> None:
    await table.power_off()
    orders = [await counter.sell("milk") for _ in range(3)]
    device = await shown(counter, "failed", "device-disconnected")
    await table.power_on()
    await printed(counter, orders[-1])

    assert "cable" in device["hint"]
    assert originals(table) == [order["id"] for order in orders]
    assert copies(table) == []


async def test_a_frozen_printer_got_nothing_and_prints_when_it_wakes(counter: Till, table: VirtualPrinter) -> None:
    table.freeze()
    order = await counter.sell("milk")
    device = await shown(counter, "failed", "device-silent")
    table.thaw()
    await printed(counter, order)

    assert "off and on" in device["hint"]
    assert (originals(table), copies(table)) == ([order["id"]], [])


@pytest.mark.parametrize("after_bytes", [1, 40, 300])
async def test_a_link_cut_in_the_middle_ends_in_one_copy_and_at_most_one_original(
    counter: Till, table: VirtualPrinter, after_bytes: int
) -> None:
    table.cut_link(after_bytes=BEFORE_THE_FIRST + after_bytes)
    basket = await counter.fill("milk")
    _, order = await counter.pay_by_card(basket["id"])
    await printed(counter, order)

    assert originals(table) == []
    assert copies(table) == [order["id"]]


async def test_power_lost_in_the_middle_of_a_receipt_ends_in_a_copy(counter: Till, table: VirtualPrinter) -> None:
    table.freeze(after_bytes=BEFORE_THE_FIRST + 100)
    basket = await counter.fill("milk")
    _, order = await counter.pay_by_card(basket["id"])
    await until_frozen(table)
    await table.power_off()
    device = await shown(counter, "failed", "device-disconnected")
    unknown = (await counter.lane())["order"]["printing"]
    await table.power_on()
    await printed(counter, order)

    assert unknown == "unknown"
    assert device["hint"]
    assert (originals(table), copies(table)) == ([], [order["id"]])


async def until_frozen(table: VirtualPrinter) -> None:
    async def is_frozen() -> bool:
        return table.is_frozen

    await until(is_frozen)


async def test_paper_that_ends_in_the_middle_of_a_receipt_loses_none(counter: Till, table: VirtualPrinter) -> None:
    table.freeze(after_bytes=BEFORE_THE_FIRST + 1)
    basket = await counter.fill("milk")
    _, order = await counter.pay_by_card(basket["id"])
    await until_frozen(table)
    table.paper_out()
    table.thaw()
    device = await shown(counter, "failed", "printer-out-of-paper")
    table.load_paper()
    await printed(counter, order)

    assert "Change the roll" in device["hint"]
    assert originals(table) in ([order["id"]], [])  # the rest of it may come out on the new roll
    assert copies(table) == [order["id"]]


async def test_a_drawer_kick_that_came_too_late_is_dropped_and_the_receipt_is_not(
    counter: Till, table: VirtualPrinter
) -> None:
    table.paper_out()
    order = await counter.sell("milk")
    await shown(counter, "failed", "printer-out-of-paper")
    counter.shop.clock.device.passed_s += 31  # type: ignore[attr-defined]
    table.load_paper()
    await printed(counter, order)

    assert table.drawer_kicks == 0
    assert originals(table) == [order["id"]]


async def test_a_daemon_that_ended_while_printing_prints_a_copy(tmp_path: Path, table: VirtualPrinter) -> None:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(open_small_shop(tmp_path))
        till = await stack.enter_async_context(open_till(shop))
        await stack.enter_async_context(printing(shop, table))
        await shown(till, "ready")
        table.freeze(after_bytes=BEFORE_THE_FIRST + 100)
        basket = await till.fill("milk")
        _, order = await till.pay_by_card(basket["id"])
        await until_frozen(table)
    await table.power_off()
    await table.power_on()

    async with open_small_shop(tmp_path) as shop, open_till(shop) as till, printing(shop, table):
        await printed(till, order)

    assert (originals(table), copies(table)) == ([], [order["id"]])


@contextmanager
def full_disk(file: Path) -> Iterator[None]:
    """Let no file of this process grow beyond this one while the context is open."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


async def test_a_disk_that_takes_nothing_while_a_receipt_prints_makes_no_copy(
    counter: Till, table: VirtualPrinter
) -> None:
    db = counter.shop.db

    async def is_frozen() -> bool:
        return table.is_frozen

    async def is_on_paper() -> bool:
        return len(table.receipts) == 2

    first = await counter.sell("milk")
    await printed(counter, first)
    table.freeze(after_bytes=BEFORE_A_JOB + 100)
    order = await counter.sell("milk")
    await until(is_frozen)
    with full_disk(db.path.with_suffix(".db-wal")):
        table.thaw()
        await until(is_on_paper)
        await asyncio.sleep(0.2)  # it is tried to write down, in vain
    await printed(counter, order)

    assert originals(table) == [first["id"], order["id"]]
    assert copies(table) == []


async def test_a_printer_that_is_set_up_wrongly_is_told_and_keeps_its_receipts(
    till: Till, table: VirtualPrinter
) -> None:
    async with printing(till.shop, table, profile="no such model"):
        order = await till.sell("milk")
        device = await shown(till, "failed", "device-refused")

    assert "no such model" in device["title"]
    async with printing(till.shop, table):
        await printed(till, order)
    assert originals(table) == [order["id"]]


async def test_a_rough_day_loses_no_receipt_and_doubles_none(counter: Till, table: VirtualPrinter) -> None:
    troubles: list[Any] = [
        table.cut_link,
        partial(table.cut_link, after_bytes=BEFORE_A_JOB + 60),
        table.paper_out,
        table.freeze,
        table.cover_open,
        lambda: None,
    ]
    orders = []
    for trouble in troubles:
        trouble()
        basket = await counter.fill("milk")
        orders.append((await counter.pay_by_card(basket["id"]))[1])
        await asyncio.sleep(0.1)
        table.thaw()
        table.load_paper()
        table.close_cover()
        await printed(counter, orders[-1])

    made = [order["id"] for order in orders]
    assert len(set(originals(table))) == len(originals(table))
    assert sorted({*originals(table), *copies(table)}) == sorted(made)
