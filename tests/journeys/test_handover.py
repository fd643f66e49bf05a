"""Two boxes and head office as processes: a basket begun at one is paid at the other, once, whoever dies when."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from edge import app as edge_app
from edge.database import Transaction
from edge.demo.daemons import free_port
from edge.sync.enrol import enrol
from shared.clock import SystemClock
from tests.edge.power.day import CASH
from tests.journeys.faulty_line import FaultyLine, faulty_line
from tests.journeys.mortal import PATIENCE_S, Client, Mortal, mortal
from tests.journeys.test_two_hundred_kills import OPERATOR_KEY, at_head_office, write_box_config, write_office_config
from tests.world import ATTENDANT_KEY, BARCODES, STORE, set_up, until

SEED = 11
ROUNDS = 15
KILL_WITHIN_S = 0.05  # about as long as an act takes on an idle machine

pytestmark = pytest.mark.timeout(600)


@dataclass(slots=True)
class Box:
    """One box of the store, which may die, and a shopper in front of it who never gives up."""

    mortal: Mortal
    config: Path
    shopper: Client
    keys: int = 0

    async def revive(self) -> None:
        await self.mortal.die()
        await self.mortal.open(self.config)

    async def scan(self, sku: str) -> Any:
        self.keys += 1
        headers = {"Idempotency-Key": f"scan {self.keys}"}
        return await self.shopper.insist(
            "POST", "/api/lanes/kiosk/scans", json={"code": BARCODES[sku]}, headers=headers
        )

    async def park(self, basket_id: str) -> str:
        self.keys += 1
        headers = {"Idempotency-Key": f"park {self.keys}"}
        answer = await self.shopper.insist("POST", f"/api/baskets/{basket_id}/parking", headers=headers)
        return str(answer["code"])

    async def go_on(self, code: str) -> Any:
        return await self.shopper.insist("POST", "/api/lanes/kiosk/continued", json={"code": code})

    async def pay(self, basket_id: str, tender: dict[str, Any]) -> Any:
        return await self.shopper.insist("POST", f"/api/baskets/{basket_id}/checkout", json={"tender": tender})


@dataclass(slots=True)
class Twins:
    """Two boxes of one store, and head office."""

    first: Box
    second: Box
    line: FaultyLine  # on which the second box reaches the first
    folder: Path
    chance: random.Random
    sold: dict[str, str] = field(default_factory=dict)  # receipt numbers by order

    async def while_somebody_dies(self, act: Callable[[], Awaitable[Any]]) -> Any:
        """Do something and meanwhile kill one of the boxes, or neither."""
        victim = self.chance.choice([self.first, self.second, None])
        if victim is None:
            return await act()
        acting = asyncio.ensure_future(act())
        await asyncio.sleep(self.chance.uniform(0, KILL_WITHIN_S))
        await victim.revive()
        return await acting

    async def settle(self) -> None:
        """Wait until head office has every order, and each of them once."""

        async def settled() -> bool:
            return at_head_office(self.folder / "cloud").documents.keys() == self.sold.keys()

        await until(settled, PATIENCE_S)
        there = at_head_office(self.folder / "cloud")
        assert there.documents == Counter(self.sold.keys())
        assert there.quarantined == 0


@asynccontextmanager
async def open_twins(folder: Path) -> AsyncIterator[Twins]:
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(mortal("cloud"))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        await office.open(write_office_config(folder))
        key, code = await set_up(http, office.url, OPERATOR_KEY, STORE)
        buyer = Client(http, office.url, key)
        store_id = (await buyer.insist("GET", "/api/stores"))["stores"][0]["id"]
        node = {"name": "gateway", "series": "T1K2"}
        other_code = (await buyer.insist("POST", f"/api/stores/{store_id}/nodes", json=node))["enrolment_code"]
        ports, boxes = {"first": free_port(0), "second": free_port(0)}, []
        line = await stack.enter_async_context(faulty_line(ports["first"]))
        reached = {"first": line.port, "second": ports["second"]}
        for name, enrolment_code in (("first", code), ("second", other_code)):
            (other,) = ports.keys() - {name}
            (folder / name).mkdir()
            beside = (
                f'[neighbours]\nhost = "127.0.0.1"\nport = {ports[name]}\nbeacon_port = 0\n'
                f'addresses = ["127.0.0.1:{reached[other]}"]\n'
            )
            config = write_box_config(folder / name, office.url, beside)
            async with edge_app.open_database(folder / name / "edge") as db:
                await enrol(db, office.url, enrolment_code, SystemClock())
            box = await stack.enter_async_context(mortal("edge"))
            await box.open(config)
            boxes.append(Box(box, config, Client(http, box.url, ATTENDANT_KEY)))

        async def met() -> bool:
            seen = [await box.shopper.once("GET", "/api/neighbours") for box in boxes]
            return all(len([one for one in view["neighbours"] if one["address"]]) == 1 for _, view in seen)

        await until(met, PATIENCE_S)
        yield Twins(boxes[0], boxes[1], line, folder, random.Random(SEED))
        for box in boxes:
            await box.mortal.stop()
        await office.stop()


def standing(folder: Path, basket_id: str) -> str | None:
    """Return how a basket stands in a box that is not running."""
    tx = Transaction(str(folder / "edge" / "sales.db"))
    try:
        tx.execute("pragma locking_mode = exclusive")
        found: str | None = tx.value("select coalesce(aside, state) from baskets where id = ?", (basket_id,))
        return found
    finally:
        tx.close()


async def test_a_basket_begun_at_one_box_is_paid_at_another_and_arrives_once(tmp_path: Path) -> None:
    async with open_twins(tmp_path) as twins:
        await twins.first.scan("mug")
        basket = await twins.first.scan("tea")
        code = await twins.first.park(basket["id"])

        there = await twins.second.go_on(code)
        order = await twins.second.pay(there["id"], CASH)

        twins.sold[order["id"]] = order["receipt_number"]
        await twins.settle()
        status, refused = await twins.first.shopper.once(
            "POST", f"/api/baskets/{basket['id']}/checkout", json={"tender": CASH}
        )

    assert (there["id"], there["lines"], there["total_minor"]) == (basket["id"], basket["lines"], basket["total_minor"])
    assert (order["id"], order["receipt_number"]) == (basket["id"], "T1K2-000001")
    assert (status, refused["code"]) == (409, "basket-has-moved")


async def test_a_basket_whose_box_is_dead_waits_for_it(tmp_path: Path) -> None:
    async with open_twins(tmp_path) as twins:
        basket = await twins.first.scan("mug")
        code = await twins.first.park(basket["id"])
        await twins.first.mortal.die()
        path = "/api/lanes/kiosk/continued"

        status, refused = await twins.second.shopper.once("POST", path, json={"code": code})
        sold = await twins.second.scan("milk")
        order = await twins.second.pay(sold["id"], CASH)
        await twins.first.mortal.open(twins.first.config)
        there = await twins.second.go_on(code)
        paid = await twins.second.pay(there["id"], CASH)

        twins.sold.update({one["id"]: one["receipt_number"] for one in (order, paid)})
        await twins.settle()

    assert (status, refused["code"], refused["facts"]["names"]) == (503, "basket-till-away", "kiosk")
    assert paid["id"] == basket["id"]


async def test_boxes_that_are_killed_at_any_moment_lose_and_double_no_basket(tmp_path: Path) -> None:
    async with open_twins(tmp_path) as twins:
        for number in range(ROUNDS):
            here, there = (twins.first, twins.second) if number % 2 else (twins.second, twins.first)
            skus = twins.chance.choices(["milk", "tea", "mug"], k=2)
            for sku in skus:
                basket = await here.scan(sku)
            basket_id = basket["id"]
            code = await twins.while_somebody_dies(lambda here=here, basket_id=basket_id: here.park(basket_id))
            moved = await twins.while_somebody_dies(lambda there=there, code=code: there.go_on(code))
            assert (moved["id"], moved["total_minor"]) == (basket_id, basket["total_minor"])
            order = await twins.while_somebody_dies(lambda there=there, basket_id=basket_id: there.pay(basket_id, CASH))
            twins.sold[order["id"]] = order["receipt_number"]
            assert order["id"] == basket_id
        await twins.settle()
        deaths = twins.first.mortal.deaths + twins.second.mortal.deaths
        assert deaths > ROUNDS

    for basket_id in twins.sold:
        assert sorted(str(standing(tmp_path / name, basket_id)) for name in ("first", "second")) == [
            "completed",
            "moved",
        ]
    print(f"{deaths} deaths, {len(twins.sold)} baskets handed over")
