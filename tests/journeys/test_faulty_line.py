"""Every fault of the line at every door of boxes: nothing is lost, nothing is doubled, and all goes on by itself."""

import asyncio
import itertools
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from cloud.app import DOORS
from cloud.database import picture
from cloud.uses import storage as cloud_uses
from edge import app as edge_app
from edge.database import Transaction
from edge.demo.daemons import free_port
from edge.fleet import service as fleet
from edge.handover import api as handover_api
from edge.journal import Journal
from edge.neighbours import service as neighbours
from edge.sync.client import HeadOfficeAway, HeadOfficeSilent
from edge.sync.enrol import enrol
from shared.api.routes import Route
from shared.clock import SystemClock
from shared.events.nodes import NodeStarted
from shared.protocol.neighbours import Copy, make_nonce
from tests.edge.power.day import CARD, CASH, whole_journal
from tests.edge.power.promises import Promised, broken
from tests.journeys.faulty_line import FAULTS, Fault, FaultyLine, answer_lost, faulty_line, says
from tests.journeys.mortal import PATIENCE_S, Client, Mortal, mortal
from tests.journeys.test_handover import open_twins
from tests.journeys.test_two_hundred_kills import (
    OPERATOR_KEY,
    at_head_office,
    chain_of,
    write_box_config,
    write_office_config,
)
from tests.world import ATTENDANT_KEY, BARCODES, CATALOGUE, STORE, set_up, until

RETURNS, BRANCHES, COPIES_OF = "/api/returns", "/api/journal/branches", "/api/journal/copies/{node_id}"
UNKNOWN = says("401 Unauthorized", "unauthenticated")
FORGOTTEN = says("404 Not Found", "not-found")
ELSEWHERE = says("409 Conflict", "broken-chain")
PRODUCTS = 6_000  # so many that a box without a catalogue fetches it whole
GIFT = {
    "name": "Gift card", "kind": "batch", "text": "GIFT", "size": 200, "leased_uses": 2,
    "voucher": {"currency": "GBP", "worth_minor": 200, "remainder": "stays"},
}  # fmt: skip

pytestmark = pytest.mark.timeout(600)


def of_boxes(route: Route) -> bool:
    """Tell a door for boxes: it proves which node calls, or what it takes is of the protocol."""
    takes = route.body is not None and route.body.__module__.startswith("shared.protocol")
    return takes or "node_of" in route.handler.__code__.co_names


DOORS_FOR_BASKETS = {route.path for route in handover_api.between.routes}  # at another box of the store
DOORS_OF_BOXES = {route.path for door in DOORS for route in door.routes.routes if of_boxes(route)}


@dataclass(slots=True)
class Harbour:
    """A box behind a line that breaks, and the people around it."""

    box: Mortal
    config: Path
    line: FaultyLine
    kiosk: Client
    buyer: Client
    store_id: str
    codes: list[str]
    copies_port: int
    sold: dict[str, str] = field(default_factory=dict)  # receipt numbers by order
    spent: int = 0  # vouchers
    keys: "itertools.count[int]" = field(default_factory=itertools.count)

    async def basket(self, sku: str = "mug") -> str:
        headers = {"Idempotency-Key": f"scan {next(self.keys)}"}
        body = {"code": BARCODES[sku]}
        answer = await self.kiosk.insist("POST", "/api/lanes/kiosk/scans", json=body, headers=headers)
        return str(answer["id"])

    async def pay(self, basket_id: str, tender: dict[str, Any]) -> bool:
        status, answer = await self.kiosk.once("POST", f"/api/baskets/{basket_id}/checkout", json={"tender": tender})
        if status == 200:
            self.sold[answer["id"]] = answer["receipt_number"]
            return True
        assert status in {409, 503}, answer
        return False

    async def sell_by_card(self) -> None:
        """Sell by card, and in cash where that does not work."""
        basket_id = await self.basket("tea")
        if not await self.pay(basket_id, CARD):
            assert await self.pay(basket_id, CASH)

    async def online(self) -> None:
        async def holds() -> bool:
            return bool((await self.kiosk.insist("GET", "/healthz"))["head_office"] == "online")

        await until(holds, PATIENCE_S)

    async def until_hit(self, path: str, act: Callable[[], Awaitable[object]]) -> None:
        """Do something until the fault at a door has happened; a box that is offline does not knock there."""
        async with asyncio.timeout(PATIENCE_S):
            while path in self.line.armed:
                await self.online()
                await act()

    async def in_contact(self, times: int) -> None:
        """Wait until the box said so often that it is there."""
        before = self.line.passed["/api/contacts"]

        async def holds() -> bool:
            return self.line.passed["/api/contacts"] >= before + times

        await until(holds, PATIENCE_S)

    async def hit(self, *paths: str) -> None:
        """Wait until the faults that are armed at these doors have happened."""

        async def holds() -> bool:
            return not self.line.armed.keys() & set(paths)

        await until(holds, PATIENCE_S)

    async def start_without_catalogue(self) -> None:
        """The box comes back, and its catalogue is gone, and its certificate, as if there had been none."""
        await self.box.stop()
        for file in (self.config.parent / "edge").glob("catalogue.db*"):
            file.unlink()
        with closing(sqlite3.connect(self.config.parent / "edge" / "sales.db", isolation_level=None)) as data:
            data.execute("update identity set certificate = null")
        await self.box.open(self.config)

        async def sells() -> bool:
            status, health = await self.kiosk.once("GET", "/healthz")
            return status == 200 and health["can_sell"]

        await until(sells, PATIENCE_S)

    async def enrol_another(self, folder: Path) -> None:
        """Enrol one more box, trying again as an installer would."""
        path = f"/api/stores/{self.store_id}/nodes"
        node = {"name": folder.name, "series": f"X{folder.name}"}
        waiting = await self.buyer.insist("POST", path, json=node)
        async with edge_app.open_database(folder) as db, asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    url = f"http://127.0.0.1:{self.line.port}"
                    enrolled = await enrol(db, url, waiting["enrolment_code"], SystemClock())
                except (HeadOfficeAway, HeadOfficeSilent):
                    await asyncio.sleep(0.05)
                else:
                    assert enrolled.series == node["series"]
                    await self.leave_copies(await db.transact(copy_of_what_it_did))
                    return

    async def leave_copies(self, copy: Copy) -> None:
        """Let the box keep entries of another, as soon as it knows that one."""

        async def kept() -> bool:
            url = f"http://127.0.0.1:{self.copies_port}/copies"
            async with self.kiosk.http.post(url, json=copy.model_dump(mode="json")) as answer:
                return answer.status == 200

        await until(kept, PATIENCE_S)

    async def live_through(self, fault: Fault, folder: Path) -> None:
        """Do what makes the box knock at every door, with the fault behind each."""
        self.line.arm(DOORS_OF_BOXES - {RETURNS, BRANCHES}, fault)
        await self.start_without_catalogue()
        await self.enrol_another(folder)
        await self.hit(COPIES_OF)
        self.line.arm([COPIES_OF], FORGOTTEN)  # and so it shows its neighbour's certificate
        await self.enrol_another(folder.with_name(f"{folder.name}B"))
        await self.hit("/api/journal", "/api/contacts")
        self.line.arm(["/api/journal", "/api/feed"], fault)
        assert await self.pay(await self.basket("milk"), CASH)
        await self.until_hit("/api/payments", self.sell_by_card)
        self.line.arm(["/api/payments"], answer_lost)  # and so it is taken back
        await self.until_hit("/api/payments", self.sell_by_card)
        voucher = await self.basket("mug")
        await self.kiosk.insist("POST", f"/api/baskets/{voucher}/coupons", json={"code": self.codes[self.spent]})
        await self.hit("/api/uses/balances")
        declined = {"kind": "card", "card": "test-declined"}
        await self.until_hit("/api/uses/reservations", partial(self.pay, voucher, declined))
        await self.hit("/api/uses/reservations/return")  # what was reserved is given back
        assert await self.pay(voucher, CASH)
        self.spent += 1
        await self.hit(*self.line.armed)
        await self.hit("/api/enrolment")
        await self.in_contact(2)  # after the first of them it has fetched its certificate
        self.line.arm([RETURNS], fault)
        self.line.arm(["/api/contacts"], UNKNOWN)  # and so it shows its certificate
        await self.hit("/api/contacts", RETURNS)
        await self.in_contact(1)  # refused once more before that, the box would wait for a while
        self.line.arm([BRANCHES], fault)
        self.line.arm(["/api/journal"], ELSEWHERE)  # and so it delivers beside what is held
        assert await self.pay(await self.basket("milk"), CASH)
        await self.hit(*self.line.armed)

    async def settle(self, folder: Path) -> None:
        """Wait until head office has everything once, and nothing is reserved or charged without an order."""

        async def settled() -> bool:
            health = await self.kiosk.insist("GET", "/healthz")
            there = at_head_office(folder)
            return (
                health["unsent"] == 0
                and there.documents.keys() == self.sold.keys()
                and there.charged == there.paid
                and uses(folder) == {"used": self.spent}
            )

        await until(settled, PATIENCE_S)


def copy_of_what_it_did(tx: Transaction) -> Copy:
    """Let a box that was just enrolled write something, and return it for a neighbour to keep."""
    identity = fleet.who_am_i(tx)
    now = SystemClock().now()
    Journal.of(identity.node_id, ()).record(tx, NodeStarted(software_version="1"), now, now.date())
    copy = neighbours.copy_for(tx, identity, 0, make_nonce())
    assert copy is not None
    return copy


def uses(folder: Path) -> dict[str, int]:
    """Return how many uses head office counts, by their state."""
    with picture(folder) as tx:
        states = cloud_uses.uses.c.state
        rows = tx.execute(select(states, func.count().label("number")).where(states != "returned").group_by(states))
        return {row.state: row.number for row in rows}


async def test_every_fault_at_every_door_of_boxes_loses_and_doubles_nothing(tmp_path: Path) -> None:
    faults = random.Random(5).sample(FAULTS, len(FAULTS))
    async with open_harbour(tmp_path) as harbour:
        for number, fault in enumerate(faults):
            harbour.line.hits.clear()
            try:
                await harbour.live_through(fault, tmp_path / f"{number:02d}")
                await harbour.settle(tmp_path / "cloud")
            except BaseException as error:
                error.add_note(f"while the line had the fault {fault.__name__}; not yet at {[*harbour.line.armed]}")
                raise
            assert set(harbour.line.hits) >= DOORS_OF_BOXES
        await harbour.box.stop()

    async with edge_app.open_database(tmp_path / "edge") as db:
        node_id = (await db.transact(fleet.who_am_i)).node_id
        here = [(seq, written, head.hex()) for seq, written, head in await db.transact(whole_journal)]
    there = at_head_office(tmp_path / "cloud", node_id)
    promised = Promised(sold=harbour.sold, node_id=node_id)
    assert broken(tmp_path / "edge" / "sales.db", promised) == []
    assert there.documents == Counter(harbour.sold.keys())
    assert there.journal[: len(here)] == here[: len(there.journal)]
    assert chain_of(there.journal, node_id) == [head for _, _, head in there.journal]
    assert there.quarantined == 0


async def test_every_fault_at_every_door_between_boxes_loses_and_doubles_no_basket(tmp_path: Path) -> None:
    async with open_twins(tmp_path) as twins:
        for fault, path in itertools.product(FAULTS, sorted(DOORS_FOR_BASKETS)):
            basket = await twins.first.scan("mug")
            code = await twins.first.park(basket["id"])
            twins.line.hits.clear()
            twins.line.arm([path], fault)
            try:
                there = await twins.second.go_on(code)
            except BaseException as error:
                error.add_note(f"while {path} had the fault {fault.__name__}")
                raise
            assert (there["id"], there["lines"], twins.line.hits) == (basket["id"], basket["lines"], [path])
            order = await twins.second.pay(there["id"], CASH)
            twins.sold[order["id"]] = order["receipt_number"]
        await twins.settle()

    assert len(twins.sold) == len(FAULTS) * len(DOORS_FOR_BASKETS)


@asynccontextmanager
async def open_harbour(folder: Path) -> AsyncIterator[Harbour]:
    """Open head office and an enrolled box as processes, with a line between them that can be broken."""
    async with AsyncExitStack() as stack:
        office, box = [await stack.enter_async_context(mortal(name)) for name in ("cloud", "edge")]
        http = await stack.enter_async_context(aiohttp.ClientSession())
        await office.open(write_office_config(folder))
        key, code = await set_up(http, office.url, OPERATOR_KEY, STORE)
        buyer = Client(http, office.url, key)
        store_id = (await buyer.insist("GET", "/api/stores"))["stores"][0]["id"]
        many = CATALOGUE + "".join(f"more-{number},Thing {number},,1.00,standard,,\n" for number in range(PRODUCTS))
        csv = {"data": many.encode(), "headers": {"Content-Type": "text/csv"}}
        await buyer.insist("POST", "/api/catalogue/imports?currency=GBP", **csv)
        await buyer.insist("PUT", "/api/coupons/gift", json=GIFT)
        codes = (await buyer.insist("GET", "/api/coupons/gift/codes?limit=100"))["codes"]
        line = await stack.enter_async_context(faulty_line(int(office.url.rstrip("/").rpartition(":")[2])))
        copies_port = free_port(0)
        beside = f'[neighbours]\nhost = "127.0.0.1"\nport = {copies_port}\nbeacon_port = 0\nwaits_s = 0.2\n'
        config = write_box_config(folder, f"http://127.0.0.1:{line.port}", beside)
        async with edge_app.open_database(folder / "edge") as db:
            await enrol(db, office.url, code, SystemClock())
        await box.open(config)
        kiosk = Client(http, box.url, ATTENDANT_KEY)
        yield Harbour(box, config, line, kiosk, buyer, store_id, codes, copies_port)
        await office.stop()
