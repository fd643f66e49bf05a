"""A store that comes back after days without a line: its orders travel up while new ones are sold.

Two real daemons on one machine, so whatever head office takes of the processor is missing in the store, too.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import func, select

from cloud.database import picture
from cloud.orders.storage import orders as office_orders
from cloud.sync import intake
from edge import app as edge_app
from edge import journal
from edge.database import Transaction
from edge.fleet import service as fleet
from edge.journal import Journal
from edge.orders import storage as orders
from shared import ids
from shared.clock import SystemClock
from shared.events.orders import OrderCompleted
from shared.protocol.batch import BATCH_ENTRIES_MAX
from tests.benchmarks import catalogue
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import p50, p95
from tests.benchmarks.store import Store
from tests.benchmarks.till import Till
from tests.builders import order, sold

ORDERS = 20_000  # two days of a busy store; `--backlog 50000` takes a minute more
AT_ONCE = 500  # in a transaction
GOAL = 2.0  # times the same with nothing waiting
PAUSE_S = 0.002  # of the shopper, after each scan
IDLE_BASKETS = 60  # in a round
LOOK_EVERY_S = 0.2
APPLIED_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is written before the line is back: its orders, and the end of the journal with them."""

    order_ids: set[str]
    node_id: str
    seq: int
    head: str


@dataclass(frozen=True, slots=True)
class Sale:
    """How long a basket's scans took, each, and its payment."""

    scans_ms: list[float]
    payment_ms: float


async def measure(rounds: int, store: Store, waiting: int) -> list[Row]:
    """Sell while the backlog drains, then when nothing waits any more, and look into head office's books in between."""
    backlog = await _written(store.folder / "edge", waiting)
    async with store.edge():
        begin_s = time.perf_counter()
        busy = await asyncio.to_thread(_sell, store.edge_url, _is_unsent)
        sent_s = time.perf_counter() - begin_s
        await _until_applied(store.folder / "cloud", backlog)
        applied_s = time.perf_counter() - begin_s
        _demand_each_once(store.folder / "cloud", backlog)
        baskets = count(1)
        idle = await asyncio.to_thread(_sell, store.edge_url, lambda _: next(baskets) < rounds * IDLE_BASKETS)
    name = f"{len(backlog.order_ids):,} orders travel up"
    return [
        *(
            Row(f"{what} while {name}, {told}", "ms", _rounds(rounds, busy, of), "nothing waits", found, GOAL)
            for what, told, of in (
                ("scan", "p50", lambda sales: p50([ms for sale in sales for ms in sale.scans_ms])),
                ("scan", "p95", lambda sales: p95([ms for sale in sales for ms in sale.scans_ms])),
                ("order", "p50", lambda sales: p50([sale.payment_ms for sale in sales])),
                ("order", "p95", lambda sales: p95([sale.payment_ms for sale in sales])),
            )
            for found in [_rounds(rounds, idle, of)]
        ),
        Row(name, "s", [sent_s], "until head office has applied them", [applied_s]),
    ]


def _rounds(rounds: int, sales: list[Sale], figure: Callable[[list[Sale]], float]) -> list[float]:
    """Return a figure of each part of the sales, in order."""
    size = len(sales) // rounds
    assert size > 1, "it was gone before anybody could buy anything"
    return [figure(sales[number * size : (number + 1) * size]) for number in range(rounds)]


async def _written(folder: Path, waiting: int) -> Backlog:
    """Write the orders as a store without a line does, but for their baskets and receipts."""
    clock = SystemClock()
    async with edge_app.open_database(folder) as db:
        identity = await db.transact(fleet.who_am_i)
        node, writer = identity.enrolled, Journal.of(identity.node_id, ())
        sale = order(*(sold(f"Milk {number}", 2, 115) for number in range(catalogue.LINES)))
        sale = sale.model_copy(update={"store_id": node.store_id, "node_id": node.node_id})

        def write(tx: Transaction) -> Iterator[str]:
            for _ in range(AT_ONCE):
                now, number = clock.now(), orders.next_number(tx, node.series)
                about = {"id": ids.new_id(), "receipt_number": number, "placed_at": now, "business_day": now.date()}
                one = sale.model_copy(update=about)
                writer.record(tx, OrderCompleted(order=one), now, now.date())
                yield one.id

        order_ids = {one for _ in range(waiting // AT_ONCE) for one in await db.transact(lambda tx: list(write(tx)))}
        seq, head = await db.transact(journal.head, node.node_id)
    return Backlog(order_ids, node.node_id, seq, head.hex())


def _sell(url: str, goes_on: Callable[[Till], bool]) -> list[Sale]:
    """Fill and pay baskets for as long as it goes on, which is asked after each."""
    sales = []
    with Till(url) as till:
        for codes in catalogue.baskets(seed=1):
            scans_ms = []
            for code in codes:
                basket = till.scan(code)
                scans_ms.append(till.ms)
                time.sleep(PAUSE_S)
            till.pay(basket["id"])
            sales.append(Sale(scans_ms, till.ms))
            if not goes_on(till):
                return sales
    raise AssertionError("shoppers never end")


def _is_unsent(till: Till) -> bool:
    """Whether more waits than one batch, which the shopper's own orders may be."""
    health = till.call("GET", "/healthz")
    return bool(health["head_office"] == "offline" or health["unsent"] >= BATCH_ENTRIES_MAX)


async def _until_applied(folder: Path, backlog: Backlog) -> None:
    """Wait until head office has interpreted the backlog. Raises TimeoutError."""
    heads = intake.journal_heads.c
    query = select(heads.projected_seq).where(heads.node_id == backlog.node_id)
    async with asyncio.timeout(APPLIED_TIMEOUT_S):
        while True:
            with picture(folder) as tx:
                if tx.execute(query).scalar_one() >= backlog.seq:
                    return
            await asyncio.sleep(LOOK_EVERY_S)


def _demand_each_once(folder: Path, backlog: Backlog) -> None:
    """Head office holds the journal byte for byte, which its chain proves, and every order of it once."""
    entries = intake.journal.c
    at_end = select(entries.hash).where(entries.node_id == backlog.node_id, entries.seq == backlog.seq)
    held = select(func.count(), func.max(entries.seq)).where(
        entries.node_id == backlog.node_id, entries.seq <= backlog.seq
    )
    with picture(folder) as tx:
        assert tx.execute(at_end).scalar_one() == backlog.head
        assert tx.execute(held).one() == (backlog.seq, backlog.seq)
        found = list(tx.execute(select(office_orders.c.id)).scalars())
    assert len(found) == len(set(found))
    assert backlog.order_ids <= set(found)
