"""The world on its first morning: made once, through the real doors, and copied for every run."""

import asyncio
import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.simulator.books import Books
from tests.simulator.disks import copied, simulated_disks
from tests.simulator.line import HEAD_OFFICE
from tests.simulator.loop import run
from tests.simulator.machines import OPERATOR_KEY, Box, Office
from tests.simulator.wire import Network
from tests.world import CATALOGUE, PROMOTIONS

STORES = ("N", "S", "W")
BOXES = (("n1", "N"), ("n2", "N"), ("s1", "S"), ("w1", "W"))  # name, store
MORNING_S = -3600.0  # before every run begins
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Template:
    """Disks of head office and of boxes that are enrolled and know what they sell."""

    disks: Path
    key: str  # head office's people's
    tenant_id: str
    stores: dict[str, str]  # ids by code
    books: dict[str, Books]  # what each box wrote until then


def make(folder: Path) -> Template:
    """Make the template in an empty folder."""
    chance = random.Random("template")
    with simulated_disks():
        made: Template = run(partial(_made, folder, chance), chance)
    return made


async def _made(folder: Path, chance: random.Random) -> Template:
    network = Network()
    lives, disks = folder / "lives", folder / "disks"

    def silent(*_: object) -> None:
        """Nothing of this is told."""

    office = Office(HEAD_OFFICE, lives, lives / HEAD_OFFICE, network, chance, silent)
    office.clock.off_s = MORNING_S
    office.start()
    await office.up.wait()

    async def call(method: str, path: str, key: str, body: Any, **headers: str) -> Any:
        status, answer = await network.call(HEAD_OFFICE, method, path, body, Authorization=f"Bearer {key}", **headers)
        assert status < 300, answer
        return answer

    tenant = await call("POST", "/api/tenants", OPERATOR_KEY, {"name": "Corner shops"})
    key, stores = tenant["key"], {}
    for code in STORES:
        store = {"code": code, "name": f"Shop {code}", "country": "GB", "currency": "GBP", "timezone": "Europe/London"}
        stores[code] = (await call("POST", "/api/stores", key, store))["id"]
    csv = {"Content-Type": "text/csv"}
    await call("POST", "/api/catalogue/imports?currency=GBP", key, CATALOGUE.encode(), **csv)
    await call("PUT", "/api/promotions", key, {"promotions": PROMOTIONS})
    boxes = []
    for name, store in BOXES:
        node = {"name": name, "series": name.upper()}
        code = (await call("POST", f"/api/stores/{stores[store]}/nodes", key, node))["enrolment_code"]
        box = Box(name, lives, lives / name, network, chance, silent, store, name.upper())
        box.clock.off_s = MORNING_S
        await box.enrol(code)
        box.start()
        await box.up.wait()
        boxes.append(box)
    async with asyncio.timeout(PATIENCE_S):
        while not all(  # noqa: ASYNC110
            box.shop and box.shop.catalogue.pack.promotions and not box.shop.line.unsent for box in boxes
        ):
            await asyncio.sleep(1.0)
    await asyncio.sleep(PATIENCE_S)  # head office interprets the first entries
    for box in boxes:
        assert box.shop is not None
        box.books.read(box.shop.db._connection)
    for machine in (office, *boxes):
        await machine.bury()
        copied(machine.disk, disks / machine.name)
    return Template(disks, key, tenant["tenant"]["id"], stores, {box.name: box.books for box in boxes})
