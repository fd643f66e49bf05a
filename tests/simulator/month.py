"""A month without a line, in which the stores sell all the same; then the line is back."""

import random
from functools import partial
from pathlib import Path

from tests.simulator.machines import Box
from tests.simulator.template import Template
from tests.simulator.workload import LANE, SKUS, Away, confirm, knock
from tests.simulator.world import Result, World, played
from tests.world import BARCODES

ORDERS = 50_000
MONTH_S = 30 * 86_400.0
CHECK_EVERY = 500  # orders
POWER_LOSSES = 10


def offline_month(seed: int, template: Template, folder: Path, orders: int = ORDERS) -> Result:
    """Make so many orders in 30 days without a line, lose power some times, and let it all arrive."""
    return played(seed, template, folder, partial(_month, orders=orders))


async def _month(world: World, orders: int) -> None:
    chance = random.Random(f"{world.seed}/month")
    await world.open_all()
    for box in world.boxes:
        box.line.cut()
    power_lost = set(chance.sample(range(orders), k=min(POWER_LOSSES, orders)))
    for number in range(orders):
        box = chance.choice(world.boxes)
        if number in power_lost:
            world.look()
            box.cut_power()
            box.start()
            await box.up.wait()
        await _sell(world, box, chance)
        # Between two orders nothing is to do: the clocks go on, and timers are spared that.
        for machine in (world.office, *world.boxes):
            machine.clock.off_s += MONTH_S / orders
        if number % CHECK_EVERY == 0:
            world.check()
    await world.heal(keeping_clocks=True)
    await world.check_end()


async def _sell(world: World, box: Box, chance: random.Random) -> None:
    for sku in chance.choices(SKUS, k=chance.randint(1, 2)):
        status, basket = await knock(world, box.name, "POST", f"{LANE}/scans", {"code": BARCODES[sku]})
        if status != 200:
            raise Away
    tender = {"kind": "cash", "tendered_minor": 100_000}
    status, paid = await knock(world, box.name, "POST", f"/api/baskets/{basket['id']}/checkout", {"tender": tender})
    if status != 200:
        raise Away
    confirm(box, paid["id"], paid["total_minor"])
