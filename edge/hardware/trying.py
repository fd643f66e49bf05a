"""Trying a device out while the shop is open."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from devices.drivers import address_of
from devices.errors import DeviceDisconnected
from devices.trials import TRIALS
from edge.hardware.models import Tried
from edge.shop import Heard, Shop
from shared.errors import Conflict, NotFound

LISTENED_TO = {"scanner", "card_reader", "rfid"}  # kinds that speak by themselves: the daemon holds their only link
HEARD_MAX = 100  # that nobody on trial has looked at yet


class AlreadyTried(Conflict):
    """The device is being tried out already."""

    hint = "Wait until that test has ended."


async def try_out(shop: Shop, name: str) -> Tried:
    """Try a device out while the shop is open. Raises NotFound, AlreadyTried, and what the device raises."""
    settings = next((one for one in shop.config.devices if one.name == name and one.kind in TRIALS), None)
    if settings is None:
        raise NotFound(kind="device", name=name)
    trial, device = TRIALS[settings.kind], shop.hardware[name]
    if settings.kind not in LISTENED_TO:  # it takes turns with the daemon by itself
        return Tried(name=name, kind=settings.kind, read=await trial(device, name))
    state = shop.devices.get(name)
    if state is None or state.state not in {"ready", "degraded"}:
        raise DeviceDisconnected(address=address_of(settings))
    with _tapped(shop, name) as tap:
        return Tried(name=name, kind=settings.kind, read=await trial(tap, name))


@dataclass(frozen=True, slots=True)
class _Tap:
    """A device that the daemon reads already: gives what comes next to whoever tries it out."""

    heard: "asyncio.Queue[Heard]"

    async def open(self) -> None:
        """It is open."""

    async def start(self) -> None:
        """It reads already."""

    async def read(self) -> Heard:
        return await self.heard.get()

    async def stop(self) -> None:
        """The daemon goes on reading."""

    async def close(self) -> None:
        """The daemon goes on reading."""


@contextmanager
def _tapped(shop: Shop, name: str) -> Iterator[_Tap]:
    if name in shop.taps:
        raise AlreadyTried(device=name)
    tap = shop.taps[name] = asyncio.Queue(HEARD_MAX)
    try:
        yield _Tap(tap)
    finally:
        del shop.taps[name]
