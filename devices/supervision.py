"""Keeps one device in use: runs its loop, and runs it again whenever the device fails."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from devices.errors import DeviceError


@dataclass(frozen=True, slots=True)
class DeviceState:
    """How one device is doing, as screens show it."""

    name: str
    kind: str  # as in the configuration: scanner, printer, scale …
    state: Literal["connecting", "ready", "degraded", "failed"]  # degraded: it works, but somebody should look
    code: str | None = None  # what is wrong: for translators
    title: str | None = None  # and in words
    hint: str | None = None  # what the person in front of it can do


class Ready(Protocol):
    """What a device's loop calls as soon as the device works, and again whenever it likes."""

    def __call__(self, trouble: DeviceError | None = None) -> None:
        """trouble: what somebody should look at though it works."""


Serving = Callable[[Ready], Awaitable[None]]  # a device's loop


@dataclass(frozen=True, slots=True)
class BackOff:
    """Seconds between two attempts: doubling from the first to the longest."""

    first_s: float = 0.2  # a cable that wobbled is back at once
    longest_s: float = 10.0  # a person who plugs a device in waits no longer than this


async def supervise(
    name: str,
    kind: str,
    open_and_run: Serving,
    on_state: Callable[[DeviceState], None],
    back_off: BackOff = BackOff(),
) -> None:
    """Run a device's loop until it returns by itself or this task is cancelled.

    open_and_run: opens the device, calls its argument when the device is ready, then serves it. When it raises a
    DeviceError it is started again after a pause; any other error is our mistake and goes through. on_state: told
    each change: connecting, then ready, degraded and failed by turns. A device that keeps failing stays failed between
    the attempts, and is not told again unless the reason changes.
    """
    loop = asyncio.get_running_loop()
    teller = Teller(on_state)
    pause_s = back_off.first_s
    teller.tell(DeviceState(name, kind, "connecting"))
    while True:
        readiness: asyncio.Future[float] = loop.create_future()
        try:
            return await open_and_run(partial(become_ready, readiness, teller, name, kind))
        except DeviceError as problem:
            teller.tell(troubled(name, kind, "failed", problem))
        # One that worked for a while gets a fresh start; one that fails as soon as it is ready does not.
        if readiness.done() and loop.time() - readiness.result() >= pause_s:
            pause_s = back_off.first_s
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, back_off.longest_s)


def become_ready(
    readiness: "asyncio.Future[float]", teller: "Teller", name: str, kind: str, trouble: DeviceError | None = None
) -> None:
    """Note the moment, once, and tell."""
    if not readiness.done():
        readiness.set_result(asyncio.get_running_loop().time())
    teller.tell(troubled(name, kind, "degraded", trouble) if trouble else DeviceState(name, kind, "ready"))


def troubled(name: str, kind: str, state: Literal["degraded", "failed"], problem: DeviceError) -> DeviceState:
    return DeviceState(name, kind, state, problem.code, problem.title, problem.hint)


@dataclass(slots=True)
class Teller:
    """Tells each state once."""

    on_state: Callable[[DeviceState], None]
    told: DeviceState | None = None

    def tell(self, state: DeviceState) -> None:
        if state != self.told:
            self.told = state
            self.on_state(state)
