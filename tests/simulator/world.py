"""A run: three stores and head office through some bad minutes, healed, and everything in its place in the end."""

import asyncio
import hashlib
import random
import shutil
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from shared.workers import happens
from tests.simulator import invariants
from tests.simulator.books import Books, demand
from tests.simulator.disks import Disks, copied, simulated_disks
from tests.simulator.faults import FAULTS, Fault
from tests.simulator.invariants import OfficeBooks
from tests.simulator.line import HEAD_OFFICE
from tests.simulator.loop import run
from tests.simulator.machines import Box, Machine, Office
from tests.simulator.template import BOXES, Template
from tests.simulator.wire import Network
from tests.simulator.workload import shop

STEPS = 12
STEP_S = (0.2, 4.0)
HEALING_S = 900.0  # the longest back-off is 30 s, and several may follow each other
LOOK_EVERY_S = 2.0
TOLD_MAX = 300  # lines of the trace that are kept for people


@dataclass
class Result:
    """How a run went."""

    seed: int
    digest: str  # of everything that happened
    orders: int
    virtual_s: float
    violation: str  # with where it was found; empty when every promise was kept
    trace: tuple[str, ...]  # its last lines


@dataclass
class World:
    """Everything in one run."""

    seed: int
    template: Template
    folder: Path
    disks: Disks
    network: Network = field(default_factory=Network)
    boxes: list[Box] = field(default_factory=list)
    books: dict[str, Books] = field(default_factory=dict)  # by node
    seen: OfficeBooks = field(default_factory=OfficeBooks)
    backup: Path | None = None
    images: dict[str, tuple[Path, int]] = field(default_factory=dict)  # by box, with the journal's length
    forgotten: set[str] = field(default_factory=set)  # payments of which a restored head office lost something
    was_restored: bool = False
    boxes_made: int = len(BOXES)
    healing: asyncio.Event = field(default_factory=asyncio.Event)
    errors: list[BaseException] = field(default_factory=list)
    shoppers: list[asyncio.Task[None]] = field(default_factory=list)
    faults: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256()
        self.trace: deque[str] = deque(maxlen=TOLD_MAX)
        self.office = self._machine(Office, HEAD_OFFICE)
        for name, store in BOXES:
            box = self._machine(Box, name, store=store, series=name.upper())
            box.books = deepcopy(self.template.books[name])
            self.books[box.books.node_id] = box.books
            self.boxes.append(box)

    def _machine(self, kind: Any, name: str, **more: Any) -> Any:
        disk = self.folder / name
        if (self.template.disks / name).exists():
            copied(self.template.disks / name, disk)
        chance = random.Random(f"{self.seed}/{name}")
        return kind(name, self.folder, disk, self.network, chance, self.note, **more)

    def note(self, who: str, *what: object) -> None:
        """Write down what happens."""
        line = f"{asyncio.get_running_loop().time():.4f} {who} {' '.join(map(str, what))}"
        self.digest.update(line.encode())
        self.trace.append(line)

    def any_box(self, chance: random.Random) -> Box:
        return chance.choice([box for box in self.boxes if not box.is_retired])

    async def lasts(self, seconds: float) -> None:
        """Let something last for so long, or until everything is mended."""
        await happens(self.healing, within_s=seconds)

    @property
    def is_any_set_back(self) -> bool:
        return any(box.is_set_back for box in self.boxes)

    @property
    def later_books(self) -> dict[str, Books]:
        """What boxes that were set back have on their disks since, by node."""
        return {box.node_id: box.books for box in self.boxes if box.is_set_back}

    def look(self) -> None:
        """Read what every running box has on its disk."""
        for box in self.boxes:
            if box.shop is not None:
                if not box.is_set_back:
                    self.books[box.node_id] = box.books
                invariants.check_box(box.shop, box.books)

    def check(self) -> None:
        """Demand what must hold after every step."""
        for error in self.errors:
            raise error
        for machine in (self.office, *self.boxes):
            machine.demand_alive()
        self.look()
        if self.office.up.is_set():
            invariants.check_office(self.office, self.seen, self.books, self.later_books)

    def switch_on(self, machine: Machine) -> None:
        if machine.task is None:
            machine.start()

    def open_box(self, box: Box) -> None:
        """Let a new box run, with shoppers before it."""
        self.boxes.append(box)
        box.start()
        self.begin_shopping(box)

    def new_box(self, store: str) -> Box:
        self.boxes_made += 1
        name = f"{store}{self.boxes_made}"
        box: Box = self._machine(Box, name.lower(), store=store, series=name)
        return box

    def begin_shopping(self, box: Box) -> None:
        chance = random.Random(f"{self.seed}/shoppers/{box.name}")
        self.shoppers.append(self._watched(partial(shop, self, box, chance)))

    def take_backup(self) -> None:
        if self.office.up.is_set():
            self.note(HEAD_OFFICE, "backed up")
            self.backup = self.office.backup()

    def restore_office(self) -> None:
        assert self.backup is not None
        before = invariants.payments(self.office)
        self.office.restore(self.backup)
        after = invariants.payments(self.office)
        self.forgotten |= {payment for payment, state in before.items() if after.get(payment) != state}
        self.was_restored, self.seen = True, OfficeBooks()

    def take_image(self, box: Box) -> None:
        self.look()
        self.note(box.name, "disk copied")
        self.images[box.name] = copied(box.disk, box.next_disk()), len(box.books.hashes)

    def set_back(self, box: Box) -> bool:
        """Put an old image into a box, if there is one and head office holds more; tells whether it was done."""
        image, length = self.images.get(box.name, (None, 0))
        if image is None or box.is_set_back or not self.office.up.is_set():
            return False
        self.check()
        if self.seen.seqs.get(box.node_id, 0) <= length:
            return False
        self.note(box.name, "set back")
        box.books.is_set_back = True
        box.set_back(image)
        return True

    def _watched(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Do something meanwhile; what it raises is raised by the next check."""

        async def watched() -> None:
            try:
                await work()
            except Exception as error:
                self.errors.append(error)

        return asyncio.get_running_loop().create_task(watched())

    async def open_all(self) -> None:
        """Switch everything on, and wait until it runs."""
        for machine in (self.office, *self.boxes):
            machine.start()
        for machine in (self.office, *self.boxes):
            await machine.up.wait()

    async def play(self, steps: int, faults: Mapping[Fault, int]) -> None:
        """Let the bad minutes pass, heal, and check. Raises Violation."""
        chance = random.Random(f"{self.seed}/faults")
        self.office.start()
        for box in self.boxes:
            box.start()
            self.begin_shopping(box)
        for _ in range(steps):
            await asyncio.sleep(chance.uniform(*STEP_S))
            fault = chance.choices(list(faults), weights=list(faults.values()))[0]
            self.note("fault", fault.__name__)
            self.faults.append(self._watched(partial(fault, self, random.Random(chance.getrandbits(64)))))
            self.check()
        await self.heal()
        await self.check_end()

    async def heal(self, *, keeping_clocks: bool = False) -> None:
        """Mend everything, and wait until all that is under way has arrived. Raises Violation when it never does."""
        self.note("healing")
        self.healing.set()
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + HEALING_S
        for box in self.boxes:
            if not keeping_clocks:
                box.clock.off_s = box.clock.drift = 0.0
            box.broker.trouble = 0.0
        self.disks.full.clear()
        while any(not task.done() for task in (*self.faults, *self.shoppers)) or self._under_way():
            for box in self.boxes:
                box.line.is_cut, box.line.trouble = False, 0.0
            await asyncio.sleep(LOOK_EVERY_S)
            self.check()
            demand(loop.time() < deadline_s, "all that is under way arrives", left=self._under_way())

    def _under_way(self) -> str:
        if not self.office.up.is_set():
            return "head office does not run"
        return invariants.backlog(self.office, self.boxes)

    async def check_end(self) -> None:
        """Demand what must hold once everything has arrived; also what head office says all orders come to."""
        self.check()
        invariants.check_end(self.office, self.boxes, self.books, self.later_books, self.forgotten)
        bearer = {"Authorization": f"Bearer {self.template.key}"}
        _, told = await self.network.call(HEAD_OFFICE, "GET", "/api/totals", **bearer)
        there = [
            (one["orders"], one["total_minor"], one["refunds"], one["refunded_minor"]) for one in told["currencies"]
        ]
        held = self.seen.seqs
        orders, refunds = (
            [made.total_minor for one in self.books.values() for made in shelf(one) if made.seq <= held[one.node_id]]
            for shelf in (lambda one: one.orders.values(), lambda one: one.refunds.values())
        )
        of_branches = invariants.branch_totals(self.office)
        orders, refunds = orders + of_branches[0], refunds + of_branches[1]
        here = [(len(orders), sum(orders), len(refunds), sum(refunds))] if orders or refunds else []
        demand(there == here, "totals are equal on both sides", here=here, there=there)

    async def close(self) -> None:
        """End everything that runs."""
        for task in (*self.faults, *self.shoppers):
            task.cancel()
        await asyncio.gather(*self.faults, *self.shoppers, return_exceptions=True)
        for machine in (self.office, *self.boxes):
            await machine.bury()


Play = Callable[[World], Awaitable[None]]


def simulate(
    seed: int, template: Template, folder: Path, steps: int = STEPS, faults: Mapping[Fault, int] = FAULTS
) -> Result:
    """Run one seed. `folder` holds its disks meanwhile."""
    return played(seed, template, folder, lambda world: world.play(steps, faults))


def played(seed: int, template: Template, folder: Path, play: Play) -> Result:
    """Let something happen in a world of its own."""
    try:
        with simulated_disks() as disks:
            result: Result = run(partial(_played, seed, template, folder, disks, play), random.Random(f"{seed}/loop"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result


async def _played(seed: int, template: Template, folder: Path, disks: Disks, play: Play) -> Result:
    world = World(seed, template, folder, disks)
    violation = ""
    with logs_noted(world):
        try:
            await play(world)
        except Exception as error:
            violation = "".join(traceback.format_exception(error))
        finally:
            await world.close()
    orders = sum(len(one.orders) for one in world.books.values())
    now_s = asyncio.get_running_loop().time()
    return Result(seed, world.digest.hexdigest(), orders, now_s, violation, tuple(world.trace))


@contextmanager
def logs_noted(world: World) -> Iterator[None]:
    """Take what the daemons log into the trace."""
    before = structlog.get_config()

    def take(_logger: Any, _method: str, event: Any) -> Any:
        facts = " ".join(f"{key}={value}" for key, value in event.items() if key not in {"event", "exc_info"})
        world.note("log", event["event"], facts)
        raise structlog.DropEvent

    structlog.configure(processors=[take])
    try:
        yield
    finally:
        structlog.configure(**before)
