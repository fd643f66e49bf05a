"""`kill -9` of the store's daemon at random moments: what was acknowledged is there once, here and at head office."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from cloud import app as cloud_app
from devices.printers.simulated import VirtualPrinter
from edge import app as edge_app
from edge.demo.daemons import free_port
from edge.sync.enrol import enrol
from shared.clock import SystemClock
from tests.world import ATTENDANT_KEY, BARCODES, STORE, cloud_config, set_up, until

ORDERS = 50
KILL_SHARE = 0.3  # of the orders during which the daemon dies
KILL_WITHIN_S = 0.06  # an order of three scans takes about this long


@dataclass(slots=True)
class Box:
    """The daemon as a process that can be killed and started again."""

    config: Path
    url: str
    http: aiohttp.ClientSession
    process: asyncio.subprocess.Process | None = None
    deaths: int = 0
    acknowledged: list[str] = field(default_factory=list)  # orders whose payment was answered

    async def start(self) -> None:
        """Start until it sells; it may be killed while it starts, too."""
        command = (sys.executable, "-m", "edge", "run", "--config", str(self.config))
        said = b""
        while not said:
            self.process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            assert self.process.stdout is not None
            said = await self.process.stdout.readline()
            if not said:
                assert await self.process.wait() == -signal.SIGKILL
        assert said.startswith(b"Selling at")

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.deaths += 1

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        async with self.http.request(method, self.url + path, json=body, headers=headers) as response:
            answer = await response.json(content_type=None)
            assert response.status == 200, answer
            return answer

    async def sell(self, skus: list[str]) -> None:
        """Scan and pay; whatever was acknowledged before a death must be there after it."""
        scanned = 0
        while scanned < len(skus):
            try:
                basket = await self.call("POST", "/api/lanes/kiosk/scans", {"code": BARCODES[skus[scanned]]})
            except aiohttp.ClientError:
                await self.start_again()
                standing = (await self.call("GET", "/api/lanes/kiosk"))["basket"]
                kept = standing["quantity"] if standing else 0
                assert scanned <= kept <= scanned + 1, "an acknowledged scan is gone, or one counted twice"
                scanned = kept
            else:
                scanned = basket["quantity"]
        await self.pay((await self.lane_basket())["id"])

    async def lane_basket(self) -> dict[str, Any]:
        try:
            return (await self.call("GET", "/api/lanes/kiosk"))["basket"]
        except aiohttp.ClientError:
            await self.start_again()
            return (await self.call("GET", "/api/lanes/kiosk"))["basket"]

    async def pay(self, basket_id: str) -> None:
        body = {"tender": {"kind": "cash", "tendered_minor": 100_000}}
        try:
            order = await self.call("POST", f"/api/baskets/{basket_id}/checkout", body)
        except aiohttp.ClientError:
            await self.start_again()
            order = await self.call("POST", f"/api/baskets/{basket_id}/checkout", body)  # the kiosk repeats itself
        assert order["id"] == basket_id
        self.acknowledged.append(order["id"])

    async def start_again(self) -> None:
        assert self.process is not None
        await self.process.wait()
        await self.start()

    async def all_orders(self) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {ATTENDANT_KEY}"}
        return (await self.call("GET", "/api/orders?limit=100", **headers))["orders"]


async def test_every_acknowledged_order_is_there_once_however_often_the_daemon_is_killed(tmp_path: Path) -> None:
    chance = random.Random(20)
    async with open_box(tmp_path) as (box, office_orders, printer):
        for _ in range(ORDERS):
            dying = chance.random() < KILL_SHARE
            killer = asyncio.create_task(die(box, chance.uniform(0, KILL_WITHIN_S))) if dying else None
            await box.sell(chance.choices(["milk", "tea", "mug"], k=3))
            if killer:
                await killer
        await box.lane_basket()  # starts it, should it be dead
        here = await box.all_orders()

        async def delivered() -> bool:
            return len(await office_orders()) >= len(here)

        async def printed() -> bool:
            return {order["id"] for order in here} <= {qr for receipt in printer.receipts for qr in receipt.qrs}

        await until(delivered)
        await until(printed, patience_s=60)
        there = await office_orders()

    assert box.deaths >= ORDERS * KILL_SHARE / 2
    assert sorted(order["id"] for order in here) == sorted(box.acknowledged)
    assert sorted(order["id"] for order in there) == sorted(box.acknowledged)
    numbers = sorted(order["receipt_number"] for order in there)
    assert numbers == [f"T1K1-{number:06d}" for number in range(1, ORDERS + 1)]
    originals = [receipt.qrs for receipt in printer.receipts if "COPY" not in receipt.text]
    assert len(originals) == len(set(originals)), "a receipt was printed twice without saying COPY"


async def die(box: Box, after_s: float) -> None:
    await asyncio.sleep(after_s)
    await box.kill()


@asynccontextmanager
async def open_box(folder: Path, broker: str = "") -> AsyncIterator[Any]:
    """Open head office here and the store's daemon as a process; gives the box, a look at head office, the printer.

    broker: more of its settings, in TOML.
    """
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        office, office_url = await stack.enter_async_context(
            cloud_app.open_for_business(cloud_config(), folder / "cloud", SystemClock())
        )
        key, code = await set_up(http, office_url, office.operator_key, STORE)
        printer = await stack.enter_async_context(VirtualPrinter())
        port = free_port(0)
        config = folder / "edge.toml"
        config.write_text(
            f'data = "edge"\nattendant_key = "{ATTENDANT_KEY}"\nlog_level = "error"\nhttp = {{port = {port}}}\n'
            f'head_office = {{url = "{office_url}", push_every_s = 0.2}}\n'
            f'[[devices]]\nkind = "printer"\nmake = "escpos"\nname = "printer"\nport = {printer.port}\n'
            f"[broker]\nport = {free_port(0)}\n{broker}\n"
        )
        async with edge_app.open_database(folder / "edge") as db:
            await enrol(db, office_url, code, SystemClock())
        box = Box(config, f"http://127.0.0.1:{port}", http)
        await box.start()

        async def office_orders() -> list[dict[str, Any]]:
            headers = {"Authorization": f"Bearer {key}"}
            async with http.get(f"{office_url}/api/orders?limit=200", headers=headers) as response:
                return (await response.json())["orders"]

        async def ready() -> bool:
            async with http.get(f"{box.url}/healthz") as response:
                return (await response.json(content_type=None))["can_sell"]

        try:
            await until(ready)
            yield box, office_orders, printer
        finally:
            if box.process and box.process.returncode is None:
                box.process.terminate()
                await box.process.wait()
