"""Head office's service, as a list of its parts."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from email.utils import format_datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from aiohttp import web

from cloud import (
    alarms,
    catalogue,
    days,
    fleet,
    health,
    lotteries,
    nodes,
    office,
    orders,
    payments,
    promotions,
    repairs,
    specials,
    sync,
    tenants,
    uses,
)
from cloud.alarms import api as alarms_api
from cloud.alarms.worker import keep_watch
from cloud.catalogue import api as catalogue_api
from cloud.config import Config
from cloud.database import Database
from cloud.days import api as days_api
from cloud.days import service as days_service
from cloud.days.worker import keep_books
from cloud.fleet import api as fleet_api
from cloud.fleet import service as fleet_service
from cloud.head_office import HEAD_OFFICE, HeadOffice
from cloud.health import api as health_api
from cloud.lotteries import api as lotteries_api
from cloud.lotteries import service as lotteries_service
from cloud.nodes import api as nodes_api
from cloud.nodes.worker import keep_noting
from cloud.office import api as office_api
from cloud.orders import api as orders_api
from cloud.orders import service as orders_service
from cloud.payments import api as payments_api
from cloud.promotions import api as promotions_api
from cloud.promotions import recheck
from cloud.promotions.trials import Trials, keep_trying
from cloud.promotions.worker import keep_publishing
from cloud.received import Handler
from cloud.repairs import api as repairs_api
from cloud.repairs.worker import replay_known
from cloud.specials import api as specials_api
from cloud.specials import service as specials_service
from cloud.sync import signing
from cloud.sync.projector import Handling, keep_projecting
from cloud.sync.shipping import Snapshots
from cloud.tenants import api as tenants_api
from cloud.uses import api as uses_api
from cloud.uses import service as uses_service
from cloud.uses.worker import keep_leasing
from shared import ids
from shared.api import openapi
from shared.api.pages import install_screens
from shared.api.problems import answer_errors
from shared.api.routes import install
from shared.api.serving import Doors, serving
from shared.clock import Clock
from shared.errors import Misconfigured
from shared.events.fact import Fact
from shared.protocol.snapshot import public_half
from shared.workers import keep_going

# Each may use the models and services of those before it.
FEATURES = (
    tenants, sync, fleet, alarms, nodes, catalogue, orders, uses, promotions, specials, lotteries, payments, days,
    repairs, office, health
)  # fmt: skip

HANDLERS = (
    fleet_service.handlers,
    orders_service.handlers,
    uses_service.handlers,
    recheck.handlers,
    specials_service.handlers,
    lotteries_service.handlers,
    days_service.handlers,
)
DOORS = (
    tenants_api,
    fleet_api,
    catalogue_api,
    orders_api,
    uses_api,
    promotions_api,
    specials_api,
    lotteries_api,
    alarms_api,
    days_api,
    repairs_api,
    office_api,
    nodes_api,
    payments_api,
    health_api,
)

BODY_BYTES_MAX = 10_000_000  # a batch of the journal, whose own limit is smaller
SCREENS = Path(__file__).parent / "screens" / "dist"
OPERATOR_KEY_FILE = "operator.key"
OPERATOR_KEY_MIN = 16


def handlers_by_fact() -> Handling:
    """Gather the handlers of all features, in the order in which the features stand."""
    found: dict[type[Fact], tuple[Handler, ...]] = {}
    for feature in HANDLERS:
        for fact, handler in feature.items():
            found[fact] = (*found.get(fact, ()), handler)
    return found


@asynccontextmanager
async def open_head_office(config: Config, folder: Path, clock: Clock) -> AsyncIterator[HeadOffice]:
    """Open the data and bring it to this version's state."""
    async with Database(folder) as db:
        key = config.operator_key or _operator_key(folder / OPERATOR_KEY_FILE)
        await db.write(fleet_service.publish_all_neighbours)
        signing_key = await db.write(signing.kept_key)
        async with Snapshots(folder, db, clock, signing_key) as snapshots:
            head_office = HeadOffice(
                config=config,
                folder=folder,
                db=db,
                clock=clock,
                operator_key=key,
                snapshots=snapshots,
                signing_key=public_half(signing_key),
            )
            db.announce = head_office.hub.announce
            yield head_office


def _operator_key(path: Path) -> str:
    """Return the operator's key, made at the first start; only this service's user can read it."""
    if not path.exists():
        unfinished = path.with_suffix(".part")
        unfinished.touch(0o600)
        with unfinished.open("w") as file:
            file.write(ids.new_key("sw_operator"))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    key = path.read_text().strip()
    if len(key) < OPERATOR_KEY_MIN:
        raise Misconfigured(problem=f"the operator key in {path} is damaged; remove the file to get a new one")
    return key


def web_application(head_office: HeadOffice, trials: Trials) -> web.Application:
    """Build the doors of head office."""
    app = web.Application(middlewares=[answer_errors], client_max_size=BODY_BYTES_MAX)
    app[HEAD_OFFICE] = head_office
    app[promotions_api.TRIALS] = trials
    app[repairs_api.HANDLERS] = handlers_by_fact()
    routes = [route for door in DOORS for route in door.routes.routes]
    install(app, routes)
    install(app, openapi.doors("Shopwright cloud", version("shopwright"), routes, secured=True).routes)
    install_screens(app, "/office", SCREENS)
    app.router.add_get("/", _to_office)
    app.on_response_prepare.append(_tell_time)
    return app


async def _tell_time(request: web.Request, response: web.StreamResponse) -> None:
    """Date each answer by the clock that everything here goes by; boxes set theirs by it."""
    response.headers["Date"] = format_datetime(request.app[HEAD_OFFICE].clock.now(), usegmt=True)


async def _to_office(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/office/")


async def run(config: Config, folder: Path, clock: Clock, listening: Callable[[str], None]) -> None:
    """Run the service until it is told to stop (SIGTERM, SIGINT).

    listening: called with the address once it is open.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_for_business(config, folder, clock) as (_, url):
        listening(url)
        await stop.wait()


async def _project(head_office: HeadOffice, handlers: Handling) -> None:
    """Apply what waited for this version, then what arrives: an order comes before its refund."""
    await replay_known(head_office, handlers)
    await keep_projecting(head_office, handlers)


@asynccontextmanager
async def open_for_business(
    config: Config, folder: Path, clock: Clock, doors: Doors = serving
) -> AsyncIterator[tuple[HeadOffice, str]]:
    """Run every part of the service while the context is open; gives its parts and its address.

    doors: opens the application's doors; a simulation's lead to no network.
    """
    async with AsyncExitStack() as stack:
        head_office = await stack.enter_async_context(open_head_office(config, folder, clock))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        trials = Trials()
        application = web_application(head_office, trials)
        url = await stack.enter_async_context(doors(application, config.http.host, config.http.port))
        project = partial(_project, head_office, handlers_by_fact())
        publish = partial(keep_publishing, head_office)
        workers = [
            tasks.create_task(keep_going("projector", project)),
            tasks.create_task(keep_going("books", partial(keep_books, head_office))),
            tasks.create_task(keep_going("watch", partial(keep_watch, head_office))),
            tasks.create_task(keep_going("publisher", publish)),
            tasks.create_task(keep_going("positions", partial(keep_noting, head_office))),
            tasks.create_task(keep_going("leases", partial(keep_leasing, head_office))),
            tasks.create_task(keep_going("trials", partial(keep_trying, trials, folder))),
        ]
        try:
            yield head_office, url
        finally:
            for worker in workers:
                worker.cancel()
            head_office.hub.announce_all()
