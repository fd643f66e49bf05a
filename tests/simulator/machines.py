"""The machines: head office and the boxes in the stores, each the real daemon on a disk and by a clock of its own."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from cloud import app as cloud_app
from cloud.config import Config as CloudConfig
from cloud.head_office import HeadOffice
from edge import app as edge_app
from edge.config import Config as EdgeConfig
from edge.database import Database
from edge.handover import api as handover_api
from edge.neighbours import api as neighbours_api
from edge.shop import Shop
from edge.sync.client import HeadOfficeClient
from edge.sync.enrol import enrol
from shared import ids
from shared.errors import Unavailable
from tests.simulator.books import Books
from tests.simulator.broker import KITCHEN, StoreBroker
from tests.simulator.disks import after_power_loss, copied
from tests.simulator.handing import WiredBoxes, between
from tests.simulator.line import HEAD_OFFICE, Line
from tests.simulator.loop import MachineClock, SeededSource, VirtualLoop
from tests.simulator.wire import Network

ATTENDANT_KEY = "sw_attendant_for_tests"
OPERATOR_KEY = "sw_operator_for_tests"
BOOT_S = (0.5, 4.0)
RESTART_S = 5.0  # until the system starts a daemon again that ended
EDGE_CONFIG = EdgeConfig.model_validate(
    {
        "http": {"port": 0},
        "head_office": {"url": f"http://{HEAD_OFFICE}", "push_every_s": 6.0, "pull_every_s": 8.0},
        "broker": {"users": ({"name": KITCHEN, "role": "receiver", "promised": ("orders",)},)},
        "attendant_key": ATTENDANT_KEY,
    }
)
CLOUD_CONFIG = CloudConfig(operator_key=OPERATOR_KEY)

Note = Callable[..., None]


class Ended(AssertionError):
    """A daemon ended by itself."""


@dataclass
class Machine:
    """A computer with a disk and a clock that runs one daemon while it has power."""

    name: str
    folder: Path  # where its disks are kept, one for each life
    disk: Path
    network: Network
    chance: random.Random
    note: Note
    clock: MachineClock = field(init=False)
    task: asyncio.Task[None] | None = field(default=None, init=False)
    up: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    lives: int = field(default=0, init=False)
    last_words: list[asyncio.Task[None]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.clock = MachineClock(asyncio.get_running_loop())
        self.source = SeededSource(random.Random(self.chance.getrandbits(64)), self.clock)

    def next_disk(self) -> Path:
        self.lives += 1
        return self.folder / f"{self.name}-{self.lives}"

    def start(self) -> None:
        """Switch on. `up` is set once the daemon serves."""
        assert self.task is None
        with ids.drawn_from(self.source):
            self.task = asyncio.get_running_loop().create_task(self._live(self.disk))

    async def _live(self, disk: Path) -> None:
        await asyncio.sleep(self.chance.uniform(*BOOT_S))
        while True:
            try:
                async with self.running(disk) as running:
                    self.now_runs(running)
                    self.note(self.name, "runs")
                    self.up.set()
                    await asyncio.Event().wait()
            except Unavailable as error:
                self.note(self.name, "cannot start", error.code)
                await asyncio.sleep(RESTART_S)

    def running(self, disk: Path) -> AbstractAsyncContextManager[Any]:
        raise NotImplementedError

    def now_runs(self, running: Any) -> None:
        raise NotImplementedError

    def cut_power(self) -> None:
        """Let the machine die now. What was not on its disk is gone."""
        self.demand_alive()
        self.note(self.name, "loses power")
        self.disk = after_power_loss(self.disk, self.next_disk(), self.chance)
        self._die()

    def _die(self) -> None:
        self.up.clear()
        self.network.tear_down(self.name)
        if self.task is not None:
            self.task.cancel()  # what it still does reaches nobody: its disk and its network are gone
            self.last_words.append(self.task)
            self.task = None

    def demand_alive(self) -> None:
        """Raises Ended when the daemon ended without being told to."""
        if self.task is not None and self.task.done() and not self.task.cancelled():
            raise Ended(self.name) from self.task.exception()

    async def bury(self) -> None:
        """Wait until nothing of earlier lives runs any more."""
        self._die()
        await asyncio.gather(*self.last_words, return_exceptions=True)


@dataclass
class Office(Machine):
    """Head office's server."""

    service: HeadOffice | None = field(default=None, init=False)

    @asynccontextmanager
    async def running(self, disk: Path) -> AsyncIterator[HeadOffice]:
        doors = partial(_doors, self.network, self.name, self.clock)
        async with cloud_app.open_for_business(CLOUD_CONFIG, disk, self.clock, doors) as (service, _):
            yield service

    def now_runs(self, running: HeadOffice) -> None:
        self.service = running

    def backup(self) -> Path:
        """Copy the data as they are."""
        return copied(self.disk, self.next_disk())

    def restore(self, backup: Path) -> None:
        """Put an older copy in the place of the data; the service must be started again."""
        self.disk = copied(backup, self.next_disk())
        self._die()


@dataclass
class Box(Machine):
    """A node's box in a store."""

    store: str
    series: str
    line: Line = field(init=False)
    broker: StoreBroker = field(init=False)
    shop: Shop | None = field(default=None, init=False)
    node_id: str = field(default="", init=False)
    books: Books = field(init=False)
    is_set_back: bool = False  # it runs from an old image of its disk
    is_retired: bool = False  # nobody sells at it any more

    def __post_init__(self) -> None:
        super().__post_init__()
        self.broker = StoreBroker(random.Random(self.chance.getrandbits(64)))
        self.line = self._new_line()

    def _new_line(self) -> Line:
        return Line(self.network, random.Random(self.chance.getrandbits(64)), partial(self.note, self.name))

    @asynccontextmanager
    async def running(self, disk: Path) -> AsyncIterator[Shop]:
        line = self.line
        outside = edge_app.Outside(
            database=_open_database,
            doors=partial(_doors, self.network, self.name, self.clock),
            head_office=lambda *known: HeadOfficeClient(*known, line.transport()),
            broker=self.broker.open,
        )
        async with edge_app.selling(EDGE_CONFIG, disk, self.clock, outside) as (shop, _):
            shop.boxes = WiredBoxes(self.network, random.Random(self.chance.getrandbits(64)))
            doors = neighbours_api.application(shop, *handover_api.between.routes)
            async with self.network.listening(between(self.name), self.clock, doors):
                yield shop

    def now_runs(self, running: Shop) -> None:
        self.shop = running
        self.node_id = running.identity.node_id
        if not hasattr(self, "books"):
            self.books = Books(self.node_id, self.series)

    def _die(self) -> None:
        super()._die()
        self.network.tear_down(between(self.name))
        self.shop = None
        self.broker.wipe()
        before, self.line = self.line, self._new_line()
        self.line.is_cut, self.line.trouble = before.is_cut, before.trouble
        before.cut()
        before.is_dead = True

    def set_back(self, image: Path) -> None:
        """Put an old image of the disk in its place."""
        self.disk = copied(image, self.next_disk())
        self._die()
        self.is_set_back = True
        self.books = Books(self.node_id, self.series)

    async def enrol(self, code: str) -> None:
        """Become a node, with the installer's code. Raises what the client raises."""
        with ids.drawn_from(self.source):
            async with _open_database(self.disk) as db:
                client = lambda *known: HeadOfficeClient(*known, self.line.transport())  # noqa: E731
                enrolled = await enrol(db, EDGE_CONFIG.head_office.url, code, self.clock, client)
        self.node_id = enrolled.node_id
        self.books = Books(self.node_id, self.series)


def _doors(
    network: Network, name: str, clock: MachineClock, app: web.Application, _host: str, _port: int
) -> AbstractAsyncContextManager[str]:
    return network.listening(name, clock, app)


def _open_database(disk: Path) -> Database:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return Database(disk / edge_app.SALES_FILE, edge_app.MIGRATIONS, loop.soon)
