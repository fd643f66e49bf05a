"""A reader that a test or a demo holds and that publishes on a broker, as Impinj's and Zebra's do."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from devices.errors import DeviceDisconnected
from devices.ports.mqtt import MqttPort
from devices.rfid.interface import TagRead
from devices.rfid.json_events import RENDER, Dialect

HEARTBEAT = b'{"type": "heartbeat", "data": {}}'


@dataclass(slots=True)
class SimulatedPublisher:
    """Reads all the time and publishes what it reads, and heartbeats; inside `async with`."""

    port: MqttPort
    dialect: Dialect
    topic: str
    life_topic: str
    heartbeat_s: float = 5.0
    is_mute: bool = False  # says nothing any more, as if somebody had pulled the cable
    _heart: "asyncio.Task[None] | None" = field(default=None, init=False)

    async def __aenter__(self) -> Self:
        await self.port.open()
        self._heart = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._heart:
            self._heart.cancel()
        await self.port.close()

    async def show(self, tags: Iterable[TagRead]) -> None:
        """Bring tags before the antennas."""
        for tag in tags:
            await self.send(RENDER[self.dialect](tag))

    async def send(self, payload: bytes) -> None:
        """Publish these very bytes as a read."""
        if not self.is_mute:
            await self.port.publish(self.topic, payload)

    async def _beat(self) -> None:
        with suppress(DeviceDisconnected):  # who shows tags is told
            while True:
                if not self.is_mute:
                    await self.port.publish(self.life_topic, HEARTBEAT)
                await asyncio.sleep(self.heartbeat_s)
