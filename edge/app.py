"""The store daemon, as a list of its parts."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import cast

import structlog
from aiohttp import web

from devices import drivers
from devices.card_readers.interface import CardReader
from devices.card_terminals.interface import CardTerminal
from devices.displays.interface import Display
from devices.drawers.interface import Drawer
from devices.printers.interface import Printer
from devices.rfid.interface import TagReader
from devices.scales.interface import Scale
from devices.scanners.interface import Scanner
from devices.supervision import Serving, supervise
from edge import (
    archive,
    baskets,
    broker,
    catalogue,
    checkout,
    days,
    fleet,
    handover,
    hardware,
    journal,
    kiosk,
    neighbours,
    orders,
    receipts,
    requests,
    specials,
    sync,
    uses,
)
from edge.archive import api as archive_api
from edge.archive.worker import keep_tidy
from edge.baskets import api as baskets_api
from edge.baskets import service as baskets_service
from edge.baskets import storage as baskets_storage
from edge.broker import service as broker_service
from edge.broker import storage as broker_storage
from edge.broker.worker import OpenLink, announce
from edge.cards import read_cards
from edge.catalogue import api as catalogue_api
from edge.catalogue.models import CatalogueNotKept
from edge.catalogue.open_catalogue import Catalogue
from edge.checkout import api as checkout_api
from edge.checkout import service as checkout_service
from edge.checkout import storage as checkout_storage
from edge.checkout.gateway import PaymentGateway, UsesOffice
from edge.config import Config
from edge.customer_display import keep_showing
from edge.database import Database, DiskFull, Transaction
from edge.days import api as days_api
from edge.days import storage as days_storage
from edge.drawers import DrawerWatch
from edge.fleet import api as fleet_api
from edge.fleet import service as fleet_service
from edge.fleet import storage as fleet_storage
from edge.fleet.models import Identity
from edge.fleet.worker import keep_recording
from edge.handover import api as handover_api
from edge.handover import storage as handover_storage
from edge.handover.gateway import HttpBoxes
from edge.handover.worker import keep_giving_up
from edge.hardware import api as hardware_api
from edge.intake import read_scans
from edge.journal import Journal
from edge.kiosk import api as kiosk_api
from edge.metrics import Metrics
from edge.neighbours import api as neighbours_api
from edge.neighbours import storage as neighbours_storage
from edge.neighbours.worker import keep_company
from edge.orders import api as orders_api
from edge.orders import storage as orders_storage
from edge.receipts import api as receipts_api
from edge.receipts import service as receipts_service
from edge.receipts import storage as receipts_storage
from edge.receipts.worker import keep_printing
from edge.shop import SHOP, Shop
from edge.specials import api as specials_api
from edge.specials import storage as specials_storage
from edge.sync.client import HeadOfficeClient
from edge.sync.payments import HeadOfficeGateway, keep_voiding
from edge.sync.pull import pull
from edge.sync.push import push
from edge.sync.uses import HeadOfficeUses, keep_giving_back, keep_looking_up
from edge.tags import read_tags
from edge.terminals import TerminalGateway, keep_looking
from edge.uses import service as uses_service
from edge.uses import storage as uses_storage
from edge.weighing import keep_weighing
from shared.api import openapi
from shared.api.pages import install_screens
from shared.api.problems import answer_errors
from shared.api.routes import install
from shared.api.serving import Doors, serving
from shared.api.waiting import Waiting
from shared.clock import Clock
from shared.events.nodes import NodeStarted
from shared.workers import RETRY_S, Worker, keep_going

log = structlog.get_logger()

# Each may use the models and services of those before it.
FEATURES = (
    fleet,
    days,
    archive,
    neighbours,
    catalogue,
    uses,
    baskets,
    specials,
    handover,
    orders,
    receipts,
    checkout,
    kiosk,
    hardware,
    broker,
)

# What people do with this box, in the order in which they do it; the table of what works offline is made of these.
DONE_HERE = (
    baskets, catalogue, checkout, orders, receipts, specials, uses, days,
    archive, kiosk, hardware, broker, handover, neighbours, sync, fleet,
)  # fmt: skip
CAPABILITIES = tuple(one for feature in DONE_HERE for one in feature.CAPABILITIES)

MIGRATIONS = (
    ("journal", journal.MIGRATIONS),
    ("requests", requests.MIGRATIONS),
    ("fleet", fleet_storage.MIGRATIONS),
    ("days", days_storage.MIGRATIONS),
    ("neighbours", neighbours_storage.MIGRATIONS),
    ("baskets", baskets_storage.MIGRATIONS),
    ("orders", orders_storage.MIGRATIONS),
    ("receipts", receipts_storage.MIGRATIONS),
    ("checkout", checkout_storage.MIGRATIONS),
    ("uses", uses_storage.MIGRATIONS),
    ("specials", specials_storage.MIGRATIONS),
    ("broker", broker_storage.MIGRATIONS),
    ("handover", handover_storage.MIGRATIONS),
)
HANDLERS = (uses_service.handlers, receipts_service.handlers)
DOORS = (
    fleet_api,
    days_api,
    archive_api,
    neighbours_api,
    catalogue_api,
    baskets_api,
    specials_api,
    handover_api,
    orders_api,
    receipts_api,
    checkout_api,
    kiosk_api,
    hardware_api,
)

SALES_FILE = "sales.db"
BODY_BYTES_MAX = 1_000_000
FORGET_EVERY_S = 3600.0
SCREENS = Path(__file__).parent / "screens" / "dist"
SCREENS_AT = "/kiosk"


def open_database(folder: Path) -> Database:
    """Open the data that must survive. Raises AlreadyRunning, DiskFull, NewerData."""
    return Database(folder / SALES_FILE, MIGRATIONS)


@dataclass(frozen=True, slots=True)
class Outside:
    """What surrounds a daemon; a simulation brings its own."""

    database: Callable[[Path], Database] = open_database
    doors: Doors = serving
    head_office: Callable[..., HeadOfficeClient] = HeadOfficeClient
    broker: OpenLink | None = None  # the one that the settings name


REAL = Outside()


@asynccontextmanager
async def open_shop(
    config: Config, folder: Path, clock: Clock, database: Callable[[Path], Database] = open_database
) -> AsyncIterator[Shop]:
    """Open a node's data, check it, and put right what a sudden end left behind."""
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(database(folder))
        identity = await db.transact(fleet_service.who_am_i)
        shop = Shop(
            config=config,
            db=db,
            catalogue=Catalogue(folder),
            identity=identity,
            journal=Journal.of(identity.node_id, (*HANDLERS, broker_service.handlers(config.broker.users))),
            clock=await db.transact(fleet_service.store_clock, clock),
            metrics=Metrics(),
            hardware=drivers.build_all(config.devices),
        )
        stack.callback(shop.catalogue.close)
        await db.transact(_start, shop, identity)
        shop.packs.update(await db.transact(baskets_service.kept_packs))
        yield shop


def _start(tx: Transaction, shop: Shop, identity: Identity) -> None:
    now = shop.clock.now()
    journal.verify(tx, identity.node_id)
    checkout_service.recover(tx)
    receipts_service.recover(tx, now)
    requests.forget_old(tx, now)
    shop.record(tx, NodeStarted(software_version=version("shopwright")))


def web_application(shop: Shop, gateway: PaymentGateway, uses_office: UsesOffice) -> web.Application:
    """Build the doors of a shop."""
    app = web.Application(middlewares=[answer_errors], client_max_size=BODY_BYTES_MAX)
    app[SHOP] = shop
    app[checkout_api.GATEWAY] = gateway
    app[kiosk_api.CAPABILITIES] = CAPABILITIES
    app[checkout_api.USES] = uses_office
    routes = [route for door in DOORS for route in door.routes.routes]
    install(app, routes)
    install(app, openapi.doors("Shopwright edge", version("shopwright"), routes, secured=False).routes)
    install_screens(app, SCREENS_AT, SCREENS)
    app.router.add_get("/", _to_kiosk)
    return app


async def _to_kiosk(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/kiosk/")


async def run(config: Config, folder: Path, clock: Clock, listening: Callable[[str], None]) -> None:
    """Run the daemon until it is told to stop (SIGTERM, SIGINT).

    listening: called with the address once shoppers can be served.
    """
    stop, loop, me = asyncio.Event(), asyncio.get_running_loop(), asyncio.current_task()
    assert me is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, me.cancel)  # a start that waits for room is given up
    try:
        async with selling(config, folder, clock) as (_, url):
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop.set)
            gc.freeze()  # what is there now stays; looking through it again and again would stop scans for milliseconds
            listening(url)
            await stop.wait()
    except asyncio.CancelledError:
        log.info("stopped_before_selling")


@asynccontextmanager
async def selling(
    config: Config, folder: Path, clock: Clock, outside: Outside = REAL
) -> AsyncIterator[tuple[Shop, str]]:
    """Run every part of the daemon while the context is open; gives the shop and its address."""
    async with AsyncExitStack() as stack:
        shop = await _opened(stack, config, folder, clock, outside)
        head_office = await stack.enter_async_context(
            outside.head_office(config.head_office.url, shop.clock, shop.identity.node_id, shop.identity.key)
        )
        gateway = _gateway(shop, HeadOfficeGateway(shop, head_office))
        devices = _device_loops(shop)
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        application = web_application(shop, gateway, HeadOfficeUses(shop, head_office))
        doors = outside.doors(application, config.http.host, config.http.port)
        url = await stack.enter_async_context(doors)
        workers: dict[str, Worker] = {
            **devices,
            "devices": partial(keep_recording, shop),
            "broker": partial(announce, shop, outside.broker),
            "push": partial(push, shop, head_office),
            "pull": partial(pull, shop, head_office),
            "payments": partial(keep_voiding, shop, gateway),
            "uses": partial(keep_giving_back, shop, head_office),
            "vouchers": partial(keep_looking_up, shop, head_office),
            "windows": partial(_keep_time, shop),
            "forgetting": partial(_keep_forgetting, shop),
            "archive": partial(keep_tidy, shop),
            "handover": partial(keep_giving_up, shop),
        }
        if (beside := config.neighbours) is not None:
            doors_between = neighbours_api.application(shop, *handover_api.between.routes)
            between = serving(doors_between, beside.host, beside.port)
            port = int((await stack.enter_async_context(between)).rpartition(":")[2])
            boxes = shop.boxes = HttpBoxes(shop.identity)
            stack.push_async_callback(boxes.close)
            workers["neighbours"] = partial(keep_company, shop, beside, port, head_office)
        running = [tasks.create_task(keep_going(name, work)) for name, work in workers.items()]
        try:
            yield shop, url
        finally:
            for task in running:
                task.cancel()


async def _opened(stack: AsyncExitStack, config: Config, folder: Path, clock: Clock, outside: Outside) -> Shop:
    """Open the shop; on a full disk say so at its doors and wait for room. Whoever makes some need not think of it."""
    async with AsyncExitStack() as meanwhile:
        told: Waiting | None = None
        while True:
            try:
                return await stack.enter_async_context(open_shop(config, folder, clock, outside.database))
            except (DiskFull, CatalogueNotKept) as error:
                log.warning("start_waits_for_the_disk", error=str(error))
                if told is None:
                    told = Waiting(error, SCREENS_AT)
                    doors = outside.doors(told.application(), config.http.host, config.http.port)
                    await meanwhile.enter_async_context(doors)
                told.error = error
            await asyncio.sleep(RETRY_S)


async def _keep_time(shop: Shop) -> None:
    """Show open baskets anew on the minute while promotions come and go by the clock."""
    while True:
        await asyncio.sleep(60.0 - shop.clock.now().timestamp() % 60.0)
        priced_with = {basket.evaluation.pack_version for basket in shop.shown.values()}
        if any(pack.is_timed for version, pack in shop.packs.items() if version in priced_with):
            shop.announce_all_lanes()


async def _keep_forgetting(shop: Shop) -> None:
    """Drop every hour what nobody will ask for any more."""
    while True:
        await asyncio.sleep(FORGET_EVERY_S)
        await shop.db.transact(requests.forget_old, shop.clock.now())


def _gateway(shop: Shop, head_office: PaymentGateway) -> PaymentGateway:
    """Return who takes cards: the box's terminal, or head office where it has none."""
    for settings in shop.config.devices:
        if settings.kind == "card_terminal":
            return TerminalGateway(cast("CardTerminal", shop.hardware[settings.name]), head_office)
    return head_office


def _device_loops(shop: Shop) -> dict[str, Worker]:
    """Return one supervised loop for each device, by its name; a drawer without a switch has none."""
    drawers = [cast("Drawer", shop.hardware[one.name]) for one in shop.config.devices if one.kind == "drawer"]
    loops: dict[str, Worker] = {}
    for settings in shop.config.devices:
        device = shop.hardware[settings.name]
        if settings.kind == "printer":
            work: Serving = partial(
                keep_printing, shop, settings, cast("Printer", device), drawers[0] if drawers else None
            )
        elif settings.kind == "drawer":
            if settings.switch == "not_wired":
                continue
            work = DrawerWatch(cast("Drawer", device), settings.left_open_s, shop.clock).keep_watching
        else:
            work = _device_work(shop, settings, device)
        loops[settings.name] = partial(supervise, settings.name, settings.kind, work, shop.device_changed)
    return loops


def _device_work(shop: Shop, settings: drivers.DeviceSettings, device: drivers.Device) -> Serving:
    """Return what is done with a device that stands alone."""
    match settings.kind:
        case "scanner":
            return partial(read_scans, shop, settings.name, settings.lane, cast("Scanner", device))
        case "scale":
            return partial(keep_weighing, shop, settings.name, cast("Scale", device))
        case "card_reader":
            return partial(read_cards, shop, settings.name, settings.lane, cast("CardReader", device))
        case "display":
            return partial(keep_showing, shop, settings, cast("Display", device))
        case "card_terminal":  # it keeps no link, so looking at it does not disturb a payment
            return partial(keep_looking, cast("CardTerminal", device))
        case "rfid":
            return partial(read_tags, shop, settings.name, cast("TagReader", device))
    raise AssertionError(settings.kind)
