"""The real daemons with the benchmark's catalogue, set up as an installer would, and the floors beside them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from edge.demo import daemons
from edge.demo.installer import IMPORT_TIMEOUT_S, STORE, Doors
from shared import ids
from tests.benchmarks import catalogue
from tests.benchmarks.till import Till

CATALOGUE_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Store:
    """Head office runs; the edge and the floors are started by whoever measures them."""

    folder: Path
    edge_config: Path
    edge_url: str
    office_url: str
    office_key: str

    async def office(self, method: str, path: str, content: Any = None) -> Any:
        """Knock at head office's door with the tenant's key; returns the answer. Raises httpx2.HTTPError."""
        async with httpx2.AsyncClient(base_url=self.office_url, timeout=IMPORT_TIMEOUT_S, trust_env=False) as http:
            return await Doors(http, self.office_key).call(method, path, content)

    @asynccontextmanager
    async def edge(self, config: Path | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run our daemon while the context is open; entered once it listens. config: another than its usual one."""
        async with daemons.running("edge", config or self.edge_config, self.folder / "edge.log") as process:
            yield process

    @asynccontextmanager
    async def floor(self, synchronous: str) -> AsyncIterator[str]:
        """Run a floor while the context is open; gives its address. synchronous: how sure its commits are."""
        port = daemons.free_port(0)
        name = f"floor-{synchronous}-{port}"  # several parts of the benchmark have one
        config = self.folder / f"{name}.toml"
        config.write_text(f'file = "{name}.db"\nsynchronous = "{synchronous}"\nport = {port}\n')
        async with daemons.running("tests.benchmarks.floor", config, config.with_suffix(".log")):
            yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def open_store(folder: Path) -> AsyncIterator[Store]:
    """Run head office while the context is open, with an edge enrolled that has its catalogue and does not run."""
    async with AsyncExitStack() as stack:
        office_port, edge_port = daemons.free_port(0), daemons.free_port(0)
        operator_key = ids.new_key("sw_operator")
        cloud_config = folder / "cloud.toml"
        cloud_config.write_text(
            f'data = "cloud"\noperator_key = "{operator_key}"\nhttp = {{port = {office_port}}}\nlog_level = "warning"\n'
        )
        await stack.enter_async_context(daemons.running("cloud", cloud_config, folder / "cloud.log"))
        office_url = f"http://127.0.0.1:{office_port}"
        edge_config = folder / "edge.toml"
        edge_config.write_text(
            f'data = "edge"\nlog_level = "warning"\nhttp = {{port = {edge_port}}}\n'
            f'broker = {{port = {daemons.free_port(0)}}}\n[head_office]\nurl = "{office_url}"\n'
        )
        code, office_key = await _set_up(office_url, operator_key)
        await daemons.command("enrol", code, "--config", str(edge_config))
        store = Store(folder, edge_config, f"http://127.0.0.1:{edge_port}", office_url, office_key)
        async with store.edge():
            await _until_it_sells(store.edge_url)
        yield store


async def _set_up(url: str, operator_key: str) -> tuple[str, str]:
    """Create the tenant, its store and its node, and publish the catalogue; return enrolment code and tenant's key."""
    async with httpx2.AsyncClient(base_url=url, timeout=IMPORT_TIMEOUT_S, trust_env=False) as http:
        tenant = await Doors(http, operator_key).call("POST", "/api/tenants", {"name": STORE["name"]})
        office = Doors(http, tenant["key"])
        store = await office.call("POST", "/api/stores", STORE)
        node = await office.call("POST", f"/api/stores/{store['id']}/nodes", {"name": "kiosk-1", "series": "B1"})
        await office.call("PUT", "/api/promotions", {"promotions": catalogue.promotions_json()})
        query = f"?currency={STORE['currency']}&retailer={STORE['retailer']}"
        report = await office.call("POST", f"/api/catalogue/imports{query}", catalogue.products_csv())
        assert report["taken"] == catalogue.PRODUCTS, report
    return node["enrolment_code"], tenant["key"]


async def _until_it_sells(url: str) -> None:
    """Wait until the last product can be scanned: its price is the last row of the feed. Raises ValueError."""
    last = catalogue.products()[-1].barcode
    deadline_s = time.monotonic() + CATALOGUE_TIMEOUT_S
    with Till(url) as till:
        while True:
            try:
                till.abandon(till.scan(last)["id"])
            except ValueError:
                if time.monotonic() > deadline_s:
                    raise
                await asyncio.sleep(LOOK_EVERY_S)
            else:
                return
