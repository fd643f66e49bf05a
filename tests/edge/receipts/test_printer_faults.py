"""Two hundred printer faults at any byte: each receipt comes out, and none twice without being marked COPY."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from devices.ports.port import Port
from devices.ports.tcp import TcpPort
from devices.ports.usb_printer import UsbPrinterPort
from devices.printers.escpos import EscposPrinter, EscposPrinterSettings, Patience
from devices.printers.simulated import VirtualPrinter
from devices.printers.simulated_cable import SimulatedCable
from devices.supervision import BackOff, supervise
from edge.receipts import service
from edge.receipts.worker import keep_printing
from edge.shop import Shop
from tests.edge.small_shop import Till, open_small_shop, open_till
from tests.world import until

PATIENCE = Patience(status_s=0.15, progress_s=0.15, confirm_s=0.2)
SOON = BackOff(first_s=0.01, longest_s=0.05)
ASKING_BYTES = 18  # the worker asks how the printer is, and so does the driver
SHOPS, FAULTS = 4, 25  # on each kind of link: 200 in all
TROUBLES = ("power", "freeze", "stall", "paper", "cover", "link")


@asynccontextmanager
async def port_to(printer: VirtualPrinter, link: str, folder: Path) -> AsyncIterator[Port]:
    if link == "network":
        yield TcpPort(printer.host, printer.port)
        return
    async with SimulatedCable(printer, folder) as cable:
        yield UsbPrinterPort(str(cable.path))


@asynccontextmanager
async def printing(shop: Shop, printer: VirtualPrinter, port: Port) -> AsyncIterator[None]:
    settings = EscposPrinterSettings(kind="printer", make="escpos", name="printer", port=printer.port)
    work = partial(keep_printing, shop, settings, EscposPrinter(port, patience=PATIENCE), None)
    worker = asyncio.create_task(supervise("printer", "printer", work, shop.device_changed, SOON))
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        assert worker.cancelled(), worker.exception()


async def sold(till: Till) -> str:
    """Sell something by card, so that no drawer opens; returns the order's id."""
    basket = await till.fill("milk")
    _, order = await till.pay_by_card(basket["id"])
    return str(order["id"])


async def printed(shop: Shop, order_id: str) -> None:
    async def is_printed() -> bool:
        return await shop.db.transact(service.printing, order_id) == "printed"

    await until(is_printed)


async def strike(printer: VirtualPrinter, trouble: str, at: int, selling: asyncio.Task[str], pause_s: float) -> None:
    """Let the trouble come at that byte, and a person repair it a little later."""
    struck = asyncio.Event()

    def act() -> None:
        happen = {"paper": printer.paper_out, "cover": printer.cover_open, "link": printer.cut_link}
        happen.get(trouble, printer.freeze)()
        struck.set()

    printer.after(at, act)
    await asyncio.gather(selling, struck.wait())
    if trouble == "power":
        await printer.power_off()
    await asyncio.sleep(0.0 if trouble == "stall" else pause_s)
    await printer.power_on()
    printer.thaw()
    printer.load_paper()
    printer.close_cover()


async def bad_day(folder: Path, link: str, seed: int) -> tuple[list[str], VirtualPrinter]:
    """Sell on through one trouble after the other; returns the orders and what the printer printed."""
    chance = random.Random(f"{link} {seed}")
    async with (
        VirtualPrinter() as printer,
        port_to(printer, link, folder) as port,
        open_small_shop(folder) as shop,
        open_till(shop) as till,
        printing(shop, printer, port),
    ):
        orders = [await sold(till)]
        await printed(shop, orders[0])
        last_byte = ASKING_BYTES + len(printer.receipts[0].raw)
        for _ in range(FAULTS):
            selling = asyncio.create_task(sold(till))
            at, pause_s = chance.randint(1, last_byte), chance.uniform(0.0, 0.3)
            await strike(printer, chance.choice(TROUBLES), at, selling, pause_s)
            orders.append(await selling)
            await printed(shop, orders[-1])
    return orders, printer


@pytest.mark.parametrize("link", ["network", "usb"])
async def test_every_receipt_comes_out_and_none_twice_without_a_mark(link: str, tmp_path: Path) -> None:
    folders = [tmp_path / str(seed) for seed in range(SHOPS)]
    for folder in folders:
        folder.mkdir()

    days = await asyncio.gather(*(bad_day(folder, link, seed) for seed, folder in enumerate(folders)))

    for orders, printer in days:
        unmarked = Counter(receipt.qrs[0] for receipt in printer.receipts if "COPY" not in receipt.text)
        copies = Counter(receipt.qrs[0] for receipt in printer.receipts if "COPY" in receipt.text)
        assert len(orders) == FAULTS + 1
        assert max(unmarked.values()) == 1
        assert unmarked.keys() | copies.keys() == set(orders)
        assert unmarked  # not everything is in doubt
        assert copies  # and some is
