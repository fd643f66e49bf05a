"""What goes wrong. A fault is a coroutine: it begins something, and ends it later; healing stops all of them."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edge.sync.client import HeadOfficeAway, HeadOfficeRefused, HeadOfficeSilent
from tests.simulator.line import FATES, FLIPS, HEAD_OFFICE
from tests.simulator.loop import BEGIN
from tests.simulator.machines import Box, Machine
from tests.simulator.workload import Away, edit, knock, poison

if TYPE_CHECKING:
    from tests.simulator.world import World

LASTS_S = (0.5, 40.0)
MOMENT_S = (0.0, 2.0)  # so that it happens in the middle of something
YEARS_AWAY_S = (datetime(2099, 5, 1, tzinfo=UTC) - BEGIN).total_seconds()
CLOCKS_OFF_S = (-86_400.0, -3_600.0, -30.0, 45.0, 7_200.0, 40 * 86_400.0, YEARS_AWAY_S)
DRIFT_MAX = 0.02


async def line_cut(world: "World", chance: random.Random) -> None:
    box = world.any_box(chance)
    world.note(box.name, "line cut")
    box.line.cut()
    await world.lasts(chance.uniform(*LASTS_S))
    box.line.is_cut = False


async def bad_line(world: "World", chance: random.Random) -> None:
    box = world.any_box(chance)
    box.line.trouble = chance.uniform(0.1, 0.9)
    await world.lasts(chance.uniform(*LASTS_S))
    box.line.trouble = 0.05


async def noisy_line(world: "World", chance: random.Random) -> None:
    """Let nearly everything that proves itself come with a wrong bit."""
    box = world.any_box(chance)
    box.line.trouble, box.line.fates = chance.uniform(0.3, 1.0), FLIPS
    await world.lasts(chance.uniform(*LASTS_S))
    box.line.trouble, box.line.fates = 0.05, FATES


async def power_loss(world: "World", chance: random.Random) -> None:
    await _die(world, world.any_box(chance), chance)


async def office_power_loss(world: "World", chance: random.Random) -> None:
    await _die(world, world.office, chance)


async def _die(world: "World", machine: Machine, chance: random.Random) -> None:
    await asyncio.sleep(chance.uniform(*MOMENT_S))
    if machine.task is not None:
        world.look()
        machine.cut_power()
        await world.lasts(chance.uniform(*LASTS_S) / 2)
        world.switch_on(machine)


async def full_disk(world: "World", chance: random.Random) -> None:
    box = world.any_box(chance)
    world.note(box.name, "disk full")
    folder = str(box.disk)
    world.disks.full.add(folder)
    await world.lasts(chance.uniform(*LASTS_S))
    world.disks.full.discard(folder)


async def wrong_clock(world: "World", chance: random.Random) -> None:
    box = world.any_box(chance)
    box.clock.off_s = chance.choice(CLOCKS_OFF_S)
    box.clock.drift = chance.uniform(-DRIFT_MAX, DRIFT_MAX)
    world.note(box.name, "clock", box.clock.now())


async def broker_wiped(world: "World", chance: random.Random) -> None:
    box = world.any_box(chance)
    box.broker.trouble = chance.uniform(0.0, 0.7)
    world.note(box.name, "broker wiped")
    box.broker.wipe()


async def head_office_backed_up(world: "World", chance: random.Random) -> None:
    world.take_backup()


async def head_office_restored(world: "World", chance: random.Random) -> None:
    """Put an older copy of head office's data in place; none is older than the last enrolment."""
    if world.backup is None or world.is_any_set_back:
        return
    world.look()
    world.note(HEAD_OFFICE, "restored")
    world.restore_office()
    await asyncio.sleep(chance.uniform(*MOMENT_S))
    world.switch_on(world.office)


async def image_taken(world: "World", chance: random.Random) -> None:
    box = world.any_box(chance)
    if not box.is_set_back and box.shop is not None:
        world.take_image(box)


async def box_set_back(world: "World", chance: random.Random) -> None:
    """Put an old image of its disk into a box of which head office holds more; and another box in its place, later."""
    box = world.any_box(chance)
    if world.was_restored or not world.set_back(box):
        return
    await asyncio.sleep(chance.uniform(*MOMENT_S))
    world.switch_on(box)
    await world.lasts(chance.uniform(*LASTS_S))
    await _new_box(world, box, chance)


async def box_replaced(world: "World", chance: random.Random) -> None:
    """Enrol another box in place of one, which still sends what it has."""
    await _new_box(world, world.any_box(chance), chance)


async def _new_box(world: "World", old: Box, chance: random.Random) -> None:
    if old.is_retired:
        return
    old.is_retired = True
    fresh = world.new_box(old.store)
    bearer = {"Authorization": f"Bearer {world.template.key}"}
    path, node = f"/api/stores/{world.template.stores[old.store]}/nodes", {"name": fresh.name, "series": fresh.series}
    code = ""
    while not fresh.node_id:
        try:
            if not code:
                key = {"Idempotency-Key": fresh.name}
                status, answer = await knock(world, HEAD_OFFICE, "POST", path, node, **bearer, **key)
                code = answer["enrolment_code"] if status == 201 else ""
            else:
                await fresh.enrol(code)
        except (Away, HeadOfficeAway, HeadOfficeSilent, HeadOfficeRefused) as error:
            world.note(fresh.name, "not enrolled", type(error).__name__)
            code = "" if isinstance(error, HeadOfficeRefused) else code
        await asyncio.sleep(1.0)
    world.open_box(fresh)


async def poisoned(world: "World", chance: random.Random) -> None:
    await poison(world.any_box(chance), chance)


async def edited(world: "World", chance: random.Random) -> None:
    await edit(world, chance)


Fault = Callable[["World", random.Random], Awaitable[None]]
FAULTS: dict[Fault, int] = {  # how often, against the others
    edited: 10,
    line_cut: 6,
    bad_line: 6,
    noisy_line: 2,
    power_loss: 6,
    office_power_loss: 3,
    full_disk: 3,
    wrong_clock: 4,
    broker_wiped: 3,
    head_office_backed_up: 3,
    head_office_restored: 2,
    image_taken: 3,
    box_set_back: 2,
    box_replaced: 1,
    poisoned: 2,
}
