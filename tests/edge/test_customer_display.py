"""What the customer sees, through a real line and a display that decodes it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from devices.displays.escpos import EscposDisplaySettings, open_display
from devices.displays.simulated import SimulatedDisplay
from devices.ports.simulated import PtyLine
from devices.supervision import BackOff, supervise
from edge.customer_display import idle, keep_showing
from tests.edge.small_shop import HandClock, Till
from tests.world import until


@dataclass
class Lane:
    till: Till
    on_pole: SimulatedDisplay

    async def shows(self, *rows: str) -> None:
        async def holds() -> bool:
            return tuple(row.rstrip() for row in self.on_pole.rows) == rows

        await until(holds)


@pytest.fixture
async def lane(till: Till, tmp_path: Path) -> AsyncIterator[Lane]:
    line = PtyLine(tmp_path / "display0")
    simulated = SimulatedDisplay(line)
    await simulated.plug()
    settings = EscposDisplaySettings(kind="display", make="escpos", name="pole", path=str(line.path))
    work = partial(keep_showing, till.shop, settings, open_display(settings))
    showing = asyncio.create_task(supervise("pole", "display", work, till.shop.device_changed, BackOff(0.02, 0.1)))
    yield Lane(till, simulated)
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)
    assert showing.cancelled(), showing.exception()
    await simulated.unplug()


async def test_it_follows_a_sale_from_hello_to_the_change(lane: Lane, clock: HandClock) -> None:
    await lane.shows("Corner shop", "")
    await lane.till.fill("milk", "tea")
    await lane.shows("Black tea       3.49", "TOTAL           4.29")  # 10 % off drinks
    basket = await lane.till.fill("milk")
    await lane.shows("2 x Milk 1 l    2.30", "TOTAL           5.44")

    await lane.till.pay(basket["id"], tendered_minor=1_000)
    await lane.shows("Cash           10.00", "Change          4.56")

    clock.passed_s += 31
    lane.till.shop.announce_lane("kiosk")
    await lane.shows("Corner shop", "")


async def test_a_card_payment_ends_with_thanks(lane: Lane) -> None:
    basket = await lane.till.fill("mug")

    await lane.till.pay_by_card(basket["id"])

    await lane.shows("Card            5.00", "Thank you")


async def test_a_sale_goes_on_without_its_display_which_catches_up(lane: Lane) -> None:
    await lane.shows("Corner shop", "")
    await lane.on_pole.unplug()

    basket = await lane.till.fill("mug", "milk")
    assert (await lane.till.pay(basket["id"]))[0] == 200
    await lane.till.fill("tea")
    await lane.on_pole.plug()

    await lane.shows("Black tea       3.49", "TOTAL           3.14")

    async def is_ready() -> bool:
        return lane.till.shop.devices["pole"].state == "ready"

    await until(is_ready)


def test_a_long_idle_text_takes_both_rows() -> None:
    upper, lower = idle("Welcome to the corner shop of all corners", 20)

    assert (upper.left, lower.left) == ("Welcome to the", "corner shop of all")
