"""A device that fails is used again when it is back."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from devices.errors import DeviceDisconnected, PrinterOutOfPaper, PrinterPaperLow
from devices.supervision import BackOff, DeviceState, Ready, supervise

QUICK = BackOff(first_s=0.01, longest_s=0.04)


async def test_a_device_that_comes_back_is_used_again_and_each_change_is_told_once() -> None:
    states: list[DeviceState] = []
    outcomes = iter([DeviceDisconnected(address="x"), DeviceDisconnected(address="x"), PrinterOutOfPaper(), None])

    async def open_and_run(ready: Callable[[], None]) -> None:
        if problem := next(outcomes):
            raise problem
        ready()

    await supervise("till", "printer", open_and_run, states.append, QUICK)

    assert [(state.state, state.title) for state in states] == [
        ("connecting", None),
        ("failed", "The device at x is not connected."),
        ("failed", "The printer is out of paper."),
        ("ready", None),
    ]
    assert states[2].hint == PrinterOutOfPaper.hint


@pytest.mark.parametrize("gets_ready", [False, True])
async def test_pauses_double_up_to_the_longest(gets_ready: bool) -> None:
    loop = asyncio.get_running_loop()
    started: list[float] = []

    async def open_and_run(ready: Callable[[], None]) -> None:
        started.append(loop.time())
        if len(started) < 6:
            if gets_ready:
                ready()  # and fails at once: that must not earn it a fresh start
            raise DeviceDisconnected(address="x")

    await supervise("till", "printer", open_and_run, lambda state: None, QUICK)

    pauses = [after - before for before, after in pairwise(started)]
    for pause, least in zip(pauses, [0.01, 0.02, 0.04, 0.04, 0.04], strict=True):
        assert least <= pause + 0.001
    assert sum(pauses) < 1


async def test_a_device_that_worked_for_a_while_gets_a_fresh_start() -> None:
    loop = asyncio.get_running_loop()
    failed: list[float] = []
    started: list[float] = []

    async def open_and_run(ready: Callable[[], None]) -> None:
        started.append(loop.time())
        if len(started) == 4:
            ready()
            await asyncio.sleep(0.3)
        if len(started) < 5:
            failed.append(loop.time())
            raise DeviceDisconnected(address="x")

    await supervise("till", "printer", open_and_run, lambda state: None, BackOff(0.02, 10))

    assert started[3] - failed[2] >= 0.079  # the third pause in a row
    assert started[4] - failed[3] < 0.07  # the first again


async def test_our_own_mistake_is_not_retried() -> None:
    async def open_and_run(ready: Callable[[], None]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await supervise("till", "printer", open_and_run, lambda state: None, QUICK)


async def test_a_device_that_works_with_trouble_is_degraded_until_the_trouble_is_over() -> None:
    states: list[DeviceState] = []

    async def open_and_run(ready: Ready) -> None:
        ready()
        ready(PrinterPaperLow())
        ready(PrinterPaperLow())
        ready()

    await supervise("till", "printer", open_and_run, states.append, QUICK)

    assert [(state.state, state.code) for state in states[1:]] == [
        ("ready", None),
        ("degraded", "printer-paper-low"),
        ("ready", None),
    ]
