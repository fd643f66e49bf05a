"""Two kiosks and a gateway: what a destroyed kiosk had not sent reaches head office from its neighbours, once."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cloud import app as cloud_app
from edge import app as edge_app
from edge.config import Config
from edge.demo.daemons import free_port
from edge.neighbours.beacon import Listener, listening
from edge.shop import Shop
from edge.sync.enrol import enrol
from shared.clock import SystemClock
from shared.protocol.neighbours import Beacon, make_beacon
from tests.edge.neighbours.test_copies import STRANGER
from tests.world import ATTENDANT_KEY, BARCODES, STORE, FaultyLine, cloud_config, set_up, until

GROUP = "239.255.83.87"


@dataclass(slots=True)
class Node:
    """One box of the store: where its data is, and its own line to head office."""

    name: str
    folder: Path
    config: Config
    line: FaultyLine
    http: aiohttp.ClientSession

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Running"]:
        async with edge_app.selling(self.config, self.folder, SystemClock()) as (shop, url):

            async def ready() -> bool:
                return shop.catalogue.is_ready and len(shop.catalogue.neighbours) == 3

            await until(ready)
            yield Running(self, shop, url)


@dataclass(slots=True)
class Running:
    """A box that sells."""

    node: Node
    shop: Shop
    url: str

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {ATTENDANT_KEY}"}
        async with self.node.http.request(method, self.url + path, json=body, headers=headers) as response:
            answer = await response.json(content_type=None)
            assert response.status == 200, answer
            return answer

    async def sell(self, sku: str) -> str:
        basket = await self.call("POST", "/api/lanes/kiosk/scans", {"code": BARCODES[sku]})
        tender = {"kind": "cash", "tendered_minor": basket["cash_total_minor"]}
        order = await self.call("POST", f"/api/baskets/{basket['id']}/checkout", {"tender": tender})
        return str(order["id"])

    async def copies(self) -> dict[str, int]:
        """Return how many entries of each neighbour are kept here."""
        seen = await self.call("GET", "/api/neighbours")
        return {one["name"]: one["copies"] for one in seen["neighbours"]}


@dataclass(slots=True)
class Street:
    """A store of several boxes, and its head office."""

    nodes: dict[str, Node]
    office_url: str
    office_key: str
    http: aiohttp.ClientSession

    async def office(self, method: str, path: str, body: Any = None) -> Any:
        """Knock at head office's door."""
        headers = {"Authorization": f"Bearer {self.office_key}"}
        async with self.http.request(method, self.office_url + path, json=body, headers=headers) as response:
            assert response.status < 300, await response.text()
            return await response.json(content_type=None)

    async def orders(self) -> list[str]:
        return [order["id"] for order in (await self.office("GET", "/api/orders?limit=200"))["orders"]]

    async def has(self, *order_ids: str) -> None:
        """Wait until head office has these orders, and see that it has no others and none twice."""

        async def arrived() -> bool:
            return len(await self.orders()) >= len(order_ids)

        await until(arrived)
        assert sorted(await self.orders()) == sorted(order_ids)


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        head_office, url = await stack.enter_async_context(
            cloud_app.open_for_business(cloud_config(), tmp_path / "cloud", SystemClock())
        )
        key, first_code = await set_up(http, url, head_office.operator_key, STORE)
        ports = {name: free_port(0) for name in ("kiosk", "kiosk-2", "gateway")}
        codes = {"kiosk": first_code}
        headers = {"Authorization": f"Bearer {key}"}
        async with http.get(f"{url}/api/stores", headers=headers) as response:
            store_id = (await response.json())["stores"][0]["id"]
        for number, name in enumerate(("kiosk-2", "gateway"), start=2):
            wanted = {"name": name, "series": f"T1K{number}"}
            async with http.post(f"{url}/api/stores/{store_id}/nodes", json=wanted, headers=headers) as response:
                codes[name] = (await response.json())["enrolment_code"]
        nodes = {}
        for name, port in ports.items():
            line = await stack.enter_async_context(FaultyLine(int(url.rpartition(":")[2])))
            others = [f"127.0.0.1:{other}" for other in ports.values() if other != port]
            config = Config.model_validate(
                {
                    "http": {"port": 0},
                    "broker": {"port": free_port(0)},
                    "head_office": {"url": f"http://127.0.0.1:{line.port}", "push_every_s": 0.1, "pull_every_s": 0.1},
                    "attendant_key": ATTENDANT_KEY,
                    "neighbours": {
                        "host": "127.0.0.1",
                        "port": port,
                        "addresses": tuple(others),
                        "beacon_port": 0,
                        "waits_s": 0.3,
                    },
                }
            )
            async with edge_app.open_database(tmp_path / name) as db:
                await enrol(db, config.head_office.url, codes[name], SystemClock())
            nodes[name] = Node(name, tmp_path / name, config, line, http)
        yield Street(nodes, url, key, http)


async def test_a_destroyed_kiosks_sales_come_from_its_neighbours_and_none_twice(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.neighbours.worker.LOOK_EVERY_S", 0.2)
    kiosk, kiosk_2, gateway = (street.nodes[name] for name in ("kiosk", "kiosk-2", "gateway"))
    async with gateway.running() as at_gateway, kiosk_2.running() as second:
        await kiosk_2.line.cut()
        await gateway.line.cut()
        async with kiosk.running() as first:
            await kiosk.line.cut()
            sold = [await first.sell(sku) for sku in ("milk", "tea", "mug")]
            sold.append(await second.sell("milk"))

            async def copied() -> bool:
                return (await at_gateway.copies())["kiosk"] >= 3 and (await second.copies())["kiosk"] >= 3

            await until(copied)
        assert await street.orders() == []  # the kiosk is gone, and nobody has a line

        await gateway.line.mend()
        await street.has(*sold)  # those of the second kiosk, which is there but has no line, too
        await kiosk_2.line.mend()

        await kiosk.line.mend()
        async with kiosk.running() as back:
            sold.append(await back.sell("tea"))
            await street.has(*sold)

            async def settled() -> bool:
                return back.shop.line.online and back.shop.line.unsent == 0

            await until(settled)

            async def forgotten() -> bool:
                return {*(await at_gateway.copies()).values(), *(await second.copies()).values()} == {0}

            await until(forgotten)


async def test_boxes_hear_each_other_on_the_network() -> None:
    heard: list[tuple[Beacon, str]] = []
    port = free_port(0)
    node_id = "0190a000-0000-7000-8000-000000000001"
    key = STRANGER.public_key().public_bytes_raw().hex()
    listener = Listener({node_id: key}.get, lambda *one: heard.append(one))

    async def found() -> bool:
        tell(b"what is this")
        tell(make_beacon(STRANGER, "0190a000-0000-7000-8000-000000000002", 8087))
        tell(make_beacon(STRANGER, node_id, 8087))
        return bool(heard)

    try:
        async with listening(listener, GROUP, port) as tell:
            tell(b"first")
            await until(found)
    except OSError as error:
        pytest.skip(f"no multicast on this machine: {error}")

    assert {beacon.node_id for beacon, _ in heard} == {node_id}
    assert {address.rpartition(":")[2] for _, address in heard} == {"8087"}
