"""A drawer that is left open is told, through a real printer's status."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from devices.drawers.printer_drawer import PrinterDrawer
from devices.ports.tcp import TcpPort
from devices.printers.escpos import EscposPrinter, Patience
from devices.printers.simulated import VirtualPrinter
from devices.supervision import BackOff, DeviceState, supervise
from edge.drawers import DrawerWatch
from tests.edge.small_shop import HandClock
from tests.world import until


@dataclass
class Counter:
    printer: VirtualPrinter
    drawer: PrinterDrawer
    states: list[DeviceState]

    async def becomes(self, state: str) -> None:
        async def holds() -> bool:
            return bool(self.states) and self.states[-1].state == state

        await until(holds)


@pytest.fixture
async def counter(clock: HandClock) -> AsyncIterator[Counter]:
    async with VirtualPrinter() as printer:
        driver = EscposPrinter(TcpPort(printer.host, printer.port), patience=Patience(0.2, 0.2, 0.3))
        drawer = PrinterDrawer(driver, "high_is_open")
        states: list[DeviceState] = []
        watch = DrawerWatch(drawer, left_open_s=60, clock=clock, look_every_s=0.01).keep_watching
        watching = asyncio.create_task(supervise("cash", "drawer", watch, states.append, BackOff(0.01, 0.02)))
        yield Counter(printer, drawer, states)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await driver.close()


async def test_a_drawer_left_open_is_a_problem_until_it_is_closed(counter: Counter, clock: HandClock) -> None:
    await counter.becomes("ready")
    await counter.drawer.open("cash sale")
    await asyncio.sleep(0.1)
    clock.passed_s += 59
    await asyncio.sleep(0.1)
    assert counter.states[-1].state == "ready"

    clock.passed_s += 2
    await counter.becomes("failed")
    await asyncio.sleep(0.1)
    assert [state.code for state in counter.states if state.state == "failed"] == ["drawer-left-open"]  # told once

    counter.printer.close_drawer()
    await counter.becomes("ready")


async def test_a_drawer_that_is_used_often_is_no_problem(counter: Counter, clock: HandClock) -> None:
    await counter.becomes("ready")
    for _ in range(3):
        await counter.drawer.open("cash sale")
        await asyncio.sleep(0.05)
        clock.passed_s += 40
        counter.printer.close_drawer()
        await asyncio.sleep(0.05)

    assert counter.states[-1].state == "ready"


async def test_a_printer_that_is_away_is_no_problem_of_the_drawers(counter: Counter) -> None:
    await counter.becomes("ready")
    await counter.printer.power_off()
    await asyncio.sleep(0.2)

    assert counter.states[-1].state == "ready"
