"""Bad luck that chance brings together too seldom, played on purpose."""

import asyncio
import random

from tests.simulator.workload import edit_price
from tests.simulator.world import World

PULLED_S = 30.0  # by then every box has looked at the feed
SOLD_S = 30.0


async def older_copy_that_catches_up(world: World) -> None:
    """Put an older copy in head office's place and publish there as much as was lost, before any box looks."""
    chance = random.Random(world.seed)
    await world.open_all()
    world.take_backup()
    await edit_price(world, "milk", 777)
    await asyncio.sleep(PULLED_S)
    for box in world.boxes:
        box.line.cut()
    world.look()
    world.restore_office()
    world.switch_on(world.office)
    await world.office.up.wait()
    for sku in ("tea", "mug"):
        for _ in range(3):
            await edit_price(world, sku, chance.randint(100, 900))
    await world.heal()
    await world.check_end()


async def box_set_back_while_offline(world: World) -> None:
    """Let a box sell from an old image without a line: nothing of it is mixed into what head office holds."""
    await world.open_all()
    box = world.boxes[0]
    world.begin_shopping(box)
    await asyncio.sleep(SOLD_S)
    world.take_image(box)
    await asyncio.sleep(SOLD_S)
    box.line.cut()
    assert world.set_back(box)
    world.switch_on(box)
    await asyncio.sleep(SOLD_S)
    await world.heal()
    await world.check_end()
    assert box.books.told, "it sold meanwhile"
