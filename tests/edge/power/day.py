"""A short day in a shop through its real doors, recorded: what was asked for, what people were told, every write."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge import app, journal
from edge.checkout.gateway import GatewaySilent
from edge.database import Database, Transaction
from edge.receipts import service as receipts
from shared.protocol.batch import Acknowledged
from tests.edge.power.recording import Recording, recording
from tests.edge.small_shop import (
    BARCODES,
    NODE,
    STAFF,
    TestGateway,
    Till,
    assortment,
    open_small_shop,
    open_till,
    publish,
)

BASKETS = [["milk"], ["tea", "mug"], ["milk", "milk", "oil"], ["soap"], ["mug", "mug", "mug"], ["tea", "crate"]]
SALES = 18
# The log goes into the database after so many pages instead of 1,000: pictures are small, and such moments many.
CHECKPOINT_PAGES = 60

REFUND_ID = "0190a000-0000-7000-8000-{:012d}"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants of the shop. Whoever gets no answer wants it again, and means the same."""

    verb: str
    path: str
    body: tuple[tuple[str, Any], ...] = ()
    key: str = ""

    async def put(self, till: Till) -> tuple[int, Any]:
        """Ask at the shop's door. Returns status and answer."""
        headers = {**STAFF, **({"Idempotency-Key": self.key} if self.key else {})}
        return await till.call(self.verb, self.path, dict(self.body), **headers)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request is on its way; perhaps it is done already."""

    request: Request


@dataclass(frozen=True, slots=True)
class Told:
    """A request was answered: what it promised must be there whatever happens."""

    request: Request
    answer: Any


@dataclass(frozen=True, slots=True)
class Sold:
    """An order or a refund that somebody was told of."""

    document_id: str
    receipt_number: str


@dataclass(frozen=True, slots=True)
class Parked:
    """A basket waits under this code, as somebody was told."""

    basket_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Printing:
    """The printer was given this job."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Held:
    """Head office holds the journal up to here, and the box has taken note."""

    seq: int


@dataclass(frozen=True, slots=True)
class Sent:
    """Head office holds the journal up to here; whether the box knows is another question."""

    seq: int


Migrations = tuple[tuple[str, tuple[str, ...]], ...]
Loosen = Callable[[Database], None]  # spoils the database's promise, to see whether somebody notices


@dataclass(slots=True)
class Day:
    """The day as it goes on."""

    till: Till
    recorded: Recording
    keys: "itertools.count[int]"

    async def ask(self, verb: str, path: str, body: dict[str, Any], key: str = "", status: int = 200) -> Any:
        request = Request(verb, path, tuple(body.items()), key)
        self.recorded.mark(Asked(request))
        answered, answer = await request.put(self.till)
        assert answered == status, answer
        self.recorded.mark(Told(request, answer))
        return answer

    async def scan(self, sku: str) -> Any:
        return await self.ask("POST", "/api/lanes/kiosk/scans", {"code": BARCODES[sku]}, f"scan-{next(self.keys)}")

    async def sell(self, skus: list[str], tender: dict[str, Any], *, parks: bool = False) -> Any:
        for sku in skus:
            basket = await self.scan(sku)
        if parks:
            await self.park_and_go_on(basket["id"])
        path = f"/api/baskets/{basket['id']}/checkout"
        order = await self.ask("POST", path, {"tender": tender})
        self.recorded.mark(Sold(order["id"], order["receipt_number"]))
        return order

    async def park_and_go_on(self, basket_id: str) -> None:
        """Let a basket wait under a code while its lane begins another, which is given up; then go on with it."""
        parked = await self.ask("POST", f"/api/baskets/{basket_id}/parking", {}, f"park-{next(self.keys)}")
        self.recorded.mark(Parked(basket_id, parked["code"]))
        other = await self.scan("soap")
        await self.ask("DELETE", f"/api/baskets/{other['id']}", {}, status=204)
        await self.ask("POST", "/api/lanes/kiosk/continued", {"code": parked["code"]})

    async def refund(self, order_id: str) -> None:
        path = f"/api/orders/{order_id}/refunds/{REFUND_ID.format(next(self.keys))}"
        refund = await self.ask("PUT", path, {"lines": [{"number": 1, "quantity": 1}]})
        self.recorded.mark(Sold(refund["id"], refund["receipt_number"]))

    async def print_next(self) -> None:
        shop = self.till.shop
        job = await shop.db.transact(receipts.next_job, shop.clock.now())
        if job is not None:
            self.recorded.mark(Printing(job.id))
            await shop.db.transact(receipts.printed, job)

    async def push(self, *, answer_lost: bool) -> None:
        shop = self.till.shop
        unsent = await shop.db.transact(journal.unsent)
        if not unsent:
            return
        seq, _, head = unsent[-1]
        self.recorded.mark(Sent(seq))
        if not answer_lost:
            answer = Acknowledged(seq=seq, head=head.hex())
            assert await shop.db.transact(journal.acknowledge, answer, shop.identity.node_id)
            self.recorded.mark(Held(seq))


CASH = {"kind": "cash", "tendered_minor": 100_000}
CARD = {"kind": "card", "card": "test-approved"}


async def live(day: Day) -> None:
    """Sell in cash and by card, take goods back, print, send up; a basket is left standing."""
    for number, skus in zip(range(SALES), itertools.cycle(BASKETS)):
        if number % 7 == 5:
            basket = await day.scan("oil")
            silent = {"tender": CARD}
            day.till.gateway.ends_with.append(GatewaySilent())
            await day.ask("POST", f"/api/baskets/{basket['id']}/checkout", silent, status=503)
        order = await day.sell(skus, CARD if number % 4 == 1 else CASH, parks=number % 5 == 3)
        await day.print_next()
        if number % 5 == 2:
            await day.refund(order["id"])
        if number % 6 == 3:
            await day.ask("POST", f"/api/orders/{order['id']}/copies", {}, f"copy-{next(day.keys)}", status=202)
        if number % 3 == 1:
            await day.push(answer_lost=number % 2 == 0)
            await day.print_next()
    await day.scan("tea")


def as_it_is(_database: Database) -> None:
    """Leave the database as the product has it."""


def normal(database: Database) -> None:
    """Sync the write-ahead log only when it goes into the database."""
    database._connection.execute("pragma synchronous = normal")


@dataclass(frozen=True, slots=True)
class Past:
    """A day that is over: what was written and told, the journal at its end, and the shop's products."""

    recorded: Recording
    entries: list[tuple[int, bytes, bytes]]  # seq, entry, hash
    catalogue: Path


async def live_a_day(folder: Path, loosen: Loosen = as_it_is) -> Past:
    """Enrol a box with older software, bring it up to date, and live a day in two halves with a restart between."""
    keys = itertools.count(1)
    with recording() as recorded:
        async with Database(folder / app.SALES_FILE, older(app.MIGRATIONS)) as db:
            loosen(db)
            await db.transact(enrol_as_the_first_version_did)
            recorded.mark(NODE)
        for half in range(2):
            async with open_small_shop(folder) as shop, open_till(shop, TestGateway()) as till:
                if half == 0:
                    await publish(shop.catalogue, *assortment())
                await shop.db.transact(lambda tx: tx.value(f"pragma wal_autocheckpoint = {CHECKPOINT_PAGES}"))
                loosen(shop.db)
                await live(Day(till, recorded, keys))
                entries = await shop.db.transact(whole_journal)
    return Past(recorded, entries, folder / "catalogue.db")


def enrol_as_the_first_version_did(tx: Transaction) -> None:
    key = Ed25519PrivateKey.generate().private_bytes_raw()
    tx.execute("insert into identity values (1, ?, ?)", (key, NODE.model_dump_json(exclude={"signing_key"})))


def older(migrations: Migrations) -> Migrations:
    """Return the tables as the first version had them."""
    return tuple((feature, scripts[:1]) for feature, scripts in migrations)


def whole_journal(tx: Transaction) -> list[tuple[int, bytes, bytes]]:
    return tx.rows("select seq, entry, hash from journal order by seq")
