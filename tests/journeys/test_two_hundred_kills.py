"""`kill -9` of the real daemons at two hundred random moments: nothing acknowledged is lost, nothing is doubled."""

import asyncio
import itertools
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from cloud.database import picture
from cloud.orders import storage as cloud_orders
from cloud.payments import storage as cloud_payments
from cloud.sync import intake, quarantine
from edge import app as edge_app
from edge import journal
from edge.database import Database, Transaction
from edge.demo.daemons import free_port
from edge.fleet import service as fleet
from edge.sync.enrol import enrol
from shared import ids
from shared.clock import SystemClock
from shared.events.nodes import NodeStarted
from shared.model.order import Order
from shared.protocol import entry
from tests.edge.power.day import CARD, CASH, enrol_as_the_first_version_did, older, whole_journal
from tests.edge.power.promises import Promised, broken
from tests.edge.small_shop import NODE
from tests.journeys.mortal import PATIENCE_S, Client, Mortal, mortal
from tests.world import ATTENDANT_KEY, BARCODES, CATALOGUE, STORE, set_up, until

OPERATOR_KEY = "sw_operator_for_tests"
SEED = 5

pytestmark = pytest.mark.timeout(600)

Act = Callable[[], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Town:
    """A box and head office, each of which may die at any moment, and the people around them."""

    box: Mortal
    box_config: Path
    office: Mortal
    office_config: Path
    kiosk: Client
    buyer: Client
    chance: random.Random
    sold: dict[str, str] = field(default_factory=dict)  # receipt numbers by order or refund, as people were told
    left: list[str] = field(default_factory=list)  # orders of which nothing came back yet
    milk_minor: int = 115
    keys: "itertools.count[int]" = field(default_factory=itertools.count)

    async def scan(self, sku: str) -> Any:
        body = {"code": BARCODES[sku]}
        headers = {"Idempotency-Key": f"scan {next(self.keys)}"}
        return await self.kiosk.insist("POST", "/api/lanes/kiosk/scans", json=body, headers=headers)

    async def sell(self) -> None:
        for sku in self.chance.choices(["milk", "tea", "mug"], k=2):
            basket = await self.scan(sku)
        path = f"/api/baskets/{basket['id']}/checkout"
        order = None
        if self.chance.random() < 0.3:
            try:
                status, answer = await self.kiosk.once("POST", path, json={"tender": CARD})
                order = answer if status == 200 else None
            except aiohttp.ClientError:
                pass  # the box died; the shopper takes out some cash
        order = order or await self.kiosk.insist("POST", path, json={"tender": CASH})
        assert order["id"] == basket["id"]
        self.sold[order["id"]] = order["receipt_number"]
        self.left.append(order["id"])

    async def take_back(self) -> None:
        order_id = self.left.pop(self.chance.randrange(len(self.left)))
        path = f"/api/orders/{order_id}/refunds/{ids.new_id()}"
        refund = await self.kiosk.insist("PUT", path, json={"lines": [{"number": 1, "quantity": 1}]})
        self.sold[refund["id"]] = refund["receipt_number"]

    async def price(self) -> None:
        """Let head office change a price, which goes down the feed."""
        self.milk_minor += 1
        csv = CATALOGUE.replace("1.15", f"{self.milk_minor / 100:.2f}").encode()
        headers = {"Content-Type": "text/csv"}
        await self.buyer.insist("POST", "/api/catalogue/imports?currency=GBP", data=csv, headers=headers)

    async def nothing(self) -> None:
        """Let the daemons do what they do by themselves: start, send up, take down."""

    async def kill(self, victim: Mortal, act: Act, within_s: float) -> None:
        """Let people do something, and kill a daemon meanwhile or shortly after."""
        acting = asyncio.create_task(act())
        await asyncio.sleep(self.chance.uniform(0, within_s))
        await victim.die()
        await victim.open(self.box_config if victim is self.box else self.office_config)
        await acting

    async def kill_after(self, victim: Mortal, act: Act, within_s: float) -> None:
        """Let people do something, and kill a daemon while it is sent up or taken down."""
        await act()
        await self.kill(victim, self.nothing, within_s)

    async def kill_at_start(self, victim: Mortal, _act: Act, within_s: float) -> None:
        """Kill a daemon that has just been started again."""
        config = self.box_config if victim is self.box else self.office_config
        await victim.die()
        await victim.bear(config)
        await asyncio.sleep(self.chance.uniform(0, within_s))
        await victim.die()
        await victim.open(config)


# What goes on, who dies, when, how often, and within how many seconds: it takes about as long on an idle machine.
KILLS: tuple[tuple[str, str, str, int, float], ...] = (
    ("sell", "box", "kill", 40, 0.06),
    ("sell", "box", "kill_after", 20, 0.04),  # on its way up
    ("sell", "office", "kill_after", 20, 0.04),
    ("sell", "office", "kill", 10, 0.06),
    ("take_back", "box", "kill", 20, 0.02),
    ("take_back", "office", "kill_after", 10, 0.04),
    ("price", "office", "kill", 10, 0.05),
    ("price", "box", "kill_after", 20, 0.25),  # on its way down
)
STARTS, UPGRADES, FIRST_STARTS = 5, 30, 10  # 200 kills in all


async def test_two_hundred_kills_lose_and_double_nothing_here_or_at_head_office(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    plan = [kill for kill in KILLS for _ in range(kill[3])]
    plan += [("nothing", name, "kill_at_start", 1, 0.3) for name in ("box", "office") for _ in range(STARTS)]
    chance.shuffle(plan)
    async with open_town(tmp_path, chance) as town:
        await town.sell()
        for act, victim, when, _, within_s in plan:
            if not town.left:
                await town.sell()
            await getattr(town, when)(getattr(town, victim), getattr(town, act), within_s)
        await settle(town, tmp_path / "cloud")
        deaths = town.box.deaths + town.office.deaths
        await town.box.stop()
        await town.office.stop()

    assert deaths == len(plan) + 2 * STARTS
    async with edge_app.open_database(tmp_path / "edge") as db:
        node_id = (await db.transact(fleet.who_am_i)).node_id
        here = [(seq, written, head.hex()) for seq, written, head in await db.transact(whole_journal)]
    there = at_head_office(tmp_path / "cloud")
    assert broken(tmp_path / "edge" / "sales.db", Promised(sold=town.sold, node_id=node_id)) == []
    assert there.documents == Counter(town.sold.keys())
    assert sorted(town.sold.values()) == [f"T1K1-{number:06d}" for number in range(1, len(town.sold) + 1)]
    assert there.journal[: len(here)] == here[: len(there.journal)]
    assert chain_of(there.journal, node_id) == [head for _, _, head in there.journal]
    assert there.quarantined == 0
    print(f"{deaths} deaths, {len(town.sold)} orders and refunds, {len(here)} entries")


def chain_of(entries: list[tuple[int, bytes, str]], node_id: str) -> list[str]:
    """Reckon a chain anew from the bytes."""
    heads = [entry.genesis(node_id)]
    for _, written, _ in entries:
        heads.append(entry.chained(heads[-1], written))
    return [head.hex() for head in heads[1:]]


async def settle(town: Town, folder: Path) -> None:
    """Wait until head office has everything and the box has nothing left to send, to take back or to fetch."""

    async def settled() -> bool:
        health = await town.kiosk.insist("GET", "/healthz")
        milk = (await town.kiosk.insist("GET", "/api/products?query=milk"))["products"][0]
        there = at_head_office(folder)
        return (
            health["unsent"] == 0
            and milk["price_minor"] == town.milk_minor
            and there.documents.keys() == town.sold.keys()
            and there.charged == there.paid
        )

    await until(settled, PATIENCE_S)


@dataclass(frozen=True, slots=True)
class Office:
    """What head office has in its books."""

    documents: Counter[str]  # orders and refunds
    charged: set[str]  # card payments that were not taken back
    paid: set[str]  # card payments of orders
    journal: list[tuple[int, bytes, str]]  # seq, entry, hash
    quarantined: int


def at_head_office(folder: Path, node_id: str | None = None) -> Office:
    """Return what head office has. node_id: whose journal; everybody's where there is one box."""
    with picture(folder) as tx:
        orders = [Order.model_validate_json(body) for body in tx.execute(select(cloud_orders.orders.c.body)).scalars()]
        refunds = tx.execute(select(cloud_orders.refunds.c.id)).scalars().all()
        approved = select(cloud_payments.payments.c.id).where(cloud_payments.payments.c.state == "approved")
        columns = intake.journal.c
        query = select(columns.seq, columns.entry, columns.hash).order_by(columns.seq)
        rows = tx.execute(query.where(columns.node_id == node_id) if node_id else query)
        return Office(
            documents=Counter([*(order.id for order in orders), *refunds]),
            charged=set(tx.execute(approved).scalars()),
            paid={tender.payment_id for order in orders for tender in order.tenders if tender.kind == "card"},
            journal=[(row.seq, row.entry.encode(), row.hash) for row in rows],
            quarantined=tx.execute(select(func.count()).select_from(quarantine.quarantine)).scalar_one(),
        )


async def test_an_upgrade_that_is_killed_is_done_or_not_begun(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    clock = SystemClock()
    before = await older_box(tmp_path / "before")
    states: Counter[bool] = Counter()
    async with mortal("edge") as box:
        for number in range(UPGRADES + 1):
            folder = tmp_path / f"{number}"
            shutil.copytree(tmp_path / "before", folder / "edge")
            config = write_box_config(folder, "http://127.0.0.1:9")
            begun_s = clock.monotonic_s()
            await box.bear(config)
            if number == 0:  # how long it takes here and now
                await box.opened()
                takes_s = clock.monotonic_s() - begun_s
            else:
                await asyncio.sleep(chance.uniform(0, takes_s / 2))  # the tables come first
            await box.die()
            states[is_upgraded(folder / "edge")] += 1
            await box.open(config)
            await box.die()
            assert is_upgraded(folder / "edge")
            async with edge_app.open_database(folder / "edge") as db:
                kept = await db.transact(whole_journal)
                await db.transact(journal.verify, (await db.transact(fleet.who_am_i)).node_id)
            assert kept[: len(before)] == before
            assert len(kept) > len(before)

    assert states[True] > 0
    assert states[False] > 0


async def test_a_head_office_that_is_killed_while_it_makes_its_tables_makes_them_later(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    async with mortal("cloud") as office, aiohttp.ClientSession() as http:
        for number in range(FIRST_STARTS):
            folder = tmp_path / f"{number}"
            config = write_office_config(folder)
            await office.bear(config)
            await asyncio.sleep(chance.uniform(0, 0.3))
            await office.die()
            await office.open(config)
            await set_up(http, office.url, OPERATOR_KEY, STORE)
            await office.die()


async def older_box(folder: Path) -> list[tuple[int, bytes, bytes]]:
    """Make the data of a box with the tables of the first version. Returns its journal."""
    async with Database(folder / edge_app.SALES_FILE, older(edge_app.MIGRATIONS)) as db:
        return await db.transact(write_as_the_first_version_did)


def write_as_the_first_version_did(tx: Transaction) -> list[tuple[int, bytes, bytes]]:
    enrol_as_the_first_version_did(tx)
    now, head = SystemClock().now(), entry.genesis(NODE.node_id)
    for seq in range(1, 51):
        written = entry.write(seq, ids.new_id(), NodeStarted(software_version=f"0.{seq}"), now, now.date())
        head = entry.chained(head, written)
        tx.execute("insert into journal values (?, ?, ?, ?)", (seq, now.isoformat(), written, head))
    return whole_journal(tx)


def is_upgraded(folder: Path) -> bool:
    """Tell which tables a dead box has; a mixture fails."""
    copy = folder.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    tx = Transaction(str(copy / edge_app.SALES_FILE))
    tx.execute("pragma locking_mode = exclusive")
    versions = dict(tx.rows("select feature, version from migrations"))
    tx.close()
    new = {feature: len(scripts) for feature, scripts in edge_app.MIGRATIONS}
    assert versions in (new, dict.fromkeys(new, 1))
    return bool(versions == new)


@asynccontextmanager
async def open_town(folder: Path, chance: random.Random) -> AsyncIterator[Town]:
    """Open head office and an enrolled box that has its catalogue, as processes that can be killed."""
    async with AsyncExitStack() as stack:
        office, box = [await stack.enter_async_context(mortal(name)) for name in ("cloud", "edge")]
        http = await stack.enter_async_context(aiohttp.ClientSession())
        office_config = write_office_config(folder)
        await office.open(office_config)
        key, code = await set_up(http, office.url, OPERATOR_KEY, STORE)
        box_config = write_box_config(folder, office.url)
        async with edge_app.open_database(folder / "edge") as db:
            await enrol(db, office.url, code, SystemClock())
        await box.open(box_config)
        kiosk, buyer = Client(http, box.url, ATTENDANT_KEY), Client(http, office.url, key)
        town = Town(box, box_config, office, office_config, kiosk, buyer, chance)

        async def ready() -> bool:
            return bool((await kiosk.once("GET", "/healthz"))[1]["can_sell"])

        await until(ready)
        yield town


def write_office_config(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    config = folder / "cloud.toml"
    config.write_text(
        f'data = "cloud"\nlog_level = "error"\noperator_key = "{OPERATOR_KEY}"\nhttp = {{port = {free_port(0)}}}\n'
    )
    return config


def write_box_config(folder: Path, office_url: str, more: str = "") -> Path:
    config = folder / "edge.toml"
    config.write_text(
        f'data = "edge"\nattendant_key = "{ATTENDANT_KEY}"\nlog_level = "error"\nhttp = {{port = {free_port(0)}}}\n'
        f'head_office = {{url = "{office_url}", push_every_s = 0.1, pull_every_s = 0.1}}\n'
        f"[broker]\nport = {free_port(0)}\n{more}"
    )
    return config
