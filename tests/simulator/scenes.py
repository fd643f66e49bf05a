"""Bad luck that chance brings together too seldom, played on purpose."""

import asyncio

from tests.simulator.world import World

SOLD_S = 30.0


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
