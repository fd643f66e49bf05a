"""A whole store in a box: both daemons, simulated hardware, real baskets, and a line to head office that is cut."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
from rich.console import Console
from rich.live import Live

from devices.printers.simulated import VirtualPrinter
from devices.scanners.simulated import SimulatedScanner
from edge.demo import daemons, installer
from edge.demo.gallery import web_application
from edge.demo.installer import STORE, Office
from edge.demo.kiosk import Kiosk
from edge.demo.line import Line
from edge.demo.shoppers import Shoppers
from edge.demo.table import plain, table
from edge.demo.tally import Paper, Tally, is_good, read_paper, summary, write
from shared import ids
from shared.api.serving import serving
from shared.clock import Clock

KIOSK_PORT, OFFICE_PORT, RECEIPTS_PORT, BROKER_PORT = 8080, 8090, 8070, 1883  # where they are if nobody else is there
LIVE_PAUSE_S = 0.03  # between two scans when people watch
LOOK_EVERY_S = 0.5
SETTLE_TIMEOUT_S = 60.0
PLAIN_EVERY_S = 5.0  # between two lines of figures in a log
AFTER_OUTAGE_S = 2.0  # shopping goes on at least this long after the line is back


@dataclass(frozen=True, slots=True)
class Plan:
    """How the demo runs."""

    orders: int | None  # None: until somebody stops it
    seed: int
    outage: tuple[float, float]  # seconds after opening at which the line is cut and mended
    json_path: Path | None
    exits: bool


@dataclass(slots=True)
class Store:
    """The running parts."""

    plan: Plan
    clock: Clock
    office_url: str
    kiosk_url: str
    receipts_url: str
    office: Office
    line: Line
    printer: VirtualPrinter
    kiosk: Kiosk
    shoppers: Shoppers
    tally: Tally
    console: Console
    opened_s: float
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    looked_at: frozenset[str] = frozenset()  # orders that were made before the last look at head office

    @property
    def seconds(self) -> float:
        """Since the doors were opened."""
        return self.clock.monotonic_s() - self.opened_s

    def paper(self) -> Paper:
        return read_paper(self.printer.receipts, self.tally)


async def run(plan: Plan, clock: Clock) -> bool:
    """Run the demo. Returns whether nothing was missing, doubled or unequal."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_store(plan, clock, stop) as store:
        _welcome(store)
        store.opened_s = clock.monotonic_s()
        async with asyncio.TaskGroup() as tasks:
            outage = tasks.create_task(_outage(store))
            showing = tasks.create_task(_show(store))
            await _shop(store)
            if stop.is_set():
                outage.cancel()
                store.console.print("Closing the store: the last entries go up …")
            await asyncio.wait([outage])
            await _mend(store)
            await _settle(store)
            if not plan.exits and not stop.is_set():
                store.console.print("The orders are made. The pages stay open until Ctrl-C.")
                await stop.wait()
            showing.cancel()
        figures = summary(store.tally, store.paper())
        console = store.console
    if plan.json_path:
        write(plan.json_path, figures)
    good = is_good(figures)
    _farewell(console, figures, plan.json_path, good=good)
    return good


@asynccontextmanager
async def open_store(plan: Plan, clock: Clock, stop: asyncio.Event) -> AsyncIterator[Store]:
    """Start head office, cut nothing yet, install the store as an installer would, and open its doors."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shopwright-demo-")))
        console = Console(highlight=False, soft_wrap=True)
        console.print(f"Opening a store in {folder} …")
        office_port = daemons.free_port(OFFICE_PORT)
        operator_key = ids.new_key("sw_operator")
        cloud_config = folder / "cloud.toml"
        cloud_config.write_text(
            f'data = "cloud"\noperator_key = "{operator_key}"\nhttp = {{port = {office_port}}}\nlog_level = "warning"\n'
        )
        await stack.enter_async_context(daemons.running("cloud", cloud_config, folder / "cloud.log"))
        office_url = f"http://127.0.0.1:{office_port}"
        office = await installer.set_up(office_url, operator_key)

        line = await stack.enter_async_context(Line(office_port))
        scanner = SimulatedScanner(folder)
        stack.callback(scanner.unplug)
        printer = await stack.enter_async_context(VirtualPrinter())
        receipts_port = daemons.free_port(RECEIPTS_PORT)
        receipts_url = await stack.enter_async_context(serving(web_application(printer), "127.0.0.1", receipts_port))
        kiosk_port = daemons.free_port(KIOSK_PORT)
        attendant_key = ids.new_key("sw_attendant")
        edge_config = folder / "edge.toml"
        edge_config.write_text(
            EDGE_CONFIG.format(
                kiosk_port=kiosk_port,
                broker_port=daemons.free_port(BROKER_PORT),
                line_port=line.port,
                attendant_key=attendant_key,
                scanner=scanner.path,
                printer_port=printer.port,
            )
        )
        console.print(await daemons.command("enrol", office.enrolment_code, "--config", str(edge_config)))
        await stack.enter_async_context(daemons.running("edge", edge_config, folder / "edge.log"))
        kiosk_url = f"http://127.0.0.1:{kiosk_port}"
        await _until_it_sells(kiosk_url)
        kiosk = await stack.enter_async_context(Kiosk(kiosk_url, attendant_key))
        tally = Tally(str(STORE["currency"]))
        pause_s = 0.0 if plan.exits else LIVE_PAUSE_S
        shoppers = Shoppers(kiosk, scanner, tally, clock, ids.seeded(plan.seed), pause_s, stop)
        yield Store(
            plan,
            clock,
            office_url,
            kiosk_url,
            receipts_url,
            office,
            line,
            printer,
            kiosk,
            shoppers,
            tally,
            console,
            clock.monotonic_s(),
        )


EDGE_CONFIG = """\
data = "edge"
attendant_key = "{attendant_key}"
log_level = "warning"
http = {{port = {kiosk_port}}}
broker = {{port = {broker_port}, anonymous = true}}

[head_office]
url = "http://127.0.0.1:{line_port}"

[[devices]]
kind = "scanner"
make = "serial"
name = "scanner"
path = "{scanner}"

[[devices]]
kind = "printer"
make = "escpos"
name = "printer"
port = {printer_port}

[[devices]]
kind = "drawer"
make = "printer"
name = "drawer"
printer = "printer"
"""


async def _until_it_sells(url: str) -> None:
    """Wait until the box has its catalogue and its devices."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as http, asyncio.timeout(daemons.START_TIMEOUT_S):
        while True:
            with suppress(httpx2.HTTPError):
                health = (await http.get("/healthz")).json()
                if health["can_sell"] and set(health["devices"].values()) == {"ready"}:
                    return
            await asyncio.sleep(0.05)


async def _shop(store: Store) -> None:
    """Serve shoppers until there are enough orders, and past the outage, or until somebody says stop."""
    plan, tally = store.plan, store.tally
    # Enough time for all orders to fall before, into and behind the outage, however fast this machine is.
    least_s = (plan.outage[1] + AFTER_OUTAGE_S) / plan.orders if plan.orders else 0.0
    for basket in store.shoppers.baskets():
        if store.shoppers.closing.is_set() or len(tally.orders) == plan.orders:
            return
        made = len(tally.orders)
        await store.shoppers.serve(basket)
        if len(tally.orders) > made:
            tally.orders_during_outage += store.line.is_cut
            await asyncio.sleep(max(0.0, (made + 1) * least_s - store.seconds))


async def _outage(store: Store) -> None:
    begin_s, end_s = store.plan.outage
    if begin_s >= end_s:
        return
    await asyncio.sleep(max(0.0, begin_s - store.seconds))
    await store.line.cut()
    store.console.print(
        f"[bold]{store.seconds:.0f} s: the line to head office is cut.[/] Watch the store go on selling."
    )
    await asyncio.sleep(max(0.0, end_s - store.seconds))
    await _mend(store)


async def _mend(store: Store) -> None:
    if store.line.is_cut:
        await store.line.mend()
        store.console.print(f"[bold]{store.seconds:.0f} s: the line is back.[/] What waited goes up now.")


async def _show(store: Store) -> None:
    """Keep the figures current, as a live table or as plain lines."""
    with ExitStack() as stack:
        live = None
        if store.console.is_terminal:
            live = stack.enter_context(Live(console=store.console, refresh_per_second=4))
        told_s = 0.0
        while True:
            await _look(store, whole=False)
            line = "cut" if store.line.is_cut else "up"
            paper = store.paper()
            if live:
                live.update(table(store.tally, paper, line, store.seconds))
            elif store.seconds >= told_s:
                plain(store.console, store.tally, paper, line, store.seconds)
                told_s = store.seconds + PLAIN_EVERY_S
            await asyncio.sleep(LOOK_EVERY_S)


async def _look(store: Store, *, whole: bool) -> None:
    """Ask head office what it has. whole: list every order, not only the totals."""
    async with store.looking:  # the table and the verdict never list orders at the same time
        tally = store.tally
        tally.unsent = store.kiosk.state["head_office"]["unsent"]
        headers = {"Authorization": f"Bearer {store.office.key}"}
        async with httpx2.AsyncClient(base_url=store.office_url, headers=headers, trust_env=False) as http:
            totals = (await http.get("/api/totals")).json()
            for money in totals["currencies"]:
                tally.cloud_order_count = money["orders"]
                tally.cloud_total_minor = money["total_minor"]
                tally.cloud_refunded_minor = money["refunded_minor"]
            tally.quarantined = totals["quarantined"]
            alarms = (await http.get("/api/promotions/alarms", params={"limit": 200})).json()
            tally.priced_otherwise = len(alarms["alarms"])
            if whole:
                tally.cloud_orders.clear()
            await _list_orders(http, tally)
        # What was made before the last look and is not waiting to be sent has had its time to arrive.
        tally.overdue = store.looked_at - tally.cloud_ids() if tally.unsent == 0 else frozenset()
        store.looked_at = frozenset(tally.orders)


async def _list_orders(http: httpx2.AsyncClient, tally: Tally) -> None:
    """Take the orders that came in since the last look, page by page."""
    known = tally.cloud_ids()
    cursor: str | None = ""
    while cursor is not None:
        page = (await http.get("/api/orders", params={"limit": 200, "cursor": cursor})).json()
        fresh = [row for row in page["orders"] if row["id"] not in known]
        tally.cloud_orders += [(row["id"], row["receipt_number"], row["total_minor"]) for row in fresh]
        cursor = page["next"] if len(fresh) == len(page["orders"]) else None


async def _settle(store: Store) -> None:
    """Wait until everything went up and was printed, or until waiting longer would not help."""
    deadline_s = store.seconds + SETTLE_TIMEOUT_S
    while store.seconds < deadline_s:
        await _look(store, whole=True)
        tally = store.tally
        refunds_arrived = tally.cloud_refunded_minor >= sum(tally.refunds.values())
        arrived = tally.cloud_order_count >= len(tally.orders) and refunds_arrived and tally.unsent == 0
        if arrived and store.paper().printed >= len(tally.orders):
            return
        await asyncio.sleep(LOOK_EVERY_S)


def _welcome(store: Store) -> None:
    store.console.print(
        f"Kiosk:        [bold]{store.kiosk_url}/kiosk/[/]\n"
        f"Head office:  [bold]{store.office_url}/office/#{urlencode({'key': store.office.key})}[/]\n"
        f"Receipts:     [bold]{store.receipts_url}/demo/receipts[/]\n"
        f"Interfaces:   {store.kiosk_url}/docs and {store.office_url}/docs\n"
        "Real baskets are being scanned, paid and printed. Ctrl-C closes the store.",
    )


def _farewell(console: Console, figures: dict[str, Any], json_path: Path | None, *, good: bool) -> None:
    told = (
        "{orders_made} orders made, {orders_at_cloud} at head office: {missing} missing, {duplicated} duplicated, "
        "{unequal} unequal, {priced_otherwise} priced otherwise; {orders_during_outage} made while the line was cut.\n"
        "{receipts_printed} receipts printed, {receipts_with_decoded_total_wrong} with a wrong total. "
        "Scan to screen p50 {scan_p50_ms} ms, p95 {scan_p95_ms} ms; payment p50 {place_p50_ms} ms."
    )
    console.print(told.format(**figures))
    if json_path:
        console.print(f"All figures are in {json_path}.")
    console.print("[bold green]All is well.[/]" if good else "[bold red]Something is wrong: see the figures above.[/]")
