"""A small real world for tests: head office and a shop in this process, with real HTTP, SQLite and device drivers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from cloud import app as cloud_app
from cloud.config import Config as CloudConfig
from cloud.head_office import HeadOffice
from devices.printers.simulated import VirtualPrinter
from devices.scanners.simulated import SimulatedScanner
from edge import app as edge_app
from edge.config import Config as EdgeConfig
from edge.demo.daemons import free_port
from edge.demo.line import Line, pump
from edge.shop import Shop
from edge.sync.enrol import enrol
from shared.clock import SystemClock

PATIENCE_S = 15.0
LOOK_EVERY_S = 0.02
ATTENDANT_KEY = "sw_attendant_for_tests"
STORE = {
    "code": "T1",
    "name": "Corner shop",
    "country": "GB",
    "currency": "GBP",
    "timezone": "Europe/London",
}
CATALOGUE = """sku,name,barcode,price,tax_class,category,tags
milk,Milk 1 l,5000128104517,1.15,zero,dairy,
tea,Black tea,4006381333931,3.49,standard,drinks,
mug,Mug with a very long name that a narrow receipt has to wrap twice,2000000000015,5.00,standard,kitchen,gift
twin-a,Twin A,96385074,1.00,standard,,
twin-b,Twin B,96385074,2.00,standard,,
priceless,Priceless vase,4012345678901,,standard,,
"""
BARCODES = {"milk": "5000128104517", "tea": "4006381333931", "mug": "2000000000015"}
PROMOTIONS = [
    {
        "id": "P1",
        "name": "Mugs: 3 for 2",
        "family": "line_special",
        "target": {"skus": ["mug"]},
        "n": 3,
        "m": 1,
        "reward": {"kind": "percent", "value": 10000},
    },
    {
        "id": "P2",
        "name": "10 % off drinks",
        "family": "easy",
        "target": {"categories": ["drinks"]},
        "reward": {"kind": "percent", "value": 1000},
    },
]


class FaultyLine(Line):
    """A line to head office that can lose answers after their requests arrived."""

    answers_to_lose = 0

    async def carry_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(1)
        if self.answers_to_lose > 0:
            self.answers_to_lose -= 1
            raise ConnectionResetError
        writer.write(first)
        await pump(reader, writer)


@dataclass(slots=True)
class World:
    """One tenant, one store, one kiosk."""

    head_office: HeadOffice
    office_url: str
    office_key: str
    line: FaultyLine
    shop: Shop
    shop_url: str
    printer: VirtualPrinter
    scanner: SimulatedScanner
    http: aiohttp.ClientSession

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Knock at the shop's door. Returns status and answer."""
        options = {} if body is None else {"json": body}
        async with self.http.request(method, self.shop_url + path, headers=headers, **options) as response:
            return response.status, await response.json(content_type=None)

    async def call_office(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Knock at head office's door with the tenant's key."""
        headers = {"Authorization": f"Bearer {self.office_key}", **headers}
        options = {} if body is None else {"json": body}
        async with self.http.request(method, self.office_url + path, headers=headers, **options) as response:
            return response.status, await response.json(content_type=None)

    async def scan(self, sku: str, units: int = 1) -> dict[str, Any]:
        """Send a product's barcode through the kiosk's door, `units` times; returns the basket."""
        for _ in range(units):
            status, basket = await self.call("POST", "/api/lanes/kiosk/scans", {"code": BARCODES[sku]})
            assert status == 200, basket
        return basket

    async def sell(self, sku: str, units: int = 1, tender: dict[str, Any] | None = None) -> dict[str, Any]:
        """Scan and pay; returns the order as the thank-you screen has it."""
        basket = await self.scan(sku, units)
        tender = tender or {"kind": "cash", "tendered_minor": basket["cash_total_minor"]}
        status, order = await self.call("POST", f"/api/baskets/{basket['id']}/checkout", {"tender": tender})
        assert status == 200, order
        return order

    async def lane(self) -> dict[str, Any]:
        """Return what the kiosk's screen shows."""
        return (await self.call("GET", "/api/lanes/kiosk"))[1]

    async def orders_at_head_office(self) -> list[dict[str, Any]]:
        """Return the orders there, newest first."""
        return (await self.call_office("GET", "/api/orders?limit=200"))[1]["orders"]

    async def settle(self, orders: int) -> None:
        """Wait until head office has so many orders and the shop has nothing left to send."""

        async def settled() -> bool:
            arrived = len(await self.orders_at_head_office())
            assert arrived <= orders, "head office has more orders than were made"
            return arrived == orders and self.shop.line.unsent == 0 and self.shop.line.online

        await until(settled)

    async def printed(self, receipts: int) -> None:
        """Wait until so many receipts came out of the printer."""

        async def out() -> bool:
            return len(self.printer.receipts) >= receipts

        await until(out)


async def until(holds: Callable[[], Awaitable[bool]], patience_s: float = PATIENCE_S) -> None:
    """Wait until `await holds()` is true. Raises TimeoutError."""
    deadline_s = asyncio.get_running_loop().time() + patience_s
    while not await holds():
        if asyncio.get_running_loop().time() > deadline_s:
            raise TimeoutError
        await asyncio.sleep(LOOK_EVERY_S)


@asynccontextmanager
async def open_world(folder: Path, **settings: Any) -> AsyncIterator[World]:
    """Open head office and an enrolled shop that has its catalogue.

    settings: of the store, such as country and currency.
    """
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        head_office, office_url = await stack.enter_async_context(
            cloud_app.open_for_business(cloud_config(), folder / "cloud", SystemClock())
        )
        line = await stack.enter_async_context(FaultyLine(int(office_url.rpartition(":")[2])))
        printer = await stack.enter_async_context(VirtualPrinter())
        scanner = SimulatedScanner(folder)
        stack.callback(scanner.unplug)
        office_key, code = await set_up(http, office_url, head_office.operator_key, {**STORE, **settings})
        config = edge_config(line, printer, scanner)
        async with edge_app.open_database(folder / "edge") as db:
            await enrol(db, config.head_office.url, code, SystemClock())
        shop, shop_url = await stack.enter_async_context(edge_app.selling(config, folder / "edge", SystemClock()))
        world = World(head_office, office_url, office_key, line, shop, shop_url, printer, scanner, http)

        async def ready() -> bool:
            devices = {state.state for state in shop.devices.values()}
            return (
                shop.catalogue.is_ready
                and bool(shop.catalogue.pack.promotions)
                and devices == {"ready"}
                and shop.line.online
            )

        await until(ready)
        yield world


def cloud_config() -> CloudConfig:
    return CloudConfig.model_validate_json('{"http": {"port": 0}}')


def edge_config(line: Line, printer: VirtualPrinter, scanner: SimulatedScanner) -> EdgeConfig:
    return EdgeConfig.model_validate(
        {
            "http": {"port": 0},
            "broker": {"port": free_port(0)},
            "head_office": {"url": f"http://127.0.0.1:{line.port}", "push_every_s": 0.1, "pull_every_s": 0.1},
            "attendant_key": ATTENDANT_KEY,
            "devices": (
                {"kind": "scanner", "make": "serial", "name": "scanner", "path": str(scanner.path)},
                {"kind": "printer", "make": "escpos", "name": "printer", "port": printer.port},
                {"kind": "drawer", "make": "printer", "name": "drawer", "printer": "printer"},
            ),
        }
    )


async def set_up(http: aiohttp.ClientSession, url: str, operator_key: str, store: dict[str, Any]) -> tuple[str, str]:
    """Create tenant, store, node, catalogue and promotions. Returns the tenant's key and the enrolment code."""

    async def call(method: str, path: str, key: str, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {key}", **content.pop("headers", {})}
        async with http.request(method, url + path, headers=headers, **content) as response:
            answer = await response.json(content_type=None)
            assert response.status < 300, answer
            return answer

    tenant = await call("POST", "/api/tenants", operator_key, json={"name": "Corner shops"})
    key = tenant["key"]
    opened = await call("POST", "/api/stores", key, json=store)
    node = await call("POST", f"/api/stores/{opened['id']}/nodes", key, json={"name": "kiosk", "series": "T1K1"})
    csv = {"data": CATALOGUE.encode(), "headers": {"Content-Type": "text/csv"}}
    report = await call("POST", f"/api/catalogue/imports?currency={store['currency']}", key, **csv)
    assert report["rejected"] == 0, report
    await call("PUT", "/api/promotions", key, json={"promotions": PROMOTIONS})
    return key, node["enrolment_code"]
