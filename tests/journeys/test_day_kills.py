"""A box that is killed while it closes its day has closed it once, or not yet; nothing is in two days or in none."""

import asyncio
import random
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from edge import app as edge_app
from edge.days import service as days
from shared import ids
from shared.clock import SystemClock
from shared.protocol import entry
from tests.edge.days.test_days import close
from tests.edge.power.day import whole_journal
from tests.edge.small_shop import HandClock, open_small_shop, open_till
from tests.journeys.mortal import Client, mortal
from tests.journeys.test_two_hundred_kills import write_box_config
from tests.world import ATTENDANT_KEY

KILLS = 12
WITHIN_S = 0.03  # a closing takes about as long
SALES = 3


async def test_a_day_that_was_being_closed_is_closed_once(tmp_path: Path) -> None:
    chance = random.Random(11)
    clock = HandClock(SystemClock().now() - timedelta(days=1))
    async with open_small_shop(tmp_path / "before", clock) as shop, open_till(shop) as till:
        await till.sell("milk")
        _, first = await close(till)
        clock.at += timedelta(days=1)
        for _ in range(SALES):
            await till.sell("milk")
    async with mortal("edge") as box, aiohttp.ClientSession() as http:
        for number in range(KILLS):
            folder = tmp_path / f"{number}"
            shutil.copytree(tmp_path / "before", folder / "edge")
            config = write_box_config(folder, "http://127.0.0.1:9")
            await box.open(config)
            kiosk = Client(http, box.url, ATTENDANT_KEY)
            headers = {"Idempotency-Key": ids.new_id()}
            closing = asyncio.create_task(kiosk.insist("POST", "/api/days/closings", json={}, headers=headers))
            await asyncio.sleep(chance.uniform(0, WITHIN_S))
            await box.die()
            await box.open(config)
            second = await closing
            await box.die()

            kept, facts = await what_is_kept(folder / "edge")
            assert [one["number"] for one in kept] == [2, 1]
            assert kept[0] == second
            assert second["first_seq"] == first["last_seq"] + 1
            assert second["figures"]["orders"] == SALES
            assert facts == [first, second]


async def what_is_kept(folder: Path) -> tuple[list[Any], list[Any]]:
    """Return the closings, newest first, and those that the journal tells of, in its order."""
    async with edge_app.open_database(folder) as db:
        page = await db.transact(days.page, None, 10)
        entries = [entry.read(written) for _, written, _ in await db.transact(whole_journal)]
    told = [one.body["closing"] for one in entries if one.name == "day.closed"]
    return [one.model_dump(mode="json") for one in page.closings], told
